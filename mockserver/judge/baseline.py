"""Applies a baseline to a report, writes one from a report, and derives the exit code."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from mockserver.judge.baseline_file import EVERY, Baseline
from mockserver.judge.report import BaselineReport, DrillReport, ObligationReport, Report, RulingReport
from mockserver.judge.rulings import Severity, State

FAULT_OF_OURS = 3


def apply(baseline: Baseline, report: Report, *, whole: bool = True) -> Report:
    """Returns the report with accepted rulings marked, the result of the baseline, and the exit code that follows.

    `whole` says whether the report is about all drills. Only then does it mean something that an obligation which is
    to be broken in any drill is held in those that there are.
    """
    by_obligation = _states(report.drills)
    accepted: dict[tuple[str, str, str], None] = {}
    passed: dict[str, None] = {}
    missing: dict[str, None] = {}
    for row in baseline.broken:
        states = by_obligation[row.provider, row.obligation]
        if row.drill != EVERY:
            states = {name: state for name, state in states.items() if name == row.drill}
        breaches = [(row.provider, name, row.obligation) for name, state in states.items() if state is State.BROKEN]
        accepted.update(dict.fromkeys(breaches))
        if not breaches:
            held = State.HELD in states.values() and (whole or row.drill != EVERY)
            (passed if held else missing)[f"{row.provider} {row.drill} {row.obligation}"] = None
    drills = tuple(
        drill.model_copy(update={"rulings": tuple(_marked(drill, ruling, accepted) for ruling in drill.rulings)})
        for drill in report.drills
    )
    result = BaselineReport(
        accepted=tuple(map(" ".join, sorted(accepted))), passed=tuple(sorted(passed)), missing=tuple(sorted(missing))
    )
    unreached = report.require_reached and bool(report.not_reached)
    code = exit_code(report.obligations, drills + report.other_readings, result, unreached=unreached)
    return report.model_copy(update={"drills": drills, "baseline": result, "exit_code": code})


def write_baseline(report: Report) -> str:
    """Returns a baseline of all that is broken now, as YAML, without advice, which fails nobody."""
    import yaml

    obligations = {(row.provider, row.id): row for row in report.obligations if row.severity is not Severity.ADVICE}
    rows = [
        {
            "provider": drill.provider,
            "drill": drill.name,
            "obligation": ruling.obligation,
            "why": f"a correct client {obligation.sentence}",
        }
        for drill in report.drills
        for ruling in drill.broken
        if (obligation := obligations.get((drill.provider, ruling.obligation)))
    ]
    rows.sort(key=lambda row: (row["provider"], row["obligation"], row["drill"]))
    about = "# Known to be broken: accepted by `mockserver conform --baseline`, and a failure once it is held.\n"
    return about + yaml.safe_dump({"version": 1, "broken": rows}, sort_keys=False, allow_unicode=True, width=120)


def exit_code(
    obligations: Iterable[ObligationReport],
    drills: Iterable[DrillReport],
    baseline: BaselineReport | None = None,
    *,
    unreached: bool = False,
) -> int:
    """Returns the exit code: 3 for a fault of ours, 1 for findings, else 0.

    A finding is a must or should that is broken and not accepted, or one that was to be broken and is held. `unreached`
    says that a must was to be reached, and was not.
    """
    drills, obligations = tuple(drills), tuple(obligations)
    if any(drill.faulty or any(ruling.state is State.FAULTY for ruling in drill.rulings) for drill in drills):
        return FAULT_OF_OURS
    by_drills = {(drill.provider, ruling.obligation) for drill in drills for ruling in drill.broken}
    fresh = {(drill.provider, ruling.obligation) for drill in drills for ruling in drill.broken if not ruling.accepted}
    for obligation in obligations:
        key = (obligation.provider, obligation.id)
        # A baseline cannot name an obligation that is broken in no single drill, but over all of them.
        broken = key in fresh or (obligation.state is State.BROKEN and key not in by_drills)
        if broken and obligation.severity is not Severity.ADVICE:
            return 1
    return 1 if unreached or (baseline is not None and baseline.passed) else 0


def _states(drills: Iterable[DrillReport]) -> Mapping[tuple[str, str], Mapping[str, State]]:
    """Returns, by provider and obligation, the state in each drill; a faulty drill cannot say that one is held."""
    states: defaultdict[tuple[str, str], dict[str, State]] = defaultdict(dict)
    for drill in drills:
        for ruling in drill.rulings:
            unsure = bool(drill.faulty) and ruling.state is State.HELD
            states[drill.provider, ruling.obligation][drill.name] = State.FAULTY if unsure else ruling.state
    return states


def _marked(drill: DrillReport, ruling: RulingReport, accepted: Mapping[tuple[str, str, str], None]) -> RulingReport:
    is_accepted = (drill.provider, drill.name, ruling.obligation) in accepted
    return ruling if is_accepted == ruling.accepted else ruling.model_copy(update={"accepted": is_accepted})
