"""`@pytest.mark.conform(…)` in runs of pytest within this one."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.judge import api
from mockserver.judge.judge_server import JudgeServer
from mockserver.pytest_plugin import conform
from mockserver.pytest_plugin.marker import MarkerError
from tests.support.plugin_runs import Run, load_everything

pytest_plugins = ["pytester"]


@pytest.fixture(scope="module")
def everything() -> None:
    """See `load_everything`; the judge as well."""
    load_everything()
    judged = api.judge(lambda environment: None, provider="gsl", scenarios=["plain"], jobs=1)
    assert [found.id for found in judged.broken()] == ["RUN-01"]


@pytest.fixture
def run(everything: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a test file with the plugin, and with no other that happens to be installed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(name, raising=False)
    return Run(pytester)


def test_a_client_that_breaks_an_obligation_fails_its_test_and_one_that_cannot_be_run(run: Run) -> None:
    result = run(
        """
def idle(environment, stop):
    assert environment["GSL_BASE_URL"].startswith("http://127.0.0.1:")
    assert environment["URL"] == environment["GSL_BASE_URL"]

@pytest.mark.conform("gsl", scenarios=["plain"])
def test_function(conform):
    conform(idle, env={"URL": "{gsl.base_url}"})

def calls_another(environment):
    assert "GSL_BASE_URL" in environment and "SEEKER_BASE_URL" not in environment
    raise SystemExit("Error: it calls " + environment["APIMO_BASE_URL"][-5:])

@pytest.mark.conform("gsl", others=["apimo"], scenarios=["plain"])
def test_others(conform):
    conform(calls_another)

@pytest.mark.conform("gsl", scenarios=["plain"])
def test_command(conform):
    conform(["no-such-program"])

@pytest.mark.conform("gsl", scenarios=["plain"])
def test_template(conform):
    conform(idle, env={"URL": "{gsl.url}"})

def test_without_a_marker(conform):
    pass
""",
        "--mockserver-capsules",
        "capsules",
    )
    result.assert_outcomes(failed=4, errors=1)
    result.stdout.fnmatch_lines(
        [
            "idle broke in the drill plain (gsl):",
            "  RUN-01 (must): a correct client calls the provider",
            "      run 1 made no call of gsl; *",
            "      reason: * (*; documented)",
            "      what to do: Configure the program *",
            "why: Nothing goes wrong: *",
            "the same again: mockserver serve --capsule capsules/gsl/plain/capsule.json.gz",
        ]
    )
    text = result.stdout.str()
    assert "the command 'no-such-program' cannot be started: it is not there" in text
    assert "environment URL={gsl.url}: there is no {gsl.url}; there is {gsl.base_url}, {gsl." in text
    assert "(Error: it calls apimo)" in text
    assert "the pytest fixture conform wants @pytest.mark.conform on its test" in text
    assert "conform.py:" not in text, "no traceback through our code"


def test_a_test_is_there_for_each_drill_without_any_server(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a server at collection")

    monkeypatch.setattr(JudgeServer, "__init__", refuse)
    result = run(
        """
@pytest.mark.conform("gsl", "seeker", scenarios=["plain", "gsl.*"])
def test_all(conform): ...

@pytest.mark.conform("seeker", scenarios=["plain"])
class TestOne:
    def test_one(self, conform): ...
    def test_other(self): ...
""",
        "--collect-only",
        "-q",
    )
    lines = [line.partition("::")[2] for line in result.outlines if "::" in line]
    assert lines[0] == "test_all[gsl-plain]"
    assert any(line.startswith("test_all[gsl.") and "=" in line for line in lines)
    assert lines[-3:] == ["test_all[seeker-plain]", "TestOne::test_one[plain]", "TestOne::test_other"]


def test_a_marker_that_makes_no_sense_ends_the_run(run: Run) -> None:
    result = run("""
@pytest.mark.conform("acme")
def test_all(conform): ...
""")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: *::test_all: @pytest.mark.conform: there is no provider 'acme'; there is apimo, gsl, seeker"]
    )


@pytest.mark.parametrize(
    ("arguments", "named", "why"),
    [
        (
            (),
            {"scenario": "plain"},
            r"no argument .scenario.; write providers, others=\[…\], scenarios=\[…\] or quick=True, strict",
        ),
        (("gsl",), {"quick": 1}, "quick=1 is neither True nor False"),
        (("gsl",), {"quick": True, "scenarios": ["plain"]}, "A quick battery chooses its scenarios itself"),
        ((), {"others": "gsl"}, "others='gsl' is no list of providers"),
        (("gsl",), {"others": ["acme"]}, "there is no provider 'acme'"),
        ((), {"require_reached": 1}, "require_reached=1 is neither True nor False"),
        ((), {"strict": "yes"}, "strict='yes' is neither True nor False"),
        ((), {"scenarios": "plain"}, "scenarios='plain' is no list of names and files"),
        ((), {"scenarios": [1]}, "is no list of names and files"),
        ((), {"scenarios": 1}, "is no list of names and files"),
        (("gsl",), {"scenarios": ["plaim"]}, "There is no drill 'plaim'.*did you mean plain"),
    ],
)
def test_what_is_wrong_with_a_marker_is_told(arguments: tuple[str, ...], named: dict[str, Any], why: str) -> None:
    config: Any = SimpleNamespace(stash=pytest.Stash())
    mark = pytest.mark.conform(*arguments, **named).mark
    with pytest.raises(MarkerError, match=why):
        conform._drills(config, mark)


def test_a_fault_of_ours_is_not_charged_to_the_client(make_report: Callable[..., Any]) -> None:
    text = conform._complaint("main", make_report(faulty=("the scenario never fired",)))
    assert text == "a fault of ours in the drill plain (gsl), and none of main:\n  the scenario never fired"
    assert conform._complaint("main", make_report()) == ""


def test_another_reading_fails_a_test_only_when_it_is_strict(make_report: Callable[..., Any]) -> None:
    from mockserver.judge.report import RulingReport
    from mockserver.judge.rulings import State

    report = make_report(rulings=(RulingReport(obligation="TOLERANCE-05", state=State.BROKEN),))
    assert conform._complaint("main", report) == ""
    assert "TOLERANCE-05 (must): a correct client works" in conform._complaint("main", report, strict=True)


def test_a_must_that_was_not_reached_fails_a_test_only_when_it_is_to_be(make_report: Callable[..., Any]) -> None:
    report = make_report().model_copy(update={"not_reached": ("TOKEN-07",)})
    judge_server: Any = SimpleNamespace(judge=lambda *arguments, **named: report)
    drill: Any = None
    assert conform.Conform(judge_server, drill, ["gsl"])(["true"]) is report
    with pytest.raises(
        pytest.fail.Exception, match="true never came to what these are about: TOKEN-07; the drill plain"
    ):
        conform.Conform(judge_server, drill, ["gsl"], require_reached=True)(["true"])


@pytest.fixture
def make_report() -> Callable[..., Any]:
    """The report of a drill in which nothing was broken."""
    from mockserver.judge.report import DrillReport

    def make(faulty: tuple[str, ...] = (), rulings: tuple[Any, ...] = ()) -> DrillReport:
        return DrillReport(
            name="plain",
            provider="gsl",
            why="to see",
            variant=None,
            seconds=1.0,
            runs=(),
            rulings=rulings,
            calls=(),
            events=(),
            faulty=faulty,
        )

    return make
