"""Indexes the calls of one run, so that judges need not look at all calls for each of them."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from math import inf

from mockserver.judge.calls import Crawl, JudgedCall, aim_of, is_start, request_of, was_answered_well
from mockserver.judge.windows import FirstWindows, WidestWindows


class RunIndex:
    """Looks up calls of a run. What it counts on is that their ids rise."""

    def __init__(self, calls: Sequence[JudgedCall], crawls: Sequence[Crawl]) -> None:
        self._calls = calls
        self._crawls = crawls
        self._ids = [call.entry.id for call in calls]
        self._matching: dict[str, list[int]] = {}
        self._groups: dict[str, Mapping[Hashable, list[JudgedCall]]] = {}
        self._windows: dict[tuple[str, str], tuple[list[Crawl], FirstWindows]] = {}

    def after(self, call: JudgedCall) -> Iterator[JudgedCall]:
        """Returns the calls that came later, one after another."""
        return self.between(call.entry.id, inf)

    def between(self, first: float, last: float) -> Iterator[JudgedCall]:
        """Returns the calls whose ids lie between these two."""
        start, end = bisect_right(self._ids, first), bisect_left(self._ids, last)
        return (self._calls[position] for position in range(start, end))

    def first_after(self, call: JudgedCall, name: str, matches: Callable[[JudgedCall], bool]) -> JudgedCall | None:
        """Returns the next call that matches; the name stands for the question, which is asked once of each call."""
        positions = self._positions(name, matches)
        place = bisect_right(positions, bisect_right(self._ids, call.entry.id) - 1)
        return self._calls[positions[place]] if place < len(positions) else None

    def count_between(
        self, first: JudgedCall, last: JudgedCall, name: str, matches: Callable[[JudgedCall], bool]
    ) -> int:
        """Counts the calls between two others that match."""
        positions = self._positions(name, matches)
        start = bisect_right(positions, bisect_right(self._ids, first.entry.id) - 1)
        return max(0, bisect_left(positions, bisect_left(self._ids, last.entry.id)) - start)

    def last_that(self, name: str, matches: Callable[[JudgedCall], bool]) -> JudgedCall | None:
        """Returns the last call that matches."""
        positions = self._positions(name, matches)
        return self._calls[positions[-1]] if positions else None

    def first_that(self, name: str, matches: Callable[[JudgedCall], bool]) -> JudgedCall | None:
        """Returns the first call that matches."""
        positions = self._positions(name, matches)
        return self._calls[positions[0]] if positions else None

    def grouped(
        self, name: str, matches: Callable[[JudgedCall], bool], key: Callable[[JudgedCall], Hashable] = aim_of
    ) -> Mapping[Hashable, list[JudgedCall]]:
        """Returns the calls that match, in groups of one key, each in order."""
        if name not in self._groups:
            groups: dict[Hashable, list[JudgedCall]] = {}
            for position in self._positions(name, matches):
                groups.setdefault(key(self._calls[position]), []).append(self._calls[position])
            self._groups[name] = groups
        return self._groups[name]

    def _positions(self, name: str, matches: Callable[[JudgedCall], bool]) -> list[int]:
        if name not in self._matching:
            self._matching[name] = [position for position, call in enumerate(self._calls) if matches(call)]
        return self._matching[name]

    def got_later(self, call: JudgedCall) -> bool:
        """Tells whether the page of a call came whole later in the run, alone or with its whole list read anew."""
        if call.page_request is None:
            return self._last_good.get(request_of(call), 0) > call.entry.id
        return self._last_whole.get(aim_of(call), 0) > call.entry.id or call.entry.id in self._read_anew

    def begins_later(self, call: JudgedCall, feed: str, end: float) -> bool:
        """Tells whether a later call asks for the beginning of a list, for a period that begins before that end."""
        ids, earliest = self._starts.get(feed, ([], []))
        place = bisect_right(ids, call.entry.id)
        return place < len(ids) and earliest[place] < end

    @cached_property
    def _starts(self) -> dict[str, tuple[list[int], list[float]]]:
        """By list the calls for its beginning, each with the earliest period that it or a later one asks for."""
        starts: dict[str, tuple[list[int], list[float]]] = {}
        for call in reversed(self._calls):
            request = call.page_request
            if request is not None and is_start(request):
                ids, earliest = starts.setdefault(request.feed, ([], []))
                since = -inf if request.since is None else request.since
                ids.append(call.entry.id)
                earliest.append(min(since, earliest[-1] if earliest else inf))
        return {feed: (ids[::-1], earliest[::-1]) for feed, (ids, earliest) in starts.items()}

    def failed_also(self, call: JudgedCall) -> bool:
        """Tells whether another call with the same aim got no page either."""
        return self._without_page[aim_of(call)] > (call.page is None)

    def last_of(self, call: JudgedCall) -> int:
        """Returns the id of the last call with the same aim."""
        return self._last_aimed[aim_of(call)]

    @cached_property
    def _last_good(self) -> dict[Hashable, int]:
        return {request_of(call): call.entry.id for call in self._calls if was_answered_well(call)}

    @cached_property
    def _last_whole(self) -> dict[Hashable, int]:
        return {aim_of(call): call.entry.id for call in self._calls if call.page is not None}

    @cached_property
    def _last_aimed(self) -> dict[Hashable, int]:
        return {aim_of(call): call.entry.id for call in self._calls}

    @cached_property
    def _without_page(self) -> Counter[Hashable]:
        return Counter(aim_of(call) for call in self._calls if call.page is None)

    @cached_property
    def _read_anew(self) -> frozenset[int]:
        """Ids of the calls for a page, a later crawl of whose list went from its beginning to its end."""
        begun = {
            crawl.pages[0].entry.id: crawl
            for crawl in self._crawls
            if crawl.complete and crawl.pages[0].page_request is not None and is_start(crawl.pages[0].page_request)
        }
        later: dict[str, WidestWindows] = {}
        ids = []
        for call in reversed(self._calls):
            request = call.page_request
            if request is None:
                continue
            windows = later.setdefault(request.feed, WidestWindows())
            until = -inf if request.until is None else request.until
            if windows.covers(-inf if request.since is None else request.since, until):
                ids.append(call.entry.id)
            crawl = begun.get(call.entry.id)
            if crawl is not None:
                windows.add(*bounds_of(crawl))
        return frozenset(ids)

    @cached_property
    def crawls_by_feed(self) -> dict[str, list[Crawl]]:
        """The crawls of each list, in order."""
        by_feed: dict[str, list[Crawl]] = {}
        for crawl in self._crawls:
            by_feed.setdefault(crawl.feed, []).append(crawl)
        return by_feed

    def first_crawl_at(self, feed: str, moment: float, name: str, matches: Callable[[Crawl], bool]) -> Crawl | None:
        """Returns the first crawl of a list that matches and whose bounds include the moment."""
        key = (feed, name)
        if key not in self._windows:
            crawls = [crawl for crawl in self.crawls_by_feed.get(feed, ()) if matches(crawl)]
            self._windows[key] = crawls, FirstWindows(map(bounds_of, crawls))
        crawls, windows = self._windows[key]
        number = windows.at(moment)
        return None if number is None else crawls[number]

    @cached_property
    def earliest(self) -> dict[str, float]:
        """The earliest moment that was asked for, by list."""
        return {
            feed: min(-inf if crawl.since is None else crawl.since for crawl in crawls)
            for feed, crawls in self.crawls_by_feed.items()
        }

    @cached_property
    def latest(self) -> dict[str, float]:
        """The latest moment that was asked for, by list."""
        return {feed: max(bounds_of(crawl)[1] for crawl in crawls) for feed, crawls in self.crawls_by_feed.items()}

    def touches(self, feed: str, first: float, last: float) -> bool:
        """Tells whether a crawl of a list asks for any moment between these two, both among them."""
        starts, ends = self._by_start.get(feed, ([], []))
        place = bisect_right(starts, last) - 1
        return place >= 0 and ends[place] >= first

    @cached_property
    def _by_start(self) -> dict[str, tuple[list[float], list[float]]]:
        """By list the beginnings of crawls in order, each with the last end of those up to it."""
        rows = {}
        for feed, crawls in self.crawls_by_feed.items():
            bounds = sorted(map(bounds_of, crawls))
            rows[feed] = [since for since, _ in bounds], list(accumulate((until for _, until in bounds), max))
        return rows

    @cached_property
    def earliest_whole(self) -> dict[str, float]:
        """The earliest moment that was asked for by a call that got its page whole, by list."""
        moments: dict[str, float] = {}
        for call in self._calls:
            request = call.page_request
            if call.page is not None and request is not None:
                since = -inf if request.since is None else request.since
                moments[request.feed] = min(since, moments.get(request.feed, inf))
        return moments


def bounds_of(crawl: Crawl) -> tuple[float, float]:
    """Returns the bounds of a crawl, open ones as infinite."""
    return (-inf if crawl.since is None else crawl.since, inf if crawl.until is None else crawl.until)
