"""How a client goes from page to page: what it asks for again, what it sends as a cursor, and where it stops."""

from collections.abc import Iterator, Sequence
from math import inf
from urllib.parse import unquote

from mockserver.judge.calls import CrawlKey, JudgedCall, crawl_key, is_start
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.pagination_overrun import MIN_PAUSE, is_no_cursor, overruns
from mockserver.judge.rulings import Finding, Judges, Ruling, rule
from mockserver.provider_api.judge_adapter import PageRequest


def _asks_for_no_page_twice(evidence: Evidence) -> Ruling:
    findings = []
    for run in evidence.runs:
        twice = [] if overruns(evidence.adapter, run) else list(_asked_again(run))
        if twice:
            text = f"run {run.number} asked for the {_page(twice[0][1])} again, though it had come whole" + _more(twice)
            entries = tuple(call.entry.id for pair in twice[:3] for call in pair)
            findings.append(Finding(text, entries))
    reached = any(sum(call.page is not None for call in run.calls) > 1 for run in evidence.runs)
    return rule(findings, reached=reached)


def _asked_again(run: Run) -> Iterator[tuple[JudgedCall, JudgedCall]]:
    """Pages that came whole and were asked for again in the same crawl, with nothing in between to explain it.

    A failure explains it, an answer that a fault slowed, a list that shifted, and a pause: who polls looks anew. A
    list that shifted may be begun anew, and then all its pages are new. Lists of one page are read again for reasons
    of the client's; where that befalls one after another, there is none.
    """
    got: dict[PageRequest, JudgedCall] = {}
    totals: dict[CrawlKey, int | None] = {}
    over: set[CrawlKey] = set()  # came to their end, or shifted: their next beginning is another crawl
    at_once: list[tuple[JudgedCall, JudgedCall]] = []
    sooner: JudgedCall | None = None
    latest: JudgedCall | None = None
    for call in run.calls:
        if sooner is not None and call.entry.real_at - sooner.entry.real_at >= MIN_PAUSE:
            got.clear()
        sooner, asked, page = call, call.page_request, call.page
        if call.got_error or call.entry.fault:
            got.clear()
        elif asked is not None and page is not None:
            key, former = crawl_key(asked), got.get(asked)
            begins_anew = is_start(asked) and key in over
            if begins_anew and former is not None and former is latest and _same(former, call) and page.items:
                at_once.append((former, call))
            shifted = totals.get(key, page.total) != page.total or _overlaps(call, got)
            if begins_anew or shifted:
                got = {other: kept for other, kept in got.items() if crawl_key(other) != key}
                over.discard(key)
                former = None
            if former is not None and _same(former, call):
                yield former, call
            got[asked], totals[key], latest = call, page.total, call
            if page.next is None or (shifted and not is_start(asked)):
                over.add(key)
    if len({crawl_key(call.page_request) for _, call in at_once if call.page_request is not None}) > 1:
        yield from at_once


def _overlaps(call: JudgedCall, got: dict[PageRequest, JudgedCall]) -> bool:
    """Whether a page shows what another page of its list has shown already: that is how a shift is seen."""
    assert call.page_request is not None
    key, ids = crawl_key(call.page_request), {item.id for item in call.items}
    others = [kept for asked, kept in got.items() if crawl_key(asked) == key and asked.place != call.page_request.place]
    return any(not ids.isdisjoint(item.id for item in kept.items) for kept in others)


def _same(former: JudgedCall, call: JudgedCall) -> bool:
    """Whether it is the same request, word for word, and the same answer."""
    a, b = former.entry, call.entry
    asked_same = (a.method, a.path, a.query, a.request) == (b.method, b.path, b.query, b.request)
    return asked_same and [item.id for item in former.items] == [item.id for item in call.items]


def _makes_up_no_cursor(evidence: Evidence) -> Ruling:
    made_up: list[tuple[JudgedCall, str]] = []
    foreign: list[tuple[JudgedCall, str]] = []
    for call, place, givers in _with_cursors(evidence):
        if not givers:
            made_up.append((call, place))
        elif _is_refused(call) and _is_of_another_list(call, givers):
            foreign.append((call, place))
    findings = []
    if made_up:
        call, place = made_up[0]
        text = f"run {call.run} sent the cursor `{_short(place)}`, which no answer had given" + _more(made_up)
        findings.append(Finding(text, _ids(made_up)))
    if foreign:
        call, place = foreign[0]
        text = f"run {call.run} sent the cursor `{_short(place)}` with other bounds than those that it was given for"
        findings.append(Finding(text + _more(foreign), _ids(foreign)))
    reached = any(call.page_request is not None and call.page_request.place for call in evidence.calls)
    return rule(findings, reached=reached and not evidence.adapter.uses_offsets)


def _with_cursors(evidence: Evidence) -> Iterator[tuple[JudgedCall, str, list[JudgedCall]]]:
    """The calls with a cursor, and the earlier ones whose answers gave it. A word for none, sent behind the end, is
    no cursor.
    """
    if evidence.adapter.uses_offsets:
        return
    given: dict[str, list[JudgedCall]] = {}
    ids: dict[str, list[JudgedCall]] = {}
    broken: list[JudgedCall] = []
    ended: set[CrawlKey] = set()
    for call in evidence.calls:
        asked, page = call.page_request, call.page
        if asked is None:
            continue
        if asked.place and not (is_no_cursor(asked.place) and crawl_key(asked) in ended):
            yield call, asked.place, _givers(call, asked.place, given, ids, broken)
        if page is None:
            broken.append(call)
        elif page.next is None:
            ended.add(crawl_key(asked))
        else:
            given.setdefault(page.next, []).append(call)
            for item in page.items:
                ids.setdefault(item.id, []).append(call)


