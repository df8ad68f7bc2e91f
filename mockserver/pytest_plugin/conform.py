"""`@pytest.mark.conform(…)` makes a test of each drill of the battery, which puts a client through it."""

from collections.abc import Iterator, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.pytest_plugin.fixtures import provider_names
from mockserver.pytest_plugin.marker import MarkerError

if TYPE_CHECKING:
    from mockserver.judge.drill import Drill
    from mockserver.judge.frozen_battery import FrozenBattery
    from mockserver.judge.function import Callee
    from mockserver.judge.judge_server import JudgeServer
    from mockserver.judge.program import Program
    from mockserver.judge.report import DrillReport, RulingReport
    from mockserver.judge.rulings import Severity
    from mockserver.provider_api.provider import Provider

NAME = "conform"
_TIMEOUT = 60.0
_SETTLE = 5.0
_PROVIDERS: "pytest.StashKey[Mapping[str, Provider]]" = pytest.StashKey()


class Conform:
    """Runs a client through the drill of the test."""

    def __init__(
        self,
        judge_server: "JudgeServer",
        drill: "Drill",
        configured: Sequence[str],
        *,
        strict: bool = False,
        battery: "FrozenBattery | None" = None,
        require_reached: bool = False,
        runs_dir: str | None = None,
    ) -> None:
        """`configured` are the providers whose variables the client is given; `runs_dir` is where calls name none."""
        self._runs_dir = runs_dir
        self._judge_server = judge_server
        self._configured = configured
        self._strict = strict
        self._battery = battery
        self._require_reached = require_reached
        self.drill = drill

    def __call__(
        self,
        program: "Callee | Sequence[str | Path] | Program",
        *,
        env: Mapping[str, str] | None = None,
        agency: int | None = None,
        timeout: float = _TIMEOUT,
        settle: float = _SETTLE,
        runs_dir: Path | str | None = None,
    ) -> "DrillReport":
        """Judges the client as `judge.judge` does; the test fails when an obligation that matters is broken."""
        from mockserver.judge.api import as_program
        from mockserver.judge.program import ConformError

        folder = self._runs_dir if runs_dir is None else runs_dir
        try:
            client = as_program(program, timeout, settle)
            report = self._judge_server.judge(
                self.drill,
                client,
                templates=tuple((env or {}).items()),
                agency=agency,
                runs_dir=None if folder is None else Path(folder),
                configured=self._configured,
                strict=self._strict,
            )
        except ConformError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        if complaint := _complaint(client.name, report, self._strict, self._battery):
            pytest.fail(complaint, pytrace=False)
        if self._require_reached and report.not_reached:
            missed = f"{client.name} never came to what these are about: {', '.join(report.not_reached)}"
            pytest.fail(f"{missed}; the drill {report.name} is there for them: {report.why}", pytrace=False)
        return report


@pytest.fixture(scope="session")
def mockserver_judge_server() -> "Iterator[JudgeServer]":
    """The judge of this run, with a server of its own."""
    from mockserver.judge.judge_server import JudgeServer

    with JudgeServer() as judge_server:
        yield judge_server


