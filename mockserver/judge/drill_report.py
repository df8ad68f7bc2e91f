"""Reports a drill: its runs, calls and events as data."""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from sys import intern

from mockserver.foundation.clock import iso
from mockserver.judge.calls import JudgedCall, is_start
from mockserver.judge.drill_run import DrillResult
from mockserver.judge.evidence import Run
from mockserver.judge.moments import moment_text
from mockserver.judge.other_providers import ended_after
from mockserver.judge.report import CallReport, DrillReport, RunReport
from mockserver.provider_api.judge_adapter import PageRequest

MAX_CALLS = 300
"""Calls of a drill that the report shows."""
_MAX_SENTENCES = 20
_EXCERPT = 600
"""Characters of a body that the report shows."""
_SHORT_EXCERPT = 120
"""The same of a drill with many calls, of those that no finding cites."""
_MANY_CALLS = 100
_OUTPUT = 2_000
"""Characters of an output that the report shows, the last ones."""
_OPEN_END = 1e11
"""Epoch seconds: a bound behind that is none."""


def report_drill(result: DrillResult, cited: Collection[int] = ()) -> DrillReport:
    """Returns the report of a drill without its rulings. Of very many calls it has those that are cited, by their ids.

    It has the first and the last ones, too.
    """
    evidence, drill = result.evidence, result.drill
    runs = (*evidence.runs, *result.excluded)
    calls = sorted((call for run in runs for call in (*run.calls, *run.other_calls)), key=lambda call: call.entry.id)
    shown_calls, named = _shown_calls(calls, cited), set(cited)
    is_long = len(shown_calls) > _MANY_CALLS

    def most(id: int) -> int:
        return _SHORT_EXCERPT if is_long and id not in named else _EXCERPT

    return DrillReport(
        name=drill.name,
        provider=drill.provider,
        why=drill.why,
        variant=drill.variant,
        seconds=round(result.seconds, 3),
        runs=tuple(map(_run, runs)),
        rulings=(),
        calls=tuple(_call(call, result.began, drill.provider, most(call.entry.id)) for call in shown_calls),
        calls_left_out=len(calls) - len(shown_calls),
        events=result.events,
        faulty=result.faulty,
    )


def _shown_calls(calls: Sequence[JudgedCall], cited: Collection[int]) -> Sequence[JudgedCall]:
    if len(calls) <= MAX_CALLS:
        return calls
    ends = MAX_CALLS // 4
    ids = {call.entry.id for call in (*calls[:ends], *calls[-ends:])}
    ids.update(islice((id for id in dict.fromkeys(cited) if id not in ids), MAX_CALLS - 2 * ends))
    return [call for call in calls if call.entry.id in ids]


def _run(run: Run) -> RunReport:
    return RunReport(
        number=run.number,
        told=iso(run.client_now),
        seconds=round(run.seconds, 3),
        exit_code=run.exit_code,
        ending=run.ending,
        held=None if run.outcome is None else len(run.outcome),
        output=run.output[-_OUTPUT:],
        ended_after=ended_after(run),
    )


def _call(call: JudgedCall, began: float, judged: str, most: int) -> CallReport:
    """Returns the report of a call with so many characters of bodies. Equal texts are kept once for all drills."""
    entry = call.entry
    return CallReport(
        id=entry.id,
        run=call.run,
        at=intern(iso(entry.at)),
        offset=round(entry.real_at - began, 4),
        provider=entry.provider,
        operation=entry.operation,
        method=intern(entry.method),
        path=intern(entry.path[:_EXCERPT]),
        query=intern(entry.query[:_EXCERPT]),
        status=entry.status,
        duration_ms=round(entry.duration_ms, 2),
        fault=call.fault,
        violations=_sentences(f"{wrong.place}{wrong.pointer}: {wrong.message}" for wrong in entry.violations),
        notes=_sentences(entry.notes),
        request=intern(entry.request[:most]),
        reply=intern(entry.reply[:most]),
        summary=intern(_summary(call)),
        judged=entry.provider == judged,
    )


def _sentences(texts: Iterable[str]) -> tuple[str, ...]:
    """Returns the first of some sentences, which may quote what a client sent."""
    return tuple(intern(text[:_EXCERPT]) for text in islice(texts, _MAX_SENTENCES))


def _summary(call: JudgedCall) -> str:
    if call.page_request is None:
        ids = ", ".join(item.id for item in call.details[:_MAX_SENTENCES])
        return f"lead {ids}" if ids else call.entry.operation
    return f"{_request(call.page_request)}: {_page(call)}"


def _request(request: PageRequest) -> str:
    since = "" if request.since is None else f", since {moment_text(request.since)}"
    until = "" if request.until is None or request.until > _OPEN_END else f" to {moment_text(request.until)}"
    place = request.place[:40] if request.place.isdecimal() else "a cursor"
    return f"{request.feed}{since}{until}" + ("" if is_start(request) else f", from {place}")


def _page(call: JudgedCall) -> str:
    if call.page is None:
        return "no whole page"
    return f"{len(call.page.items)} leads, {'the end' if call.page.next is None else 'more follow'}"
