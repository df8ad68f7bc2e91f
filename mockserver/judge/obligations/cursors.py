"""Judges how a client uses cursors: none that it made up, and the list anew when one is refused."""

from collections.abc import Iterator, Sequence
from math import inf
from urllib.parse import unquote

from mockserver.judge.calls import CrawlKey, JudgedCall, crawl_key, is_start
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.obligations.queries import and_more, shortened
from mockserver.judge.pagination_overrun import is_no_cursor
from mockserver.judge.rulings import Finding, Judges, Ruling, rule

_MAX_CALLS = 6


def _makes_up_no_cursor(evidence: Evidence) -> Ruling:
    made_up: list[tuple[JudgedCall, str]] = []
    foreign: list[tuple[JudgedCall, str]] = []
    for call, cursor, sources in _with_cursors(evidence):
        if not sources:
            made_up.append((call, cursor))
        elif _is_refused(call) and _is_of_another_list(call, sources):
            foreign.append((call, cursor))
    findings = []
    if made_up:
        call, cursor = made_up[0]
        text = f"run {call.run} sent the cursor `{shortened(cursor)}`, which no answer had given" + and_more(made_up)
        findings.append(Finding(text, _ids(made_up)))
    if foreign:
        call, cursor = foreign[0]
        text = (
            f"run {call.run} sent the cursor `{shortened(cursor)}` with other bounds than those that it was given for"
        )
        findings.append(Finding(text + and_more(foreign), _ids(foreign)))
    reached = any(call.page_request is not None and call.page_request.place for call in evidence.calls)
    return rule(findings, reached=reached and not evidence.adapter.uses_offsets)


def _ids(calls: Sequence[tuple[JudgedCall, str]]) -> tuple[int, ...]:
    return tuple(call.entry.id for call, _ in calls[:_MAX_CALLS])


def _with_cursors(evidence: Evidence) -> Iterator[tuple[JudgedCall, str, list[JudgedCall]]]:
    """Yields the calls with a cursor, each with the earlier ones whose answers gave it.

    A word for none, sent behind the end, is no cursor.
    """
    if evidence.adapter.uses_offsets:
        return
    by_cursor: dict[str, list[JudgedCall]] = {}
    by_lead: dict[str, list[JudgedCall]] = {}
    broken: list[JudgedCall] = []
    ended: set[CrawlKey] = set()
    for call in evidence.calls:
        request, page = call.page_request, call.page
        if request is None:
            continue
        cursor = request.place
        if cursor and not (is_no_cursor(cursor) and crawl_key(request) in ended):
            yield call, cursor, _sources(call, cursor, by_cursor, by_lead, broken)
        if page is None:
            broken.append(call)
        elif page.next is None:
            ended.add(crawl_key(request))
        else:
            by_cursor.setdefault(page.next, []).append(call)
            for item in page.items:
                by_lead.setdefault(item.id, []).append(call)


def _sources(
    call: JudgedCall,
    cursor: str,
    by_cursor: dict[str, list[JudgedCall]],
    by_lead: dict[str, list[JudgedCall]],
    broken: list[JudgedCall],
) -> list[JudgedCall]:
    """Returns the earlier calls from which the client may have the cursor."""
    if cursor in by_cursor:
        return by_cursor[cursor]
    if not _is_refused(call):
        # A cursor that the provider takes is right: another encoding of it, or a lead that will do for one.
        alike = [source for other, calls in by_cursor.items() if unquote(other) == unquote(cursor) for source in calls]
        if alike or cursor in by_lead:
            return alike or by_lead[cursor]
    # An answer that is not whole may have had its cursor all the same.
    return [other for other in broken if cursor in other.entry.reply or cursor in unquote(other.entry.reply)]


def _is_refused(call: JudgedCall) -> bool:
    return any(violation.rule == "cursor" for violation in call.entry.violations)


def _is_of_another_list(call: JudgedCall, sources: list[JudgedCall]) -> bool:
    """Tells whether the same run had it from a list with other bounds, and no run from this one.

    A client that goes on with a cursor of an earlier run is not to blame when it is not good any more.
    """
    assert call.page_request is not None
    keys = [crawl_key(source.page_request) for source in sources if source.page_request is not None]
    return crawl_key(call.page_request) not in keys and any(source.run == call.run for source in sources)


def _begins_anew(evidence: Evidence) -> Ruling:
    """Judges cursors that were good once, each at the first refusal of a run."""
    refused: dict[tuple[int, str], JudgedCall] = {}
    for call, cursor, sources in _with_cursors(evidence):
        if sources and _is_refused(call) and not _is_of_another_list(call, sources):
            refused.setdefault((call.run, cursor), call)
    findings = [finding for call in refused.values() for finding in _after_refusal(evidence.run(call.run), call)]
    return rule(findings, reached=bool(refused))


def _after_refusal(run: Run, refused: JudgedCall) -> Iterator[Finding]:
    assert refused.page_request is not None
    feed, cursor = refused.page_request.feed, refused.page_request.place
    later = [call for call in run.calls if call.entry.id > refused.entry.id]
    of_list = [(call, call.page_request) for call in later if call.page_request and call.page_request.feed == feed]
    again = [call for call, request in of_list if request.place == cursor and _is_refused(call)]
    if len(again) > 1:
        text = f"run {run.number} sent a cursor of the {feed} {len(again)} times more after it was refused"
        yield Finding(text, (refused.entry.id, *(call.entry.id for call in again[:5])))
    end = inf if refused.page_request.until is None else refused.page_request.until
    if not any(is_start(request) and (request.since is None or request.since < end) for _, request in of_list):
        text = f"run {run.number} did not begin the {feed} anew after their cursor was refused"
        yield Finding(text, (refused.entry.id,))


JUDGES: Judges = {"PAGE-03": _makes_up_no_cursor, "PAGE-10": _begins_anew}