@pytest.fixture(name=NAME)
def conform_client(request: pytest.FixtureRequest) -> Conform:
    """Call it with a client, a callable or the words of a command: `conform(main)`, `conform(["node", "sync.js"])`."""
    drill = getattr(request, "param", None)
    if drill is None:
        drill = MarkerError(f"{request.node.nodeid}: the pytest fixture {NAME} wants @pytest.mark.{NAME} on its test")
    if isinstance(drill, MarkerError):
        raise pytest.fail.Exception(str(drill), pytrace=False)
    marker = request.node.get_closest_marker(NAME)
    judge_server: JudgeServer = request.getfixturevalue("mockserver_judge_server")
    configured = judge_server.names(marker.args, marker.kwargs.get("others", ()))
    strict, battery = marker.kwargs.get("strict", False), _battery(marker)
    require_reached = marker.kwargs.get("require_reached", False)
    return Conform(
        judge_server,
        drill,
        configured,
        strict=strict,
        battery=battery,
        require_reached=require_reached,
        runs_dir=request.config.getoption("mockserver_capsules"),
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Makes a test of each drill that the marker asks for."""
    marker = metafunc.definition.get_closest_marker(NAME)
    if marker is None or NAME not in metafunc.fixturenames:
        return
    try:
        drills: Sequence[Any] = _drills(metafunc.config, marker)
        ids = _ids(drills)
    except MarkerError as error:
        wrong = MarkerError(f"{metafunc.definition.nodeid}: @pytest.mark.{NAME}: {error}")
        drills, ids = [wrong], ["wrong"]
    metafunc.parametrize(NAME, drills, ids=ids, indirect=True)


def check_conform(item: pytest.Item) -> None:
    """Raises MarkerError for a test whose marker cannot be understood."""
    callspec = getattr(item, "callspec", None)
    if callspec is not None and isinstance(wrong := callspec.params.get(NAME), MarkerError):
        raise wrong


def _drills(config: pytest.Config, marker: pytest.Mark) -> "list[Drill]":
    names = provider_names()
    others = marker.kwargs.get("others", [])
    if not isinstance(others, list | tuple):
        raise MarkerError(f"others={others!r} is no list of providers")
    if wrong := [name for name in (*marker.args, *others) if name not in names]:
        raise MarkerError(f"there is no provider {wrong[0]!r}; there is {', '.join(names)}")
    if unknown := sorted(set(marker.kwargs) - {"scenarios", "quick", "others", "strict", "require_reached", "battery"}):
        right = (
            "providers, others=[…], scenarios=[…] or quick=True, strict=True, require_reached=True, battery='2026.12'"
        )
        raise MarkerError(f"there is no argument {unknown[0]!r}; write {right}")
    for name in ("quick", "strict", "require_reached"):
        if not isinstance(choice := marker.kwargs.get(name, False), bool):
            raise MarkerError(f"{name}={choice!r} is neither True nor False")
    scenarios = marker.kwargs.get("scenarios", [])
    if not isinstance(scenarios, list | tuple) or not all(isinstance(name, str | PathLike) for name in scenarios):
        raise MarkerError(f"scenarios={scenarios!r} is no list of names and files")
    try:
        from mockserver.judge.suite import battery
    except ImportError as error:
        raise MarkerError(
            f"the judge runs in this environment, and needs libraries that are not here ({error}); install "
            "lead-mockserver with all that it needs, or run `mockserver conform` where it is installed"
        ) from None

    quick = marker.kwargs.get("quick", False)
    try:
        drills = battery(_providers(config), marker.args, [fspath(name) for name in scenarios], quick=quick)
        if frozen := _battery(marker):
            drills = [drill for drill in drills if frozen.counts(drill)]
    except ValueError as error:  # of a scenario that is not there, or cannot be used
        raise MarkerError(str(error)) from None
    if not drills:
        raise MarkerError("there is no drill for these providers and scenarios")
    return drills


def _battery(marker: pytest.Mark) -> "FrozenBattery | None":
    """Returns the frozen battery of a marker, if it names one. Raises ConformError for one that there is not."""
    from mockserver.judge.frozen_battery import load_battery

    version = marker.kwargs.get("battery")
    return None if version is None else load_battery(str(version))


def _providers(config: pytest.Config) -> "Mapping[str, Provider]":
    """With contracts, which a battery is checked against; read once, and without a server."""
    if _PROVIDERS not in config.stash:
        from mockserver.foundation.settings import Settings
        from mockserver.server.app import providers_of

        config.stash[_PROVIDERS] = providers_of(Settings())
    return config.stash[_PROVIDERS]


def _ids(drills: "Sequence[Drill]") -> list[str]:
    """The names of drills; where several providers have them, with the provider's in front."""
    alone = len({drill.provider for drill in drills}) == 1
    return [
        drill.name if alone or drill.name.startswith(f"{drill.provider}.") else f"{drill.provider}-{drill.name}"
        for drill in drills
    ]


def _complaint(
    program: str, report: "DrillReport", strict: bool = False, battery: "FrozenBattery | None" = None
) -> str:
    """The message of a test that fails; empty when nothing is broken."""
    from mockserver.judge.catalogue import reasons_of, severity_of
    from mockserver.judge.rulings import Severity

    if report.faulty:
        ours = "\n".join(f"  {fault}" for fault in report.faulty)
        return f"a fault of ours in the drill {report.name} ({report.provider}), and none of {program}:\n{ours}"
    severities = {id: severity_of(report.provider, id, strict=strict) for id in reasons_of(report.provider)}
    if battery is not None:
        scored = {id: battery.severity_of(report.provider, id, severity) for id, severity in severities.items()}
        severities = {id: severity or Severity.ADVICE for id, severity in scored.items()}
    broken = [ruling for ruling in report.broken if severities[ruling.obligation] is not Severity.ADVICE]
    if not broken:
        return ""
    head = f"{program} broke in the drill {report.name} ({report.provider}):"
    lines = [line for ruling in broken for line in _lines(report, ruling, severities[ruling.obligation])]
    same = [] if report.capsule is None else [f"the same again: mockserver serve --capsule {quote(report.capsule)}"]
    return "\n".join([head, *lines, "", f"why: {report.why}", *same])


def _lines(report: "DrillReport", ruling: "RulingReport", severity: "Severity") -> Iterator[str]:
    from mockserver.judge.catalogue import OBLIGATIONS, reasons_of

    obligation = OBLIGATIONS[ruling.obligation]
    ground = reasons_of(report.provider)[obligation.id]
    yield f"  {obligation.id} ({severity}): a correct client {obligation.sentence}"
    for finding in ruling.findings:
        yield f"      {finding.text}"
        if finding.calls:
            yield f"        calls {', '.join(map(str, finding.calls))}"
    yield f"      reason: {ground.reason} ({ground.document}; {ground.level})"
    yield f"      what to do: {obligation.remedy}"
