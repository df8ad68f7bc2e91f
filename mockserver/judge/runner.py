"""Runs a whole battery with one program: drills side by side, then the report."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from mockserver.foundation.clock import can_be_frozen, iso, real_time, stopwatch
from mockserver.foundation.version import __version__
from mockserver.judge.admission import Admission, admission_of
from mockserver.judge.baseline import exit_code
from mockserver.judge.catalogue import reasons_of
from mockserver.judge.client_access import ClientAccess
from mockserver.judge.drill import Drill
from mockserver.judge.drill_capsule import with_capsule
from mockserver.judge.drill_duration import expected_seconds
from mockserver.judge.frozen_battery import load_battery
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.program import Program
from mockserver.judge.progress import SuiteProgress
from mockserver.judge.rare_collections import rare_collections, start_collecting
from mockserver.judge.report import Assumption, DrillReport, ObligationReport, Report
from mockserver.judge.scoring import Scoring
from mockserver.judge.second_look import look_again
from mockserver.judge.side_by_side import work_side_by_side
from mockserver.judge.suite import PLAIN
from mockserver.judge.verdicts import JudgedDrill, aggregate, conclude, judge_drill, reach_of


def judge_program(
    program: Program,
    *,
    providers: Sequence[str] = (),
    others: Sequence[str] = (),
    scenarios: Sequence[str] = (),
    templates: Sequence[tuple[str, str]] = (),
    agency: int | None = None,
    runs_dir: Path | None = None,
    jobs: int | None = None,
    quick: bool = False,
    on_progress: Callable[[SuiteProgress], None] | None = None,
    strict: bool = False,
    require_reached: bool = False,
    battery: str | None = None,
    alone: bool = False,
    access: ClientAccess | None = None,
) -> Report:
    """Puts the program through the battery. Raises ConformError for what cannot be done.

    Without `providers` it is judged for those that it calls, and is given the variables of all; else of these and of
    `others`. Without `scenarios` it is judged in every drill, or with `quick` in a few that are for each `must`.
    `strict` counts the drills of other readings, which are told apart as advice else. `require_reached` makes a must
    that the client never came to a failure. `battery` is the version of a frozen one: what was added later is not
    scored. `access` is the way in which it reaches the server, other than from this machine. `alone` says that the
    process is the judge's: it is faster then, and leaves the collector of garbage on.
    """
    scoring = Scoring(strict, require_reached, None if battery is None else load_battery(battery))
    with rare_collections(), JudgeServer(alone=alone, access=access) as judge_server:
        configured = judge_server.names(providers, others)
        drills = judge_server.battery(providers, scenarios, quick=quick)
        if alone:
            start_collecting()
        suite = SuiteRun(judge_server, program, templates, agency, runs_dir, on_progress, configured, scoring)
        return suite.run(drills, admission_of(1 if jobs is None and _is_alone(program) else jobs), probe=not providers)


class SuiteRun:
    """A run of the battery with one program."""

    def __init__(
        self,
        judge_server: JudgeServer,
        program: Program,
        templates: Sequence[tuple[str, str]],
        agency: int | None,
        runs_dir: Path | None,
        on_progress: Callable[[SuiteProgress], None] | None,
        configured: Sequence[str],
        scoring: Scoring,
    ) -> None:
        """`configured` are the providers whose variables the program gets."""
        self._judge_server = judge_server
        self._program = program
        self._templates = templates
        self._agency = agency
        self._runs_dir = runs_dir
        self._configured = configured
        self._on_progress = on_progress or (lambda progress: None)
        self._scoring = scoring
        self._done = 0
        self._total = 0
        self._assumptions: dict[tuple[str, str, str], Assumption] = {}

    def run(self, drills: Sequence[Drill], admission: Admission, *, probe: bool) -> Report:
        """Judges by these drills. With `probe` providers that the program does not call are left out."""
        began, started_at = stopwatch(), iso(real_time())
        judged, not_called = self._judge(drills, admission, probe=probe)
        by_name = {(drill.provider, drill.name): drill for drill in drills}
        judged = look_again(judged, lambda drill: self._one(by_name[drill.provider, drill.name]))
        names = [name for name in self._judge_server.providers if any(drill.provider == name for drill in judged)]
        later = {(drill.provider, drill.name) for drill in drills if not self._scoring.counts(drill)}
        added = [drill for drill in judged if (drill.provider, drill.name) in later]
        judged = [drill for drill in judged if (drill.provider, drill.name) not in later]
        by_provider = {name: self._conclude(judged, name) for name in names}
        obligations = [row for name in names for row in self._aggregate(name, by_provider[name])]
        reports = [report for name in names for report in by_provider[name]]
        strict, require_reached, battery = self._scoring.strict, self._scoring.require_reached, self._scoring.battery
        reached = {name: reach_of(name, judged, obligations) for name in names}
        not_reached = tuple(f"{name} {id}" for name in names for id in reached[name].not_reached)
        return Report(
            mockserver=__version__,
            program=self._program.name,
            started_at=started_at,
            seconds=round(stopwatch() - began, 3),
            exit_code=exit_code(obligations, reports, unreached=require_reached and bool(not_reached)),
            providers=tuple(names),
            not_called=tuple(not_called),
            refused_hosts=self._judge_server.refused_hosts(),
            obligations=tuple(obligations),
            drills=tuple(report for report in reports if strict or report.variant is None),
            other_readings=tuple(report for report in reports if not strict and report.variant is not None),
            battery=None if battery is None else battery.version,
            added_later=tuple(report for name in names for report in self._conclude(added, name)),
            assumptions=tuple(self._assumptions[key] for key in sorted(self._assumptions)),
            not_reached=not_reached,
            not_used=tuple(f"{name} {capability}" for name in names for capability in reached[name].not_used),
            require_reached=require_reached,
        )

    def _conclude(self, judged: Sequence[JudgedDrill], provider: str) -> list[DrillReport]:
        return conclude([drill for drill in judged if drill.provider == provider], strict=self._scoring.strict)

    def _aggregate(self, provider: str, drills: Sequence[DrillReport]) -> list[ObligationReport]:
        rows = aggregate(provider, reasons_of(provider), drills, strict=self._scoring.strict)
        return [self._scoring.score(row) for row in rows]

    def _judge(
        self, drills: Sequence[Drill], admission: Admission, *, probe: bool
    ) -> tuple[list[JudgedDrill], list[str]]:
        """Judges all drills, in order. With `probe` providers that the program calls in no drill are left out."""
        self._total = len(drills)
        if not probe:
            return self._go_through(drills, admission), []
        first = [next(_first(drills, name)) for name in dict.fromkeys(drill.provider for drill in drills)]
        tried, judged = first, self._go_through(first, admission)
        if not _called(judged):
            return judged, []  # the report says that it called nobody
        # A drill may make a program call a provider that it has not called so far.
        while rest := [drill for drill in drills if drill.provider in _called(judged) and drill not in tried]:
            tried = [*tried, *rest]
            self._total = len(tried)
            judged += self._go_through(rest, admission)
        called = _called(judged)
        order = {(drill.provider, drill.name): number for number, drill in enumerate(drills)}
        judged = [drill for drill in judged if drill.provider in called]
        judged.sort(key=lambda drill: order[drill.provider, drill.name])
        return judged, [drill.provider for drill in first if drill.provider not in called]

    def _go_through(self, drills: Sequence[Drill], admission: Admission) -> list[JudgedDrill]:
        """Judges drills side by side, those first that take longest: at the end nobody waits for one of them alone."""
        longest_first = sorted(range(len(drills)), key=lambda position: -expected_seconds(drills[position]))
        return work_side_by_side(
            drills, self._one, admission, order=longest_first, stop=self._program.stop, on_done=self._count
        )

    def _count(self, drill: Drill) -> None:
        self._done += 1
        self._on_progress(SuiteProgress(self._done, self._total, drill.name))

    def _one(self, drill: Drill) -> JudgedDrill:
        result = self._judge_server.run_drill(
            drill,
            self._program,
            templates=self._templates,
            agency=self._agency,
            runs_dir=self._runs_dir,
            configured=self._configured,
        )
        for row in result.relied_on if self._scoring.strict or drill.variant is None else ():
            assumption = Assumption.model_validate(row)
            key = (assumption.provider, assumption.operation, assumption.subject)
            self._assumptions.setdefault(key, assumption)
        return with_capsule(judge_drill(result, reasons_of(drill.provider)), result, self._runs_dir)


def _is_alone(program: Program) -> bool:
    """Tells whether two runs beside each other could freeze time for one another."""
    return isinstance(program, Function) and can_be_frozen()


def _called(judged: Iterable[JudgedDrill]) -> set[str]:
    """Returns the providers that were called in any drill, whoever it was about."""
    return {call.provider for drill in judged for call in drill.report.calls}


def _first(drills: Iterable[Drill], provider: str) -> Iterator[Drill]:
    """Yields the plain drill of a provider if it is among them, then any."""
    candidates = [drill for drill in drills if drill.provider == provider]
    yield from (drill for drill in candidates if drill.name == PLAIN)
    yield from candidates
