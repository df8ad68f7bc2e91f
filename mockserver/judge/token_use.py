"""The use that a client makes of a token: whether it takes the answer, and knows the key that signed it."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.token_answers import form_to_take, token_members

FETCHES_KEYS = "TOKEN-12"
"""The obligation to fetch the keys again when another one signs."""
_KEY_ID = re.compile(r'"kid"\s*:\s*"([^"]+)"')


def unusual_form(evidence: Evidence, run: Run) -> str | None:
    """Returns the obligation to take the last token answer of a run, where that is of an unusual form."""
    operation = evidence.adapter.token_operation
    last = next((call for call in reversed(run.calls) if operation and call.entry.operation == operation), None)
    return None if last is None else form_to_take(last.entry)


def is_unused(run: Run, token: JudgedCall) -> bool:
    """Tells whether a run made no call with credentials after it got that token."""
    last = run.index.last_that("carries credentials", _carries_credentials)
    return last is None or last.entry.id < token.entry.id


def _carries_credentials(call: JudgedCall) -> bool:
    return any(name.lower() == b"authorization" for name, _ in call.entry.request_headers)


@lru_cache(maxsize=8)
def tokens_of_unknown_keys(evidence: Evidence) -> Mapping[int, Sequence[JudgedCall]]:
    """Returns, by run, the answers with a token whose key was in no key set that the client had fetched until then.

    A client that never fetched any does not verify its tokens.
    """
    adapter = evidence.adapter
    ids: set[str] = set()
    tokens: dict[int, list[JudgedCall]] = defaultdict(list)
    for call in evidence.calls if adapter.keys_operation else ():
        if call.entry.operation == adapter.keys_operation and call.entry.status == 200:
            ids.update(_KEY_ID.findall(call.entry.reply))
        elif ids and call.entry.operation == adapter.token_operation and token_members(call.entry):
            kid = evidence.signing_keys.get(call.entry.id)
            if kid is not None and kid not in ids:
                tokens[call.run].append(call)
    return tokens


def stuck_at_key(evidence: Evidence, run: Run) -> JudgedCall | None:
    """Returns the token of an unknown key at which a run came to its end: it fetched no keys, and never used it."""
    operation = evidence.adapter.keys_operation
    last = run.index.last_that("fetches keys", lambda call: call.entry.operation == operation)
    for token in tokens_of_unknown_keys(evidence).get(run.number, ()):
        if is_unused(run, token) and (last is None or last.entry.id < token.entry.id):
            return token
    return None
