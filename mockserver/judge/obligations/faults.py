"""Judges how a client repeats failed calls: whether it waits as long as the answer says, then longer, and gives up."""

from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import groupby, pairwise
from typing import TypeAlias

from mockserver.judge.calls import JudgedCall, is_start
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.obligations.queries import (
    after,
    aim,
    failed,
    gap,
    header,
    ids,
    in_flight,
    last_tries,
    named,
    rounds,
    times,
    together,
)
from mockserver.judge.rulings import MAX_FINDINGS, Finding, Judge, Judges, Ruling, rule

_ENOUGH = 0.9
"""The share of the time that was asked for after which a call is not early: clocks and rounding."""
_DATE_ROUNDED = 2.0
"""Seconds that a date loses: one where it is written, and one where a client rounds down what is left until then."""
_MAX_TRIES = 12
_MAX_TRIES_OF_ALL = 24
"""Several workers may each try that often by themselves: each begins with a short wait again."""
_MAX_IN_THE_MIDDLE = 20
"""Tries of a page in the middle of a list by a client that rests between them."""
_SHORT_REST = 2.0
"""Seconds: who rests for longer may go on for ever."""
_GROWS, _CLEARLY = 1.2, 0.02
"""Waits grow when the last one is that many times longer than the first, and that many seconds."""
_GENEROUS = 0.99
"""Seconds: waits that are never shorter, about a second each, need not grow as well."""

Wait: TypeAlias = Callable[[JudgedCall], float | None]
"""Returns the seconds that an answer asks the client to wait, in the form that is judged; None when it does not."""


def _retry_after(call: JudgedCall) -> str | None:
    if call.entry.status not in (429, 503):
        return None
    return (header(call.entry.reply_headers, b"retry-after") or "").strip() or None


def _seconds(call: JudgedCall) -> float | None:
    value = _retry_after(call)
    return float(value) if value and value.isascii() and value.isdigit() and int(value) else None


def _until_date(call: JudgedCall) -> float | None:
    value = _retry_after(call)
    moment = None if value is None or value.isdigit() else _moment(value)
    if moment is None:
        return None
    # By the time of the answer, which the journal knows where the answer does not say it.
    answered_at = _moment(header(call.entry.reply_headers, b"date") or "")
    wait = moment - (call.entry.at if answered_at is None else answered_at)
    return wait if wait > _DATE_ROUNDED else None


def _moment(text: str) -> float | None:
    try:
        moment: datetime = parsedate_to_datetime(text)
        return moment.timestamp()
    except (ValueError, OverflowError):
        return None


def _waits(wait: Wait, tolerance: float = 0.0) -> Judge:
    """Makes a judge of whether the next call came after the time that was asked for; a run that ends waits for ever."""

    def judge(evidence: Evidence) -> Ruling:
        answers = [(run, call, wait(call)) for run in evidence.runs for call in run.calls]
        with_wait = [(run, call, seconds) for run, call, seconds in answers if seconds is not None]
        findings: list[Finding] = []
        for run, call, seconds in with_wait:
            if len(findings) >= MAX_FINDINGS:
                break
            early = _early(run, call, min(seconds * _ENOUGH, seconds - tolerance))
            if early is not None:
                findings.append(_too_early(call, early, seconds))
        return rule(findings, reached=bool(with_wait))

    return judge


def _early(run: Run, call: JudgedCall, seconds: float) -> JudgedCall | None:
    following = next((later for later in after(run, call) if not in_flight(call, later)), None)
    return following if following is not None and gap(call, following) < seconds else None


def _too_early(call: JudgedCall, early: JudgedCall, seconds: float) -> Finding:
    value = _retry_after(call)
    text = (
        f"{named(early)} came {gap(call, early):.2f} s after call {call.entry.id} was answered with "
        f"{call.entry.status} and Retry-After: {value}, which is {seconds:g} s"
    )
    return Finding(text, ids([call, early]))


def _waits_longer(evidence: Evidence) -> Ruling:
    rounds = [calls for run in evidence.runs for calls in _rounds(run)]
    findings = [_not_longer(calls) for calls in rounds if not _grows(calls)]
    return rule(findings, reached=bool(rounds))


def _rounds(run: Run) -> Iterator[list[JudgedCall]]:
    """Yields three or more failures of the same call with the call that followed, none of which says how long to wait.

    Where the wait drops a client has begun anew: what follows is another matter.
    """
    for group in together(run.calls).values():
        tries: list[JudgedCall] = []
        for call in group:
            tries.append(call)
            if not _says_nothing(call):
                yield from _long_enough(tries)
                tries = []
        yield from _long_enough(tries)


