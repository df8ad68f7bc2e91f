"""Hosts drills at one server, each in a sandbox of its own."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from mockserver.foundation.clock import real_time
from mockserver.judge.catalogue import reasons_of
from mockserver.judge.client_access import ClientAccess, HostVariables
from mockserver.judge.drill import Drill
from mockserver.judge.drill_capsule import with_capsule
from mockserver.judge.drill_folder import DrillFolder, folder_name
from mockserver.judge.drill_run import DrillResult, DrillRun
from mockserver.judge.lead_views import LeadViews
from mockserver.judge.narrowing import narrowed
from mockserver.judge.program import ConformError, Program
from mockserver.judge.report import DrillReport
from mockserver.judge.second_look import look_again
from mockserver.judge.suite import battery, check_providers
from mockserver.judge.unset_variables import check_needs, unexplained
from mockserver.judge.verdicts import JudgedDrill, aggregate, conclude, judge_drill, reach_of
from mockserver.provider_api.judge_adapter import JudgeAdapter
from mockserver.provider_api.provider import Provider
from mockserver.providers.loading import judge_adapter_of
from mockserver.registry.sandboxes import SandboxRequest

_WEBHOOK_TIMEOUT = 2.0
"""Seconds that a client has to answer a webhook; the provider's own are not known, and a battery is short."""
_BY_DATE = "FAULT-02"
"""Drills that aim at it begin at the machine's own time: many a library compares the date with that clock."""
_MAX_BODY = 1024 * 1024
"""The most bytes of a body that are looked at."""


class JudgeServer:
    """A context manager. Drills may be gone through from several threads at once."""

    def __init__(self, *, alone: bool = False, access: ClientAccess | None = None) -> None:
        """`alone` says that the process is the judge's: nothing is loaded there before it is needed.

        `access` is the way in which clients reach it, other than from this machine. Raises SettingsError.
        """
        access = access or ClientAccess()
        self._server = access.make_server(
            alone=alone,
            journal_size=1,
            journal_body=_MAX_BODY,
            sandbox_idle=0,
            prefer=False,
            webhook_timeout=_WEBHOOK_TIMEOUT,
        )
        self._url = access.url_of(self._server)
        self._opened = ExitStack()
        self._host_variables = HostVariables(access, self._server, self._opened)
        self.providers: Mapping[str, Provider] = self._server.app.providers
        self.adapters: Mapping[str, JudgeAdapter] = {name: judge_adapter_of(name) for name in self.providers}
        self._origin = int(real_time())
        """The start of the clocks of all drills, so that those in the same world share it."""
        self._numbers = count(1)
        self._lead_views = LeadViews()
        self._tried: set[tuple[str, str]] = set()
        """Programs, by name and provider, that were tried with the variables of all providers."""

    def __enter__(self) -> "JudgeServer":
        return self

    def __exit__(self, *failure: object) -> None:
        self._server.stop()
        self._opened.close()

    def refused_hosts(self) -> tuple[str, ...]:
        """Returns the hosts of no provider that clients called, and that were refused."""
        hosting = self._server.app.hosting
        return () if hosting is None else tuple(hosting.refusals)

    def battery(
        self, providers: Sequence[str] = (), scenarios: Sequence[str] = (), *, quick: bool = False
    ) -> list[Drill]:
        """Returns the drills of these providers, or of all. Raises ConformError."""
        return battery(self.providers, providers, scenarios, quick=quick)

    def names(self, providers: Sequence[str], others: Sequence[str] = ()) -> tuple[str, ...]:
        """Returns the providers whose variables a program gets: the judged ones and others. Raises ConformError."""
        check_providers(self.providers, (*providers, *others))
        return tuple(name for name in self.providers if not providers or name in (*providers, *others))

    def judge(
        self,
        drill: Drill,
        program: Program,
        *,
        templates: Sequence[tuple[str, str]] = (),
        agency: int | None = None,
        runs_dir: Path | None = None,
        configured: Collection[str] | None = None,
        strict: bool = False,
    ) -> DrillReport:
        """Runs one drill, again where a finding rests on time, and judges it by itself. Raises ConformError."""
        reasons = reasons_of(drill.provider)

        def once() -> JudgedDrill:
            result = self.run_drill(
                drill, program, templates=templates, agency=agency, runs_dir=runs_dir, configured=configured
            )
            return with_capsule(judge_drill(result, reasons), result, runs_dir)

        judged = look_again([once()], lambda former: once())
        report = conclude(judged, strict=strict)[0]
        missed = reach_of(drill.provider, judged, aggregate(drill.provider, reasons, [report], strict=strict))
        return report.model_copy(update={"not_reached": missed.not_reached})

    def run_drill(
        self,
        drill: Drill,
        program: Program,
        *,
        templates: Sequence[tuple[str, str]] = (),
        agency: int | None = None,
        runs_dir: Path | None = None,
        configured: Collection[str] | None = None,
    ) -> DrillResult:
        """Puts the program through a drill. What it leaves behind is kept below `runs_dir`, else nowhere.

        The program gets the variables of the `configured` providers; None is all of them. The drill touches only its
        own provider.

        Raises ConformError for a program that cannot be run, templates that make no sense, or a folder that cannot be
        used.
        """
        with ExitStack() as stack:
            if runs_dir is None:
                path = Path(stack.enter_context(TemporaryDirectory(prefix="mockserver-", ignore_cleanup_errors=True)))
            else:
                path = runs_dir / drill.provider / folder_name(drill.name)
            folder = DrillFolder(path)
            narrow = replace(drill, scenario=narrowed(drill.scenario, self.providers[drill.provider]))
            names = tuple(self.providers) if configured is None else configured
            drill_run = self._server.call(lambda: self._start_drill(narrow, agency, names))
            stack.callback(self._server.call, drill_run.close)
            led = stack.enter_context(self._host_variables.of(drill_run.sandbox_id))
            result = drill_run.run_drill(program, templates, folder, led)
            if runs_dir is not None:
                result = replace(result, capsule=self._server.call(drill_run.begin_capsule))
        if set(names) != set(self.providers):
            self._check_variables(result, program, templates, agency)
        return result

    def _check_variables(
        self, result: DrillResult, program: Program, templates: Sequence[tuple[str, str]], agency: int | None
    ) -> None:
        """Tries a program that failed for no reason once more with all variables. Raises ConformError if that helps."""
        failed, key = unexplained(result), (program.name, result.drill.provider)
        if failed is None or key in self._tried:
            return
        self._tried.add(key)
        check_needs(failed, self.run_drill(result.drill, program, templates=templates, agency=agency))

    def _start_drill(self, drill: Drill, agency: int | None, configured: Collection[str]) -> DrillRun:
        scenario = drill.scenario
        sandbox = self._server.app.sandboxes.create(
            SandboxRequest(
                id=f"drill-{next(self._numbers)}",
                now=self._origin if scenario.now is None else None,
                scenario=drill.script.as_document(),
            )
        )
        sandbox.clock.resume()
        if scenario.now is None and _BY_DATE in scenario.judging.aims:
            with sandbox.transaction():
                sandbox.clock.set(real_time())
        try:
            return DrillRun(
                self._server, self._url, self.adapters, drill, sandbox, agency, configured, self._lead_views
            )
        except ConformError:
            self._server.app.sandboxes.delete(sandbox.id)
            raise
