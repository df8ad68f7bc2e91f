"""Explains runs in which no list of leads was answered: no credentials, wrong ones, another agency, no list at all."""

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.obligations.queries import answered_well, gives_token, is_api, is_token, members, named, wrongs

Cause = tuple[str, list[JudgedCall]]
"""Half a sentence, and the calls that show it."""


def refused_everywhere(evidence: Evidence, run: Run, lists: list[str]) -> Cause | None:
    """Explains a run without any answer to a list; None when another obligation is about it."""
    if any(wrongs(call.entry) or _lacks_right(call) or _asks_for_too_little(evidence, call) for call in run.calls):
        return None  # a request that does not fit, or a right that is lacking
    listings = [call for call in run.calls if call.page_request is not None]
    calls = [call for call in run.calls if not is_token(evidence, call)]
    if refused := [call for call in calls if call.entry.status == 401]:
        return _unknown_to_the_provider(evidence, run, refused)
    if listings:
        return _not_its_list(listings, lists)
    if not calls:
        return _no_call(evidence, run)
    if lost := [call for call in calls if not call.entry.operation]:
        return f"it called addresses that are not there: {_answered(lost[0])}", lost
    if any(call.entry.method not in ("GET", "HEAD") and answered_well(call) for call in calls):
        return None  # it is there to send leads, or to have them sent
    return "it asked for no list of leads", calls


def _lacks_right(call: JudgedCall) -> bool:
    return call.entry.status == 403 and "scope" in call.entry.reply.lower()


def _asks_for_too_little(evidence: Evidence, call: JudgedCall) -> bool:
    """Tells whether it requests a token without the scope or audience that it needs."""
    needed = evidence.adapter.token_needs
    return needed is not None and is_token(evidence, call) and not (members(call.entry.request) or {}).get(needed)


def _unknown_to_the_provider(evidence: Evidence, run: Run, refused: list[JudgedCall]) -> Cause | None:
    with_credentials = [call for call in refused if is_api(evidence, call)]
    if not with_credentials:
        return f"it sent no credentials: {_answered(refused[0])}", refused
    if evidence.adapter.token_operation is None:
        return f"its credentials are not those of its environment: {_answered(refused[0])}", refused
    if not any(gives_token(evidence, call) for other in evidence.runs for call in other.calls):
        return f"it sent a token that no answer had given: {_answered(refused[0])}", refused
    return None


def _not_its_list(listings: list[JudgedCall], lists: list[str]) -> Cause | None:
    refused = [call for call in listings if call.entry.status in (403, 404)]
    if not refused:
        return None
    names = sorted({call.page_request.feed for call in refused if call.page_request is not None})
    text = (
        f"it asked for the {' and the '.join(names)}: {_answered(refused[0])}; they are in the {', the '.join(lists)}"
    )
    return text, refused


def _no_call(evidence: Evidence, run: Run) -> Cause | None:
    refused = [call for call in run.calls if call.entry.status in (400, 401, 403)]
    if len(refused) == len(run.calls):
        return f"it was refused a token: {_answered(refused[0])}", refused
    return "it asked for a token, and for no list of leads", list(run.calls)


def _answered(call: JudgedCall) -> str:
    return f"{named(call)} was answered with {call.entry.status}"
