"""Judges how a client reads lists: no page twice, no period too long, and no call behind the end."""

from collections.abc import Iterator

from mockserver.judge.calls import CrawlKey, JudgedCall, crawl_key, is_start
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.obligations.queries import and_more, shortened
from mockserver.judge.pagination_overrun import MIN_PAUSE, overruns
from mockserver.judge.rulings import Finding, Judges, Ruling, rule
from mockserver.provider_api.judge_adapter import PageRequest

_MAX_CALLS = 6


def _asks_for_no_page_twice(evidence: Evidence) -> Ruling:
    findings = []
    for run in evidence.runs:
        twice = [] if overruns(evidence.adapter, run) else list(_repeated_pages(run))
        if twice:
            page = _page(twice[0][1])
            text = f"run {run.number} asked for the {page} again, though it had come whole" + and_more(twice)
            entries = tuple(call.entry.id for pair in twice[:3] for call in pair)
            findings.append(Finding(text, entries))
    reached = any(sum(call.page is not None for call in run.calls) > 1 for run in evidence.runs)
    return rule(findings, reached=reached)


def _repeated_pages(run: Run) -> Iterator[tuple[JudgedCall, JudgedCall]]:
    """Yields pages that came whole and were asked for again in the same crawl, with nothing in between to explain it.

    A failure explains it, an answer that a fault slowed, a list that shifted, and a pause, since a client that polls
    looks anew. A list that shifted may be begun anew, and then all its pages are new. Lists of one page are read again
    for reasons of the client's; where that befalls one after another, there is none.
    """
    got: dict[CrawlKey, _GotPages] = {}
    ids = _Ids()
    totals: dict[CrawlKey, int | None] = {}
    over: set[CrawlKey] = set()  # came to their end, or shifted: their next beginning is another crawl
    at_once: list[tuple[JudgedCall, JudgedCall]] = []
    sooner: JudgedCall | None = None
    latest: JudgedCall | None = None
    for call in run.calls:
        if sooner is not None and call.entry.real_at - sooner.entry.real_at >= MIN_PAUSE:
            got.clear()
        sooner, request, page = call, call.page_request, call.page
        if call.got_error or call.entry.fault:
            got.clear()
        elif request is not None and page is not None:
            key = crawl_key(request)
            pages = got[key] if key in got else got.setdefault(key, _GotPages(ids))
            former = pages.get(request)
            begins_anew = is_start(request) and key in over
            if begins_anew and former is not None and former is latest and _is_same(former, call) and page.items:
                at_once.append((former, call))
            shifted = totals.get(key, page.total) != page.total or pages.overlap(call)
            if begins_anew or shifted:
                pages = got[key] = _GotPages(ids)
                over.discard(key)
                former = None
            if former is not None and _is_same(former, call):
                yield former, call
            pages.add(request, call)
            totals[key], latest = page.total, call
            if page.next is None or (shifted and not is_start(request)):
                over.add(key)
    if len({crawl_key(call.page_request) for _, call in at_once if call.page_request is not None}) > 1:
        yield from at_once


class _Ids:
    """The ids of the leads of pages, made once for pages that are the same."""

    def __init__(self) -> None:
        self._ids: dict[int, frozenset[str]] = {}

    def of(self, call: JudgedCall) -> frozenset[str]:
        """Returns the ids of the leads that a call showed."""
        ids = self._ids.get(id(call.items))
        if ids is None:
            ids = self._ids[id(call.items)] = frozenset(item.id for item in call.items)
        return ids


class _GotPages:
    """The pages of one list that came whole, each as it came last."""

    def __init__(self, ids: _Ids) -> None:
        self._of = ids.of
        self._pages: dict[PageRequest, JudgedCall] = {}
        self._ids: frozenset[str] | set[str] = frozenset()
        """The leads of all of them, and of those that came before."""
        self._overlaps: dict[tuple[str, int], bool] = {}

    def get(self, request: PageRequest) -> JudgedCall | None:
        """Returns the last call for a page."""
        return self._pages.get(request)

    def add(self, request: PageRequest, call: JudgedCall) -> None:
        """Adds a page, in the stead of the one that came before."""
        former = self._pages.get(request)
        if former is None or former.items is not call.items:
            # Most lists have one page, and share its ids.
            if isinstance(self._ids, set):
                self._ids |= self._of(call)
            else:
                self._ids = {*self._ids, *self._of(call)} if self._ids else self._of(call)
            self._overlaps.clear()
        self._pages[request] = call

    def overlap(self, call: JudgedCall) -> bool:
        """Tells whether a page shows what another page of its list has shown already, since the list shifted."""
        assert call.page_request is not None
        place = call.page_request.place
        ids = self._of(call)
        if ids.isdisjoint(self._ids):
            return False
        key = (place, id(call.items))
        if key not in self._overlaps:
            others = (other for request, other in self._pages.items() if request.place != place)
            self._overlaps[key] = any(not ids.isdisjoint(self._of(other)) for other in others)
        return self._overlaps[key]


def _is_same(former: JudgedCall, call: JudgedCall) -> bool:
    """Tells whether it is the same request, word for word, and the same answer."""
    a, b = former.entry, call.entry
    if (a.method, a.path, a.query, a.request) != (b.method, b.path, b.query, b.request):
        return False
    return former.items is call.items or [item.id for item in former.items] == [item.id for item in call.items]


def _page(call: JudgedCall) -> str:
    request = call.page_request
    assert request is not None
    if is_start(request):
        return f"first page of the {request.feed}"
    return f"page of the {request.feed} at `{shortened(request.place)}`"


def _stops_at_the_end(evidence: Evidence) -> Ruling:
    ways = [overrun for run in evidence.runs for overrun in overruns(evidence.adapter, run)]
    reached = any(crawl.complete for run in evidence.runs for crawl in run.crawls)
    entries = tuple(dict.fromkeys(id for overrun in ways[:3] for id in overrun.entries[:3]))
    findings = [Finding(ways[0].text + and_more(ways), entries[:_MAX_CALLS])] if ways else []
    return rule(findings, reached=reached)


def _asks_for_short_periods(evidence: Evidence) -> Ruling:
    longest = evidence.adapter.longest_window
    spans = [(call, span) for call in evidence.calls if (span := _span(call)) is not None]
    if longest is None or not spans:
        return rule([], reached=False)
    # A bound that is taken for exclusive may be one second further off than what was asked for.
    long = [(call, span) for call, span in spans if span > longest + 1 or (span > longest and _is_refused(call))]
    findings = []
    if long:
        call, span = long[0]
        text = f"run {call.run} asked for a period of {span:,.0f} seconds; {longest:,} are the most" + and_more(long)
        findings.append(Finding(text, tuple(call.entry.id for call, _ in long[:_MAX_CALLS])))
    return rule(findings, reached=True)


def _span(call: JudgedCall) -> float | None:
    """Returns the seconds of the period that is asked for; None where there is none, or a bound is open."""
    request = call.page_request
    if request is None or request.since is None or request.until is None:
        return None
    return request.until - request.since


def _is_refused(call: JudgedCall) -> bool:
    return any(violation.rule == "period" for violation in call.entry.violations)


JUDGES: Judges = {
    "PAGE-02": _asks_for_no_page_twice,
    "PAGE-07": _stops_at_the_end,
    "PAGE-08": _asks_for_short_periods,
}