def _givers(
    call: JudgedCall,
    place: str,
    given: dict[str, list[JudgedCall]],
    ids: dict[str, list[JudgedCall]],
    broken: list[JudgedCall],
) -> list[JudgedCall]:
    """Where the client may have it from."""
    if place in given:
        return given[place]
    if not _is_refused(call):
        # What the provider takes is right: an encoding that comes to the same, or a lead that will do for a cursor.
        alike = [giver for cursor, givers in given.items() if unquote(cursor) == unquote(place) for giver in givers]
        if alike or place in ids:
            return alike or ids[place]
    # An answer that is not whole may have had its cursor all the same.
    return [other for other in broken if place in other.entry.reply or place in unquote(other.entry.reply)]


def _is_refused(call: JudgedCall) -> bool:
    return any(violation.rule == "cursor" for violation in call.entry.violations)


def _is_of_another_list(call: JudgedCall, givers: list[JudgedCall]) -> bool:
    """Whether the same run had it from a list with other bounds, and no run from this one.

    Who goes on with one of an earlier run is not to blame when it is not good any more.
    """
    assert call.page_request is not None
    mine = crawl_key(call.page_request)
    keys = [crawl_key(giver.page_request) for giver in givers if giver.page_request is not None]
    return mine not in keys and any(giver.run == call.run for giver in givers)


def _stops_at_the_end(evidence: Evidence) -> Ruling:
    found = [found for run in evidence.runs for found in overruns(evidence.adapter, run)]
    reached = any(crawl.complete for run in evidence.runs for crawl in run.crawls)
    entries = tuple(dict.fromkeys(id for each in found[:3] for id in each.entries[:3]))
    findings = [Finding(found[0].text + _more(found), entries[:6])] if found else []
    return rule(findings, reached=reached)


def _asks_for_short_periods(evidence: Evidence) -> Ruling:
    longest = evidence.adapter.longest_window
    spans = {
        call.entry.id: (call, call.page_request.until - call.page_request.since)
        for call in evidence.calls
        if call.page_request is not None and call.page_request.since is not None and call.page_request.until is not None
    }
    if longest is None or not spans:
        return rule([], reached=False)
    # A bound that is taken for exclusive may be one second further off than what was asked for.
    long = [
        (call, span)
        for call, span in spans.values()
        if span > longest + 1 or (span > longest and any(each.rule == "period" for each in call.entry.violations))
    ]
    findings = []
    if long:
        call, span = long[0]
        text = f"run {call.run} asked for a period of {span:,.0f} seconds; {longest:,} are the most" + _more(long)
        findings.append(Finding(text, _ids(long)))
    return rule(findings, reached=True)


def _begins_anew(evidence: Evidence) -> Ruling:
    """Of cursors that were good once: each is judged at the first refusal of a run."""
    refused: dict[tuple[int, str], JudgedCall] = {}
    for call, place, givers in _with_cursors(evidence):
        if givers and _is_refused(call) and not _is_of_another_list(call, givers):
            refused.setdefault((call.run, place), call)
    findings = [found for call in refused.values() for found in _after_refusal(evidence.run(call.run), call)]
    return rule(findings, reached=bool(refused))


def _after_refusal(run: Run, refused: JudgedCall) -> Iterator[Finding]:
    assert refused.page_request is not None
    feed, place = refused.page_request.feed, refused.page_request.place
    later = [call for call in run.calls if call.entry.id > refused.entry.id]
    own = [
        (call, call.page_request) for call in later if call.page_request is not None and call.page_request.feed == feed
    ]
    again = [call for call, asked in own if asked.place == place and _is_refused(call)]
    if len(again) > 1:
        text = f"run {run.number} sent a cursor of the {feed} {len(again)} times more after it was refused"
        yield Finding(text, (refused.entry.id, *(call.entry.id for call in again[:5])))
    end = inf if refused.page_request.until is None else refused.page_request.until
    if not any(is_start(asked) and (asked.since is None or asked.since < end) for _, asked in own):
        text = f"run {run.number} did not begin the {feed} anew after their cursor was refused"
        yield Finding(text, (refused.entry.id,))


def _page(call: JudgedCall) -> str:
    asked = call.page_request
    assert asked is not None
    if is_start(asked):
        return f"first page of the {asked.feed}"
    return f"page of the {asked.feed} at `{_short(asked.place)}`"


def _short(place: str) -> str:
    return place if len(place) <= 40 else f"{place[:37]}..."


def _more(found: Sequence[object]) -> str:
    more = len(found) - 1
    return f", and so {'once' if more == 1 else f'{more} times'} more" if more else ""


def _ids(found: Sequence[tuple[JudgedCall, object]]) -> tuple[int, ...]:
    return tuple(call.entry.id for call, _ in found[:6])


JUDGES: Judges = {
    "PAGE-02": _asks_for_no_page_twice,
    "PAGE-03": _makes_up_no_cursor,
    "PAGE-07": _stops_at_the_end,
    "PAGE-08": _asks_for_short_periods,
    "PAGE-10": _begins_anew,
}
