"""Reports a drill: its runs, calls and events as data."""

from mockserver.foundation.clock import iso
from mockserver.judge.calls import JudgedCall, is_start
from mockserver.judge.drill_run import DrillResult
from mockserver.judge.evidence import Run
from mockserver.judge.moments import moment_text
from mockserver.judge.other_providers import ended_after
from mockserver.judge.report import CallReport, DrillReport, RunReport
from mockserver.provider_api.judge_adapter import PageRequest

_EXCERPT = 600
"""Characters of a body that the report shows."""
_OUTPUT = 2_000
"""Characters of an output that the report shows, the last ones."""
_OPEN_END = 1e11
"""Epoch seconds: a bound behind that is none."""


def report_drill(result: DrillResult) -> DrillReport:
    """Returns the report of a drill without its rulings."""
    evidence, drill = result.evidence, result.drill
    runs = (*evidence.runs, *result.excluded)
    calls = sorted((call for run in runs for call in (*run.calls, *run.other_calls)), key=lambda call: call.entry.id)
    return DrillReport(
        name=drill.name,
        provider=drill.provider,
        why=drill.why,
        variant=drill.variant,
        seconds=round(result.seconds, 3),
        runs=tuple(map(_run, runs)),
        rulings=(),
        calls=tuple(_call(call, result.began, drill.provider) for call in calls),
        events=result.events,
        faulty=result.faulty,
    )


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


def _call(call: JudgedCall, began: float, judged: str) -> CallReport:
    entry = call.entry
    return CallReport(
        id=entry.id,
        run=call.run,
        at=iso(entry.at),
        offset=round(entry.real_at - began, 4),
        provider=entry.provider,
        operation=entry.operation,
        method=entry.method,
        path=entry.path,
        query=entry.query[:_EXCERPT],
        status=entry.status,
        duration_ms=round(entry.duration_ms, 2),
        fault=call.fault,
        violations=tuple(f"{wrong.place}{wrong.pointer}: {wrong.message}" for wrong in entry.violations),
        notes=tuple(entry.notes),
        request=entry.request[:_EXCERPT],
        reply=entry.reply[:_EXCERPT],
        summary=_summary(call),
        judged=entry.provider == judged,
    )


def _summary(call: JudgedCall) -> str:
    if call.page_request is None:
        ids = ", ".join(item.id for item in call.details)
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
