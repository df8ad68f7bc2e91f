"""From evidence to verdicts: each drill by itself, then all of them together, so that one mistake is told once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mockserver.foundation.clock import iso
from mockserver.judge.calls import JudgedCall
from mockserver.judge.catalogue import OBLIGATIONS
from mockserver.judge.drill_run import DrillResult
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.obligations import JUDGES
from mockserver.judge.report import (
    CallReport,
    DrillReport,
    FindingReport,
    ObligationReport,
    RulingReport,
    RunReport,
)
from mockserver.judge.rulings import NOT_REACHED, Finding, ObligationReason, Ruling, Severity, State, broken

CRASH = "crash"
"""The kind of a finding that says that a run failed for no reason that the wire shows."""
_READINGS = "TOLERANCE-05"
_FAILS_ANYWAY = "RUN-02"
_EXCERPT = 600
"""Characters of a body that the report shows."""
_OUTPUT = 2_000


@dataclass(frozen=True, slots=True)
class JudgedDrill:
    """A drill with what each obligation says of it; the evidence itself, which is large, is let go."""

    provider: str
    name: str
    variant: str | None
    aims: tuple[str, ...]
    rulings: Mapping[str, Ruling]
    report: DrillReport
    """Without its rulings."""


def judge_drill(result: DrillResult, binding: Collection[str]) -> JudgedDrill:
    """Judges one drill by the obligations that bind clients of its provider."""
    evidence, drill = result.evidence, result.drill
    rulings = {id: JUDGES[id](evidence) for id in OBLIGATIONS if id in binding}
    return JudgedDrill(drill.provider, drill.name, drill.variant, evidence.aims, rulings, _report(result))


def conclude(judged: Sequence[JudgedDrill]) -> list[DrillReport]:
    """The drills of one provider, looked at together: what is the same mistake again is not told again."""
    crashes_anyway = any(each.variant is None and each.rulings[_FAILS_ANYWAY].state is State.BROKEN for each in judged)
    elsewhere = {
        id
        for each in judged
        if each.variant is None
        for id, ruling in each.rulings.items()
        if ruling.state is State.BROKEN
    }
    reports = []
    for each in judged:
        rulings = dict(each.rulings)
        if crashes_anyway:
            rulings = _one_crash(rulings)
        if each.variant is not None:
            rulings = _by_reading(rulings, each.variant, elsewhere)
        reports.append(each.report.model_copy(update={"rulings": _rulings(rulings, each.aims)}))
    return reports


def _one_crash(rulings: dict[str, Ruling]) -> dict[str, Ruling]:
    """A client that fails for no reason at all does not fail because something is absent, strange or empty."""
    crashes = [finding for ruling in rulings.values() for finding in ruling.findings if finding.kind == CRASH]
    if not crashes:
        return rulings
    found: dict[str, Ruling] = {}
    for id, ruling in rulings.items():
        others = tuple(finding for finding in ruling.findings if finding.kind != CRASH)
        changed = len(others) < len(ruling.findings)
        found[id] = (broken(*others) if others else NOT_REACHED) if changed else ruling
    return {**found, _FAILS_ANYWAY: broken(*crashes)}


def _by_reading(rulings: dict[str, Ruling], variant: str, elsewhere: set[str]) -> dict[str, Ruling]:
    """What breaks under a reading and nowhere else is a matter of the reading; the rest is told as it is elsewhere."""
    kept: dict[str, Ruling] = {}
    folded: list[Finding] = []
    for id, ruling in rulings.items():
        if ruling.state is not State.BROKEN or id in elsewhere or id == _READINGS:
            kept[id] = ruling
        elif OBLIGATIONS[id].severity is Severity.MUST:
            folded += [
                replace(finding, text=f"under {variant}, {id} ({OBLIGATIONS[id].sentence}): {finding.text}")
                for finding in ruling.findings
            ]
    if folded and _READINGS in kept:
        kept[_READINGS] = broken(*kept[_READINGS].findings, *folded)
    return kept


def aggregate(
    provider: str, reasons: Mapping[str, ObligationReason], drills: Sequence[DrillReport]
) -> list[ObligationReport]:
    """Each obligation of a provider's clients over all its drills."""
    found = []
    for id, reason in ((id, reasons[id]) for id in OBLIGATIONS if id in reasons):
        by_state: dict[State, tuple[str, ...]] = {}
        for drill in drills:
            for ruling in drill.rulings:
                if ruling.obligation == id:
                    by_state[ruling.state] = (*by_state.get(ruling.state, ()), drill.name)
        obligation = OBLIGATIONS[id]
        found.append(
            ObligationReport(
                id=id,
                provider=provider,
                severity=obligation.severity,
                sentence=obligation.sentence,
                reason=reason.reason,
                document=reason.document,
                level=reason.level,
                remedy=obligation.remedy,
                state=_worst(by_state),
                drills=by_state,
            )
        )
    return found


def _worst(by_state: Mapping[State, object]) -> State:
    order = (State.BROKEN, State.HELD, State.NOT_OBSERVABLE, State.FAULTY)
    return next((state for state in order if state in by_state), State.NOT_REACHED)


def _rulings(rulings: Mapping[str, Ruling], aims: Iterable[str]) -> tuple[RulingReport, ...]:
    """Those that the drill came to, and those that it is for."""
    return tuple(
        RulingReport(obligation=id, state=ruling.state, findings=tuple(map(_finding, ruling.findings)))
        for id, ruling in rulings.items()
        if ruling.state is not State.NOT_REACHED or id in set(aims)
    )


def _finding(finding: Finding) -> FindingReport:
    kind = "" if finding.kind == CRASH else finding.kind
    return FindingReport.model_validate(
        {"text": finding.text, "kind": kind, "calls": finding.entries, "leads": finding.leads}
    )


def _report(examined: DrillResult) -> DrillReport:
    evidence, drill = examined.evidence, examined.drill
    return DrillReport(
        name=drill.name,
        provider=drill.provider,
        why=drill.why,
        variant=drill.variant,
        seconds=round(examined.seconds, 3),
        runs=tuple(map(_run, evidence.runs)),
        rulings=(),
        calls=tuple(_call(evidence, call, examined.began) for call in evidence.calls),
        events=examined.events,
        faulty=examined.faulty,
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
    )


def _call(evidence: Evidence, call: JudgedCall, began: float) -> CallReport:
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
        summary=_summary(evidence, call),
    )


def _summary(evidence: Evidence, call: JudgedCall) -> str:
    if call.page_request is None:
        shown = ", ".join(item.id for item in call.details)
        return f"lead {shown}" if shown else call.entry.operation
    asked = call.page_request
    place = (
        ""
        if asked.place in ("", "0")
        else f", from {asked.place[:40] if evidence.adapter.uses_offsets else 'a cursor'}"
    )
    since = "" if asked.since is None else f", since {iso(asked.since)}"
    until = "" if asked.until is None or asked.until > 1e11 else f" to {iso(asked.until)}"
    if call.page is None:
        got = "no whole page"
    else:
        more = "more follow" if call.page.next is not None else "the end"
        got = f"{len(call.page.items)} leads, {more}"
    return f"{asked.feed}{since}{until}{place}: {got}"
