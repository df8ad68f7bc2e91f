"""Turns evidence into verdicts: each drill by itself, then all of them together, so that a mistake is told once."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mockserver.foundation.dataclass import dataclass
from mockserver.judge.catalogue import OBLIGATIONS, READINGS, counted_severity
from mockserver.judge.drill_report import report_drill
from mockserver.judge.drill_run import DrillResult
from mockserver.judge.obligations import JUDGES
from mockserver.judge.obligations.outcome import EMPTY
from mockserver.judge.reach import Reach, reach, used_capabilities
from mockserver.judge.reasons import ObligationReason
from mockserver.judge.report import (
    DrillReport,
    FindingReport,
    ObligationReport,
    RulingReport,
)
from mockserver.judge.rulings import MAX_FINDINGS, NOT_REACHED, Finding, Ruling, Severity, State, broken
from mockserver.judge.shown_answers import digest_answers
from mockserver.judge.suite import LATER, PLAIN

CRASH = "crash"
"""The kind of a finding that says that a run failed for no reason that the wire shows."""
_CRASHES = (CRASH, EMPTY)
_MAX_TEXT = 2_000
"""Characters of a finding: some quote what a client sent."""
_MAX_LEADS = 200
_FAILS_ANYWAY = "RUN-02"
_SEES_LEADS = "RUN-05"


@dataclass(frozen=True, slots=True)
class JudgedDrill:
    """A drill with a ruling on each obligation; the evidence itself, which is large, is let go."""

    provider: str
    name: str
    variant: str | None
    aims: tuple[str, ...]
    rulings: Mapping[str, Ruling]
    report: DrillReport
    """Without its rulings."""
    used: frozenset[str] = frozenset()
    """The capabilities that the client uses in it."""
    ends_well: bool = False
    """Whether a run that was shown leads ended well."""
    answers: bytes = b""
    """The digest of what the client was shown, in drills that are compared with each other."""

    def with_capsule(self, path: str) -> "JudgedDrill":
        """Returns the drill with the name of the file that has its sandbox."""
        return replace(self, report=self.report.model_copy(update={"capsule": path}))


def judge_drill(result: DrillResult, binding: Collection[str]) -> JudgedDrill:
    """Judges one drill by the obligations that bind clients of its provider."""
    evidence, drill = result.evidence, result.drill
    rulings = {id: JUDGES[id](evidence) if evidence.runs else NOT_REACHED for id in OBLIGATIONS if id in binding}
    findings = [finding for ruling in rulings.values() for finding in ruling.findings[:MAX_FINDINGS]]
    return JudgedDrill(
        *(drill.provider, drill.name, drill.variant, evidence.aims, rulings),
        report_drill(result, [id for one in findings for id in one.entries]),
        used=used_capabilities(evidence),
        ends_well=any(run.succeeded and bool(run.shown_leads) for run in evidence.runs),
        answers=digest_answers(evidence.calls) if drill.variant is not None or drill.name == LATER else b"",
    )


def conclude(judged: Sequence[JudgedDrill], *, strict: bool = False) -> list[DrillReport]:
    """Returns the drills of one provider, looked at together, so that the same mistake is not told again.

    Of the drill of another reading it is only told whether the client works with it, unless `strict` counts them all.
    """
    ordinary = [drill for drill in judged if drill.variant is None]
    crashes_anyway = _crashes_anyway(ordinary)
    usual = next((drill.answers for drill in ordinary if drill.name == LATER), b"")
    elsewhere = {id for drill in ordinary for id, ruling in drill.rulings.items() if ruling.state is State.BROKEN}
    is_shown_leads = any(
        drill.rulings[_SEES_LEADS].state is State.HELD for drill in ordinary if _SEES_LEADS in drill.rulings
    )
    reports = []
    for drill in judged:
        rulings = dict(drill.rulings)
        if is_shown_leads and drill.variant is None:
            rulings = _without(rulings, _SEES_LEADS)
        if crashes_anyway:
            rulings = _one_crash(rulings)
        if drill.variant is not None:
            rulings = _by_reading(rulings, drill.variant, elsewhere)
            if usual and drill.answers == usual and READINGS in rulings and rulings[READINGS].state is State.HELD:
                rulings[READINGS] = NOT_REACHED  # the reading made no difference to what the client was shown
            if not strict:
                rulings = {id: ruling for id, ruling in rulings.items() if id == READINGS}
        report = drill.report.model_copy(update={"rulings": _rulings(rulings, drill.aims)})
        reports.append(report if report.broken else report.model_copy(update={"capsule": None}))
    return reports


def _crashes_anyway(ordinary: Sequence[JudgedDrill]) -> bool:
    """Tells whether a client fails also where nothing is strange: in the plain drill and wherever it is shown leads.

    One that fails at the 404 of an empty period, there or elsewhere, has its reason.
    """
    if any(drill.rulings[_FAILS_ANYWAY].state is State.BROKEN for drill in ordinary):
        return True
    plain = [finding for drill in ordinary if drill.name == PLAIN for finding in _findings_of(drill)]
    return any(finding.kind == CRASH for finding in plain) and not any(drill.ends_well for drill in ordinary)


def _findings_of(drill: JudgedDrill) -> Iterator[Finding]:
    return (finding for ruling in drill.rulings.values() for finding in ruling.findings)


def _without(rulings: dict[str, Ruling], id: str) -> dict[str, Ruling]:
    """Takes a breach back: a client that is shown its leads in one drill asks for the right ones."""
    is_broken = id in rulings and rulings[id].state is State.BROKEN
    return {**rulings, id: NOT_REACHED} if is_broken else rulings


def _one_crash(rulings: dict[str, Ruling]) -> dict[str, Ruling]:
    """Charges crashes to RUN-02: a client that fails anyway does not fail because something is strange or empty."""
    crashes = [finding for ruling in rulings.values() for finding in ruling.findings if finding.kind in _CRASHES]
    if not crashes:
        return rulings
    settled: dict[str, Ruling] = {}
    for id, ruling in rulings.items():
        others = tuple(finding for finding in ruling.findings if finding.kind not in _CRASHES)
        changed = len(others) < len(ruling.findings)
        settled[id] = (broken(*others) if others else NOT_REACHED) if changed else ruling
    return {**settled, _FAILS_ANYWAY: broken(*crashes)}


def _by_reading(rulings: dict[str, Ruling], variant: str, elsewhere: set[str]) -> dict[str, Ruling]:
    """Charges what breaks under a reading and nowhere else to TOLERANCE-05; the rest is told as it is elsewhere."""
    settled: dict[str, Ruling] = {}
    folded: list[tuple[str, Finding]] = []
    for id, ruling in rulings.items():
        if ruling.state is not State.BROKEN or id in elsewhere or id == READINGS:
            settled[id] = ruling
        elif OBLIGATIONS[id].severity is Severity.MUST:
            folded += [(id, _under(variant, id, finding)) for finding in ruling.findings]
    if folded and READINGS in settled:
        settled[READINGS] = broken(*settled[READINGS].findings, *_once(folded))
    return settled


def _once(folded: list[tuple[str, Finding]]) -> list[Finding]:
    """Returns the findings; that no lead was shown is left out where the refusal behind it is told anyway."""
    others = {call for id, finding in folded if id != _SEES_LEADS for call in finding.entries}
    return [finding for id, finding in folded if id != _SEES_LEADS or others.isdisjoint(finding.entries)]


def _under(variant: str, id: str, finding: Finding) -> Finding:
    """Returns a finding that says under which reading it was made; a crash has its reason there, and no other."""
    broken_there = "" if finding.kind in _CRASHES else f", {id} ({OBLIGATIONS[id].sentence})"
    return replace(finding, text=f"under {variant}{broken_there}: {finding.text}")


def aggregate(
    provider: str, reasons: Mapping[str, ObligationReason], drills: Sequence[DrillReport], *, strict: bool = False
) -> list[ObligationReport]:
    """Returns each obligation of a provider's clients over all its drills."""
    rows = []
    for id, reason in ((id, reasons[id]) for id in OBLIGATIONS if id in reasons):
        by_state: dict[State, tuple[str, ...]] = {}
        for drill in drills:
            for ruling in drill.rulings:
                if ruling.obligation == id:
                    by_state[ruling.state] = (*by_state.get(ruling.state, ()), drill.name)
        obligation = OBLIGATIONS[id]
        rows.append(
            ObligationReport(
                id=id,
                provider=provider,
                severity=counted_severity(id, reason, strict=strict),
                sentence=obligation.sentence,
                reason=reason.reason,
                document=reason.document,
                level=reason.level,
                rests_on=reason.rests_on,
                needs_all=reason.needs_all,
                remedy=obligation.remedy,
                state=_worst(by_state),
                drills=by_state,
            )
        )
    return rows


