"""Clients that verify their tokens with the provider's keys, when another key signs them: whether they fetch it."""

from collections.abc import Iterator

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.token_answers import is_unused, token_members

FETCHES_KEYS = "TOKEN-12"
"""The obligation to fetch the keys again."""


def tokens_of_unknown_keys(evidence: Evidence, run: Run) -> Iterator[JudgedCall]:
    """Yields the answers of a run with a token whose key was in no key set that the client had fetched until then.

    A client that never fetched any does not verify its tokens.
    """
    operation = evidence.adapter.keys_operation
    sets = [call for call in evidence.calls if operation and call.entry.operation == operation]
    for call in run.calls:
        kid = evidence.signing_keys.get(call.entry.id)
        if kid is None or call.entry.operation != evidence.adapter.token_operation or not token_members(call.entry):
            continue
        earlier = [other for other in sets if other.entry.id < call.entry.id and other.entry.status == 200]
        if earlier and not any(kid in other.entry.reply for other in earlier):
            yield call


def refused_for_its_key(evidence: Evidence, run: Run, token: JudgedCall) -> bool:
    """Tells whether the client fetched no keys after such a token, and never used it."""
    later = (call for call in run.calls if call.entry.id > token.entry.id)
    return is_unused(run, token) and not any(call.entry.operation == evidence.adapter.keys_operation for call in later)


def stuck_at_key(evidence: Evidence, run: Run) -> JudgedCall | None:
    """Returns the token of an unknown key at which a run came to its end."""
    tokens = tokens_of_unknown_keys(evidence, run)
    return next((token for token in tokens if refused_for_its_key(evidence, run, token)), None)
