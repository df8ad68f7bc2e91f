"""Judges how a client uses cursors: none that it made up, and the list anew when one is refused."""

from collections.abc import Collection, Hashable, Iterator, Sequence
from itertools import islice
from math import inf
from typing import TypeAlias
from urllib.parse import unquote

from mockserver.foundation.dataclass import dataclass
from mockserver.judge.calls import CUT, CrawlKey, JudgedCall, crawl_key
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.obligations.queries import and_more, shortened
from mockserver.judge.pagination_overrun import is_no_cursor
from mockserver.judge.rulings import MAX_FINDINGS, Finding, Judges, Ruling, rule
from mockserver.sandbox.journal import Entry

_MAX_CALLS = 6
_MAX_BROKEN = 1_000_000
"""Characters of answers that were not whole. Of more of them nobody can say which cursors they had."""


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


@dataclass(frozen=True, slots=True)
class _Source:
    """A run that was given a cursor, and the list and the bounds that it was given for."""

    run: int
    key: CrawlKey | None


_Sources: TypeAlias = Collection[_Source]


def _with_cursors(evidence: Evidence) -> Iterator[tuple[JudgedCall, str, _Sources]]:
    """Yields the calls with a cursor, each with the sources from which the client may have it.

    A word for none, sent behind the end, is no cursor.
    """
    if evidence.adapter.uses_offsets:
        return
    cursors = _GivenCursors()
    ended: set[CrawlKey] = set()
    for call in evidence.calls:
        request, page = call.page_request, call.page
        if request is None:
            continue
        cursor = request.place
        if cursor and not (is_no_cursor(cursor) and crawl_key(request) in ended):
            yield call, cursor, cursors.sources(call, cursor)
        cursors.add(call, crawl_key(request))
        if page is not None and page.next is None:
            ended.add(crawl_key(request))


class _GivenCursors:
    """The cursors that a client was given so far."""

    def __init__(self) -> None:
        self._by_cursor: dict[str, dict[_Source, None]] = {}
        self._by_text: dict[str, dict[_Source, None]] = {}
        """By the cursor without its encoding."""
        self._by_lead: dict[str, dict[_Source, None]] = {}
        self._broken: dict[str, tuple[tuple[str, str], dict[_Source, None]]] = {}
        """By answers that were not whole, each with its text without encoding."""
        self._broken_length = 0
        self._added: set[tuple[int, _Source]] = set()

    def add(self, call: JudgedCall, key: CrawlKey) -> None:
        """Adds what an answer gave."""
        source, page = _Source(call.run, key), call.page
        if page is None:
            self._add_broken(call.entry, source)
        elif page.next is not None and (id(page), source) not in self._added:
            self._added.add((id(page), source))
            self._by_cursor.setdefault(page.next, {})[source] = None
            self._by_text.setdefault(unquote(page.next), {})[source] = None
            for item in page.items:
                self._by_lead.setdefault(item.id, {})[source] = None

    def _add_broken(self, entry: Entry, source: _Source) -> None:
        if entry.status >= 400 or not entry.reply:
            return  # it had no cursor
        if CUT in entry.reply:
            self._broken_length = _MAX_BROKEN
        elif entry.reply in self._broken or self._broken_length < _MAX_BROKEN:
            if entry.reply not in self._broken:
                self._broken_length += len(entry.reply)
                self._broken[entry.reply] = (entry.reply, unquote(entry.reply)), {}
            self._broken[entry.reply][1][source] = None

    def sources(self, call: JudgedCall, cursor: str) -> _Sources:
        """Returns the sources from which the client may have the cursor."""
        if cursor in self._by_cursor:
            return self._by_cursor[cursor]
        if not _is_refused(call):
            # A cursor that the provider takes is right: another encoding of it, or a lead that will do for one.
            alike = self._by_text.get(unquote(cursor)) or self._by_lead.get(cursor)
            if alike:
                return alike
        # An answer that is not whole may have had its cursor all the same.
        if self._broken_length >= _MAX_BROKEN:
            return (_Source(call.run, None),)
        broken = (sources for texts, sources in self._broken.values() if any(cursor in text for text in texts))
        return {source: None for sources in broken for source in sources}


def _is_refused(call: JudgedCall) -> bool:
    return any(violation.rule == "cursor" for violation in call.entry.violations)


def _is_of_another_list(call: JudgedCall, sources: _Sources) -> bool:
    """Tells whether the same run had it from a list with other bounds, and no run from this one.

    A client that goes on with a cursor of an earlier run is not to blame when it is not good any more.
    """
    assert call.page_request is not None
    key = crawl_key(call.page_request)
    return all(source.key != key for source in sources) and any(source.run == call.run for source in sources)


def _list_and_cursor(call: JudgedCall) -> Hashable:
    return None if call.page_request is None else (call.page_request.feed, call.page_request.place)


def _begins_anew(evidence: Evidence) -> Ruling:
    """Judges cursors that were good once, each at the first refusal of a run."""
    refused: dict[tuple[int, str], JudgedCall] = {}
    for call, cursor, sources in _with_cursors(evidence):
        if sources and _is_refused(call) and not _is_of_another_list(call, sources):
            refused.setdefault((call.run, cursor), call)
    findings = (finding for call in refused.values() for finding in _after_refusal(evidence.run(call.run), call))
    return rule(list(islice(findings, MAX_FINDINGS)), reached=bool(refused))


def _after_refusal(run: Run, refused: JudgedCall) -> Iterator[Finding]:
    assert refused.page_request is not None
    feed = refused.page_request.feed
    again = run.index.grouped("refused cursor", _is_refused, _list_and_cursor)
    same = [call for call in again.get(_list_and_cursor(refused), ()) if call.entry.id > refused.entry.id]
    if len(same) > 1:
        text = f"run {run.number} sent a cursor of the {feed} {len(same)} times more after it was refused"
        yield Finding(text, (refused.entry.id, *(call.entry.id for call in same[:5])))
    end = inf if refused.page_request.until is None else refused.page_request.until
    if not run.index.begins_later(refused, feed, end):
        text = f"run {run.number} did not begin the {feed} anew after their cursor was refused"
        yield Finding(text, (refused.entry.id,))


JUDGES: Judges = {"PAGE-03": _makes_up_no_cursor, "PAGE-10": _begins_anew}