def reach_of(provider: str, judged: Sequence[JudgedDrill], obligations: Sequence[ObligationReport]) -> Reach:
    """Returns what the drills of a provider did not come to; those of other readings aim at nothing else."""
    drills = [drill for drill in judged if drill.provider == provider]
    aims = {aim for drill in drills if drill.variant is None for aim in drill.aims}
    rows = [row for row in obligations if row.provider == provider]
    return reach(rows, aims, frozenset().union(*(drill.used for drill in drills)))


def _worst(by_state: Mapping[State, object]) -> State:
    order = (State.BROKEN, State.HELD, State.NOT_OBSERVABLE, State.FAULTY)
    return next((state for state in order if state in by_state), State.NOT_REACHED)


def _rulings(rulings: Mapping[str, Ruling], aims: Iterable[str]) -> tuple[RulingReport, ...]:
    """Returns the rulings that the drill came to, and those that it is for."""
    return tuple(
        RulingReport(obligation=id, state=ruling.state, findings=tuple(_findings(ruling)))
        for id, ruling in rulings.items()
        if ruling.state is not State.NOT_REACHED or id in set(aims)
    )


def _findings(ruling: Ruling) -> Iterator[FindingReport]:
    """Yields the first findings, and behind them how many more there are."""
    yield from map(_finding, ruling.findings[:MAX_FINDINGS])
    if (more := len(ruling.findings) - MAX_FINDINGS) > 0:
        yield FindingReport(text=f"and {more:,} more findings like these", kind="", calls=(), leads=())


def _finding(finding: Finding) -> FindingReport:
    kind = "" if finding.kind in _CRASHES else finding.kind
    text = finding.text if len(finding.text) <= _MAX_TEXT else f"{finding.text[:_MAX_TEXT]}…"
    return FindingReport.model_validate(
        {"text": text, "kind": kind, "calls": finding.entries, "leads": finding.leads[:_MAX_LEADS]}
    )
