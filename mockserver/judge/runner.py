"""Runs a whole battery with one program: drills side by side, then the report."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from mockserver.foundation.clock import iso, real_time, stopwatch
from mockserver.foundation.version import __version__
from mockserver.judge.admission import Admission, admission_of
from mockserver.judge.baseline import exit_code
from mockserver.judge.catalogue import reasons_of
from mockserver.judge.drill import Drill
from mockserver.judge.drill_duration import expected_seconds
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.program import Program
from mockserver.judge.progress import SuiteProgress
from mockserver.judge.report import Assumption, DrillReport, ObligationReport, Report
from mockserver.judge.side_by_side import work_side_by_side
from mockserver.judge.suite import PLAIN
from mockserver.judge.verdicts import JudgedDrill, aggregate, conclude, judge_drill


def judge_program(
    program: Program,
    *,
    providers: Sequence[str] = (),
    scenarios: Sequence[str] = (),
    templates: Sequence[tuple[str, str]] = (),
    agency: int | None = None,
    runs_dir: Path | None = None,
    jobs: int | None = None,
    on_progress: Callable[[SuiteProgress], None] | None = None,
    strict: bool = False,
) -> Report:
    """Puts the program through the battery. Raises ConformError for what cannot be done.

    Without `providers` it is judged for those that it calls; without `scenarios` in every drill. `strict` counts the
    drills of other readings, which are told apart as advice else.
    """
    with JudgeServer() as judge_server:
        suite = SuiteRun(judge_server, program, templates, agency, runs_dir, on_progress, strict)
        return suite.run(providers, scenarios, jobs)


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
        strict: bool = False,
    ) -> None:
        self._judge_server = judge_server
        self._program = program
        self._templates = templates
        self._agency = agency
        self._runs_dir = runs_dir
        self._on_progress = on_progress or (lambda progress: None)
        self._strict = strict
        self._done = 0
        self._total = 0
        self._assumptions: dict[tuple[str, str, str], Assumption] = {}

    def run(self, providers: Sequence[str], scenarios: Sequence[str], jobs: int | None) -> Report:
        began, started_at = stopwatch(), iso(real_time())
        drills = self._judge_server.battery(providers, scenarios)
        judged, not_called = self._judge(drills, admission_of(jobs), probe=not providers)
        names = [name for name in self._judge_server.providers if any(drill.provider == name for drill in judged)]
        by_provider = {name: self._conclude(judged, name) for name in names}
        obligations = [row for name in names for row in self._aggregate(name, by_provider[name])]
        reports = [report for name in names for report in by_provider[name]]
        return Report(
            mockserver=__version__,
            program=self._program.name,
            started_at=started_at,
            seconds=round(stopwatch() - began, 3),
            exit_code=exit_code(obligations, reports),
            providers=tuple(names),
            not_called=tuple(not_called),
            obligations=tuple(obligations),
            drills=tuple(report for report in reports if self._strict or report.variant is None),
            other_readings=tuple(report for report in reports if not self._strict and report.variant is not None),
            assumptions=tuple(self._assumptions[key] for key in sorted(self._assumptions)),
        )

    def _conclude(self, judged: Sequence[JudgedDrill], provider: str) -> list[DrillReport]:
        return conclude([drill for drill in judged if drill.provider == provider], strict=self._strict)

    def _aggregate(self, provider: str, drills: Sequence[DrillReport]) -> list[ObligationReport]:
        return aggregate(provider, reasons_of(provider), drills, strict=self._strict)

    def _judge(
        self, drills: Sequence[Drill], admission: Admission, *, probe: bool
    ) -> tuple[list[JudgedDrill], list[str]]:
        """Judges all drills, in order. With `probe` providers that the program does not call are left out."""
        self._total = len(drills)
        if not probe:
            return self._go_through(drills, admission), []
        first = [next(_first(drills, name)) for name in dict.fromkeys(drill.provider for drill in drills)]
        judged = {drill.provider: drill for drill in self._go_through(first, admission)}
        called = [name for name, drill in judged.items() if drill.report.calls]
        if not called:
            return list(judged.values()), []  # the report says that it called nobody
        rest = [drill for drill in drills if drill.provider in called and drill not in first]
        self._total = len(rest) + len(first)
        both = [judged[name] for name in called] + self._go_through(rest, admission)
        order = {(drill.provider, drill.name): number for number, drill in enumerate(drills)}
        both.sort(key=lambda drill: order[drill.provider, drill.name])
        return both, [name for name in judged if name not in called]

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
            drill, self._program, templates=self._templates, agency=self._agency, runs_dir=self._runs_dir
        )
        for row in result.relied_on if self._strict or drill.variant is None else ():
            assumption = Assumption.model_validate(row)
            key = (assumption.provider, assumption.operation, assumption.subject)
            self._assumptions.setdefault(key, assumption)
        return judge_drill(result, reasons_of(drill.provider))


def _first(drills: Iterable[Drill], provider: str) -> Iterator[Drill]:
    """Yields the plain drill of a provider if it is among them, then any."""
    candidates = [drill for drill in drills if drill.provider == provider]
    yield from (drill for drill in candidates if drill.name == PLAIN)
    yield from candidates
