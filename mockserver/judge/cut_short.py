"""Finds runs that a failure kept from leads, though they ended as if all were well."""

from collections.abc import Collection
from math import inf

from mockserver.judge.calls import Crawl, JudgedCall
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.run_index import bounds_of

_FORBIDDEN = 403


def is_cut_short(run: Run, feeds: Collection[str], date: float) -> bool:
    """Tells whether a failure explains that a run did not ask for a moment of these lists.

    Its crawl ended there, or it never came to one of these lists. A moment within its row of periods, in a gap that is
    too short for another period, is left out whatever fails.
    """
    crawls = [crawl for feed in feeds for crawl in run.index.crawls_by_feed.get(feed, ())]
    if not crawls:
        return run.got_error
    if all(run.index.got_later(call) for crawl in crawls for call in crawl.failures):
        return False
    return not any(_is_in_a_short_gap(run.index.crawls_by_feed.get(feed, ()), date) for feed in feeds)


def _is_in_a_short_gap(crawls: Collection[Crawl], date: float) -> bool:
    periods = sorted(map(bounds_of, crawls))
    before = max((period for period in periods if period[1] < date), key=lambda period: period[1], default=None)
    after = next((period for period in periods if period[0] > date), None)
    if before is None or after is None:
        return False
    shorter = min(until - since for since, until in (before, after))
    return after[0] - before[1] < shorter < inf


def is_owed(evidence: Evidence, run: Run, crawl: Crawl) -> bool:
    """Tells whether a later run must ask again for what a run that ended well did not get.

    That is so of pages that were forbidden, which is no failure to report, in a list that could be read again later.
    """
    if not all(_is_forbidden(call) for call in crawl.failures):
        return False
    later = [other for other in evidence.runs if other.number > run.number]
    return any(crawl.feed in other.index.earliest_whole for other in later)


def _is_forbidden(call: JudgedCall) -> bool:
    is_wrong = any(violation.place != "reply" for violation in call.entry.violations)
    return call.entry.status == _FORBIDDEN and not is_wrong
