"""Finds clients that go on behind the end of a list, and those that stop before it because one lead is gone."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl

import orjson

from mockserver.foundation.dataclass import dataclass
from mockserver.judge.calls import Crawl, CrawlKey, JudgedCall, is_start
from mockserver.judge.evidence import Run
from mockserver.provider_api.judge_adapter import JudgeAdapter
from mockserver.sandbox.journal import Entry

MIN_PAUSE = 0.25
"""Real seconds without a call, after which a client that asks the same again looks anew: it polls, it does not loop."""
_TOTAL = re.compile(r'"\w*total\w*" *: *(\d{1,18})\b', re.ASCII)
"""A number of all leads in a long answer, of which only the beginning was kept."""
_MAX_DIGITS = 18
_MAX_DEPTH = 8
_WORDS_FOR_NONE = ("none", "null", "undefined", "nil")
"""Texts that a program sends which writes the absence of a cursor as text."""


@dataclass(frozen=True, slots=True)
class Overrun:
    """A way in which a client went on behind the end of a list."""

    text: str
    entries: tuple[int, ...]


def is_no_cursor(place: str) -> bool:
    """Tells whether a cursor only says that there is none."""
    return place.strip().casefold() in _WORDS_FOR_NONE


def overruns(adapter: JudgeAdapter, run: Run) -> list[Overrun]:
    """Returns every way in which a run went on behind the end of a list."""
    crawls = run.crawls
    if adapter.uses_offsets:
        return [overrun for crawl in crawls if (overrun := _behind(crawl)) is not None]
    repeated = [overrun for crawl in crawls if (overrun := _last_page_for_ever(crawl)) is not None]
    return repeated + (list(_without_cursor(run)) or list(_round_and_round(run)))


def _behind(crawl: Crawl) -> Overrun | None:
    """Finds more than one empty page behind the end: the first one tells a client that does not count where the end is.

    A place below the number of leads that the provider itself announced is not behind the end, as far as the client
    can know.
    """
    empty = [
        call
        for call in crawl.pages
        if call.page is not None and not call.page.items and call.page.next is None and not call.entry.fault
        if call.page_request is not None and not is_start(call.page_request)
    ]
    if _is_little(empty):
        return None
    announced = max(_announced(call) for call in {call.entry.reply: call for call in crawl.pages}.values())
    behind = [call for call in empty if not _is_before(call, announced)]
    if _is_little(behind):
        return None
    text = f"run {behind[0].run} asked {len(behind)} times behind the end of the {crawl.feed}"
    return Overrun(text, _ids(behind))


def _is_little(empty: Sequence[JudgedCall]) -> bool:
    """Tells whether so many empty pages behind the end are no more than a look at where the end is."""
    return len(empty) < 3 and len({call.page_request.place for call in empty if call.page_request is not None}) < 2


def _is_before(call: JudgedCall, announced: int) -> bool:
    place = "" if call.page_request is None else call.page_request.place
    if not place.isdecimal():
        return False
    # A number of many digits is read by nobody, and lies behind every end.
    return len(place) <= _MAX_DIGITS and int(place) < announced


def _announced(call: JudgedCall) -> int:
    """Returns how many leads a page says there are, even where that number is about another list and unreliable."""
    if call.page is None:
        return 0
    if call.page.total is not None:
        return call.page.total
    try:
        body = orjson.loads(call.entry.reply)
    except ValueError:
        return max((int(total[1]) for total in _TOTAL.finditer(call.entry.reply)), default=0)
    members = body.items() if isinstance(body, dict) else ()
    return max((value for name, value in members if "total" in name and type(value) is int), default=0)


def _last_page_for_ever(crawl: Crawl) -> Overrun | None:
    """Finds a client that asks for the last page three times; twice may be an accident."""
    lasts = [call for call in crawl.pages if call.page is not None and call.page.next is None and not call.entry.fault]
    same = [call for call in lasts if call.page_request == lasts[0].page_request]
    if len(same) < 3:
        return None
    return Overrun(f"run {same[0].run} asked for the last page of the {crawl.feed} {len(same)} times", _ids(same))


def _without_cursor(run: Run) -> Iterator[Overrun]:
    """Finds calls behind the last page with a cursor that is empty, or is a word for none."""
    for before, crawl in _pairs(run):
        first = crawl.pages[0]
        if _empties(first.entry) - _empties(before.pages[0].entry) and not first.entry.violations:
            text = f"run {run.number} sent an empty cursor behind the last page of the {crawl.feed}"
            yield Overrun(text, _ids([_end(before), first]))
    for crawl in run.crawls:
        over = False
        for call in crawl.pages:
            place = None if call.page_request is None else call.page_request.place
            if over and place is not None and is_no_cursor(place):
                text = f"run {run.number} sent the cursor `{place}` behind the last page of the {crawl.feed}"
                yield Overrun(text, _ids([_end(crawl), call]))
                break
            over = over or (call.page is not None and call.page.next is None)


def _round_and_round(run: Run) -> Iterator[Overrun]:
    """Finds lists that are begun again at their end without a pause: for ever, or only to be left at the first page.

    A client that reads a list twice to its end has a reason that we do not know.
    """
    again: dict[CrawlKey, list[Crawl]] = {}
    for before, crawl in _pairs(run):
        if _at_once(run, before, crawl):
            again.setdefault(crawl.key, []).append(crawl)
    for (feed, *_), crawls in again.items():
        left = not crawls[-1].complete and not crawls[-1].failed
        if len(crawls) > 1 or left or run.ending == "timeout":
            times = f"{len(crawls)} times" if len(crawls) > 1 else "once"
            text = f"run {run.number} began the {feed} again {times}, right after their last page"
            yield Overrun(text, _ids([crawl.pages[0] for crawl in crawls]))


def _pairs(run: Run) -> Iterator[tuple[Crawl, Crawl]]:
    """Yields crawls that came to their end, each with the next one of the same list and bounds."""
    latest: dict[CrawlKey, Crawl] = {}
    for crawl in run.crawls:
        key = crawl.key
        before, latest[key] = latest.get(key), crawl
        if before is not None and before.complete:
            yield before, crawl


def _at_once(run: Run, before: Crawl, crawl: Crawl) -> bool:
    """Tells whether nothing else was asked for in between, nothing failed, and the client did not rest."""
    sooner = _end(before)
    if sooner.entry.fault:
        return False
    first = crawl.first_id
    for later in run.index.between(sooner.entry.id, first + 1):
        if later.entry.real_at - sooner.entry.real_at >= MIN_PAUSE:
            return False
        if later.entry.id != first and (later.page_request is not None or later.got_error):
            return False
        sooner = later
    return True


def _end(crawl: Crawl) -> JudgedCall:
    """Returns the page that said that it is the last."""
    return next(call for call in reversed(crawl.pages) if call.page is not None and call.page.next is None)


def _empties(entry: Entry) -> frozenset[str]:
    """Returns the parameters and members of a request that are there and hold nothing."""
    query = {f"?{name}" for name, value in parse_qsl(entry.query, keep_blank_values=True) if not value}
    try:
        body = orjson.loads(entry.request) if entry.request else None
    except ValueError:
        body = None
    return frozenset(query | set(_empty_members(body)))


def _empty_members(body: Any) -> Iterator[str]:
    """Yields the pointers of members that hold nothing, as far down as any cursor lies."""
    left = [("", body)]
    while left:
        pointer, value = left.pop()
        if value is None or value == "":
            yield pointer
        elif isinstance(value, dict) and pointer.count("/") < _MAX_DEPTH:
            left.extend((f"{pointer}/{name}", member) for name, member in value.items())


def _ids(calls: Sequence[JudgedCall]) -> tuple[int, ...]:
    return tuple(call.entry.id for call in calls[:6])


def is_gone(adapter: JudgeAdapter, call: JudgedCall) -> bool:
    """Tells whether the call asked for one lead, rightly, and was answered that it is not there."""
    entry = call.entry
    return entry.operation == adapter.detail_operation and entry.status == 404 and not entry.violations


def left_at_gone(adapter: JudgeAdapter, run: Run, crawl: Crawl) -> JudgedCall | None:
    """Returns the answer that one lead is gone, at which the client left a list with more to come; else None."""
    last = crawl.pages[-1]
    if crawl.complete or last.page is None:
        return None
    answer = None
    for call in run.index.after(last):
        if call.page_request is not None:
            break
        if call.entry.operation != adapter.token_operation:
            answer = call
    return answer if answer is not None and is_gone(adapter, answer) else None