def _says_nothing(call: JudgedCall) -> bool:
    """Tells whether it failed without a word on when to come back."""
    fails = call.entry.status >= 500 or call.entry.status == 0
    return fails and header(call.entry.reply_headers, b"retry-after") is None


def _long_enough(tries: list[JudgedCall]) -> Iterator[list[JudgedCall]]:
    if sum(map(_says_nothing, tries)) < 3:
        return
    first = tries[:2]
    for call in tries[2:]:
        if _begins_anew(gap(first[-2], first[-1]), gap(first[-1], call)):
            break
        first.append(call)
    if len(first) > 2:
        yield first


def _gaps(calls: list[JudgedCall]) -> list[float]:
    return [gap(one, other) for one, other in pairwise(calls)]


def _grows(calls: list[JudgedCall]) -> bool:
    first, *_, last = gaps = _gaps(calls)
    return min(gaps) >= _GENEROUS or (last >= first * _GROWS and last >= first + _CLEARLY)


def _not_longer(calls: list[JudgedCall]) -> Finding:
    waits = ", ".join(f"{seconds:.2f}" for seconds in _gaps(calls)[:8])
    text = f"{named(calls[0])} failed and was repeated {times(len(calls) - 1, 'time')}, after {waits} s"
    return Finding(text, ids(calls))


def _gives_up(evidence: Evidence) -> Ruling:
    findings: list[Finding] = []
    for run in evidence.runs:
        rows = list(_rows(run))
        often = [row for row in rows if _is_endless(row)] or list(_insisting(run))
        findings += map(_too_often, often)
        if run.ending == "timeout" and not often and _failing(run):
            last = run.calls[-1]
            text = f"run {run.number} had to be stopped after {run.seconds:.0f} s; {named(last)}, its last, failed"
            findings.append(Finding(text, ids([last])))
    reached = any(failed(call) for run in evidence.runs for call in last_tries(run.calls))
    return rule(findings, reached=reached)


def _failing(run: Run) -> bool:
    return bool(run.calls) and failed(run.calls[-1])


def _rows(run: Run) -> Iterator[list[JudgedCall]]:
    """Yields failures of the same call in a row, in one round of a client that never ends."""
    for group in (group for calls in rounds(run) for group in together(calls).values()):
        row: list[JudgedCall] = []
        for call in group:
            if failed(call):
                row.append(call)
                continue
            yield row
            row = []
        yield row


def _is_endless(row: list[JudgedCall]) -> bool:
    """Tells whether one worker tried too often, or all of them together did."""
    if len(row) <= _MAX_TRIES:
        return False
    gaps = _gaps(row)
    anew = [0, *(number for number, (one, other) in enumerate(pairwise(gaps), 2) if _begins_anew(one, other)), len(row)]
    return len(row) > _MAX_TRIES_OF_ALL or max(last - first for first, last in pairwise(anew)) > _MAX_TRIES


def _insisting(run: Run) -> Iterator[list[JudgedCall]]:
    """Yields failures of a page in the middle of a list, after rests, by a client that never ends and did nothing else.

    A poller that goes on in spite of failures begins each round at the beginning of a list, or with a token.
    """
    if run.ending != "settled":
        return
    following: set[tuple[str, str]] = set()
    """Lists with places that an answer had told the client to ask for next."""
    for _, group in groupby(run.calls, key=lambda call: (aim(call), failed(call))):
        row = list(group)
        request, page = row[0].page_request, row[-1].page
        if request is None:
            continue
        in_the_middle = not is_start(request) and (request.feed, request.place) in following
        if in_the_middle and failed(row[0]) and len(row) > _MAX_IN_THE_MIDDLE and max(_gaps(row)) < _SHORT_REST:
            yield row
        if page is not None and page.next is not None:
            following.add((request.feed, page.next))


def _begins_anew(before: float, wait: float) -> bool:
    return before > _CLEARLY and wait < before / 2


def _too_often(row: list[JudgedCall]) -> Finding:
    text = f"{named(row[0])} was sent {len(row)} times in {gap(row[0], row[-1]):.1f} s, and failed every time"
    return Finding(text, ids(row))


JUDGES: Judges = {
    "FAULT-01": _waits(_seconds),
    "FAULT-02": _waits(_until_date, _DATE_ROUNDED),
    "FAULT-03": _waits_longer,
    "FAULT-04": _gives_up,
}
