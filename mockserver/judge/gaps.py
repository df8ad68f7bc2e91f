"""Finds seconds that the periods of a client leave out, by the client's own arithmetic: whatever the provider does."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from math import inf

from mockserver.foundation.dataclass import dataclass
from mockserver.judge.calls import Crawl, JudgedCall
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.windows import FirstWindows


@dataclass(frozen=True, slots=True)
class Gap:
    """Whole seconds between two periods of one list that no run asks for."""

    run: int
    feed: str
    before: Crawl
    """The period in front of it."""
    after: Crawl

    @property
    def first(self) -> float:
        """The first moment that is left out."""
        return _end(self.before) + 1

    @property
    def last(self) -> float:
        """The last moment that is left out."""
        return _start(self.after) - 1

    @property
    def seconds(self) -> int:
        """The number of seconds that are left out."""
        return round(self.last - self.first) + 1


@lru_cache(maxsize=8)
def gaps(evidence: Evidence) -> tuple[Gap, ...]:
    """Returns the gaps within runs that failed at nothing for good; what lies between two runs is another matter.

    Periods are taken as wide as any reading has them: leads are dated in whole seconds, and both bounds belong to a
    period, so that one which begins a second after the end of another leaves none.
    """
    # Where the end does not belong to a period, its last second is one less than what the client sent.
    slack = 1 if evidence.adapter.ends_before_bound(evidence.readings) else 0
    return tuple(
        gap
        for run in evidence.runs
        if _went_well(run)
        for feed, crawls in run.index.crawls_by_feed.items()
        for gap in _in_run(run, feed, crawls)
        if gap.seconds > slack and _is_between_neighbours(gap) and not _is_asked_for_elsewhere(evidence, gap)
    )


def _went_well(run: Run) -> bool:
    """Tells whether it came to its end, and had in the end whatever failed at first."""
    return run.succeeded and all(run.index.got_later(call) for call in run.calls if _may_have_failed(call))


def _may_have_failed(call: JudgedCall) -> bool:
    status = call.entry.status
    return call.failed or call.fault is not None or status in (0, 429) or status >= 500


def gap_at(evidence: Evidence, feeds: Collection[str], moment: float) -> Gap | None:
    """Returns the first gap in one of these lists that leaves a moment out."""
    candidates = [
        (windows.at(moment), of_feed) for feed, (of_feed, windows) in _by_feed(evidence).items() if feed in feeds
    ]
    left_out = [of_feed[number] for number, of_feed in candidates if number is not None]
    return min(left_out, key=lambda gap: (gap.run, gap.before.first_id), default=None)


@lru_cache(maxsize=8)
def _by_feed(evidence: Evidence) -> Mapping[str, tuple[list[Gap], FirstWindows]]:
    by_feed: dict[str, list[Gap]] = {}
    for gap in gaps(evidence):
        by_feed.setdefault(gap.feed, []).append(gap)
    return {
        feed: (of_feed, FirstWindows((gap.first, gap.last) for gap in of_feed)) for feed, of_feed in by_feed.items()
    }


def _in_run(run: Run, feed: str, unsorted: Sequence[Crawl]) -> Iterator[Gap]:
    crawls = sorted(unsorted, key=_start)
    before = crawls[0]
    for crawl in crawls[1:]:
        if _start(crawl) - _end(before) > 1:
            yield Gap(run.number, feed, before, crawl)
        if _end(crawl) > _end(before):
            before = crawl


def _start(crawl: Crawl) -> float:
    return -inf if crawl.since is None else crawl.since


def _end(crawl: Crawl) -> float:
    return inf if crawl.until is None else crawl.until


def _is_between_neighbours(gap: Gap) -> bool:
    """Tells whether one of both periods has two bounds, and is as long as the gap: else they are no row of periods."""
    lengths = [_end(crawl) - _start(crawl) for crawl in (gap.before, gap.after)]
    return any(gap.seconds <= length < inf for length in lengths)


def _is_asked_for_elsewhere(evidence: Evidence, gap: Gap) -> bool:
    """Tells whether another run asks for any of it: a client may look again at what it has read in part."""
    others = (run for run in evidence.runs if run.number != gap.run)
    return any(run.index.touches(gap.feed, gap.first, gap.last) for run in others)
