"""The command `mockserver conform`, and the same from Python: what is asked of the judge, and what becomes of it."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from mockserver.cli import main
from mockserver.judge import runner, selftest
from mockserver.judge.api import judge
from mockserver.judge.catalogue import OBLIGATIONS, reasons_of, severity_of
from mockserver.judge.client_access import ClientAccess
from mockserver.judge.command import Command
from mockserver.judge.function import Function
from mockserver.judge.program import ConformError
from mockserver.judge.progress import SuiteProgress, bar
from mockserver.judge.report import DrillReport, FindingReport, ObligationReport, Report, RulingReport
from mockserver.judge.rulings import State
from mockserver.judge.selftest import SelftestResult
from mockserver.judge.shipped_clients import ShippedClient
from tests.conftest import ROOT, children
from tests.support.patience import PATIENCE

CLIENT = ["--", "true", "--flag"]


def a_report(*broken: str, exit_code: int | None = None) -> Report:
    """One drill with one provider, where these obligations are broken and all others of its family are held."""
    reasons = reasons_of("gsl")
    found = FindingReport(text="it did as it should not", kind="", calls=(), leads=())
    states = {id: State.BROKEN if id in broken else State.HELD for id in ("RUN-01", "PAGE-01", "PAGE-02")}
    drill = DrillReport(
        name="plain",
        provider="gsl",
        why="to see",
        variant=None,
        seconds=1.0,
        runs=(),
        rulings=tuple(
            RulingReport(obligation=id, state=state, findings=(found,) if state is State.BROKEN else ())
            for id, state in states.items()
        ),
        calls=(),
        events=(),
        faulty=("the scenario never fired",) if exit_code == 3 else (),
    )
    obligations = tuple(
        ObligationReport(
            id=id,
            provider="gsl",
            severity=severity_of("gsl", id),
            sentence=OBLIGATIONS[id].sentence,
            reason=reasons[id].reason,
            document=reasons[id].document,
            level=reasons[id].level,
            remedy=OBLIGATIONS[id].remedy,
            state=state,
            drills={state: ("plain",)},
        )
        for id, state in states.items()
    )
    return Report(
        mockserver="0",
        program="true --flag",
        started_at="2026-01-01T00:00:00.000Z",
        seconds=1.5,
        exit_code=(1 if broken else 0) if exit_code is None else exit_code,
        providers=("gsl",),
        obligations=obligations,
        drills=(drill,),
        assumptions=(),
    )


class Judge:
    """Instead of the real one: takes down what it was asked, and answers with a report."""

    def __init__(self) -> None:
        self.report: Report | Exception = a_report()
        self.program: Any = None
        self.asked: dict[str, Any] = {}

    def __call__(self, program: Any, **asked: Any) -> Report:
        self.program, self.asked = program, asked
        if isinstance(self.report, Exception):
            raise self.report
        if on_progress := asked.get("on_progress"):
            on_progress(SuiteProgress(1, 1, "plain"))
        return self.report


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Judge:
    """The judge that the command comes to; files go to a folder of the test."""
    found = Judge()
    monkeypatch.setattr(runner, "judge_program", found)
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(("MOCKSERVER_", "GITHUB_")):
            monkeypatch.delenv(name)
    return found


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs the command here; exit code and both outputs."""

    def conform(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["mockserver", "conform", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.main()
        written = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return code, written.out, written.err

    return conform


Run = Callable[..., tuple[int, str, str]]


def test_the_judge_is_asked_what_the_command_line_says(judged: Judge, run: Run, tmp_path: Path) -> None:
    arguments = ["--provider", "gsl", "--provider", "seeker", "--scenario", "plain", "--agency", "7", "--jobs", "3"]
    arguments += ["--hosts", "--listen", "0.0.0.0", "--public-host", "mock"]
    arguments += ["--with", "apimo,acme", "--with", "zeta"]
    arguments += ["--env", "URL={gsl.base_url}/x", "--env", "NOW={now}", "--runs-dir", str(tmp_path / "runs")]
    code, out, err = run(*arguments, "--timeout", "9.5", "--settle", "2", *CLIENT)
    assert code == 0
    assert "PASSED" in out
    assert err == "1 drill in 1.5 s: PASSED: 3 held\n", "one line when nobody looks on"
    assert isinstance(judged.program, Command)
    assert judged.program.argv == ["true", "--flag"]
    assert callable(judged.asked.pop("on_progress"))
    assert judged.asked == {
        "providers": ("gsl", "seeker"),
        "others": ["apimo", "acme", "zeta"],
        "scenarios": ("plain",),
        "templates": (("URL", "{gsl.base_url}/x"), ("NOW", "{now}")),
        "agency": 7,
        "runs_dir": tmp_path / "runs",
        "jobs": 3,
        "quick": False,
        "strict": False,
        "require_reached": False,
        "battery": None,
        "alone": True,
        "access": ClientAccess(hosts=True, listen="0.0.0.0", public_host="mock"),
    }
    run("--quick", "--strict", *CLIENT)
    assert (judged.asked["quick"], judged.asked["strict"]) == (True, True)


def test_the_environment_can_say_it_too(judged: Judge, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_CONFORM_PROVIDER", "gsl seeker")
    monkeypatch.setenv("MOCKSERVER_CONFORM_AGENCY", "8")
    assert run("true", "--no-option-of-ours")[0] == 0, "without -- the first word that is no option begins the command"
    assert judged.program.argv == ["true", "--no-option-of-ours"]
    assert judged.asked["providers"] == ("gsl", "seeker")
    assert judged.asked["agency"] == 8


def test_findings_and_faults_of_ours_have_exit_codes_of_their_own(judged: Judge, run: Run) -> None:
    judged.report = a_report("PAGE-01")
    code, out, err = run(*CLIENT)
    assert code == 1
    assert "PAGE-01" in out
    assert out.endswith("FAILED: 1 must broken; 2 held\n")
    assert err == "", "the report has just ended with the same words"
    code, out, err = run("--report", "console=card.txt", *CLIENT)
    assert (out, err) == ("", "1 drill in 1.5 s: FAILED: 1 must broken; 2 held\n")
    judged.report = a_report(exit_code=3)
    assert run(*CLIENT)[0] == 3
    judged.report = RuntimeError("nobody thought of this")
    code, out, err = run(*CLIENT)
    assert code == 3
    assert "RuntimeError: nobody thought of this" in err
    assert "this is a fault of ours" in err


def test_reports_go_to_the_files_that_are_named_or_to_the_usual_ones(judged: Judge, run: Run, tmp_path: Path) -> None:
    assert run("--report", "json=out/deep/report.json,junit", "--runs-dir", "runs", *CLIENT)[:2] == (0, "")
    assert json.loads((tmp_path / "out/deep/report.json").read_text(encoding="utf-8"))["exit_code"] == 0
    assert (tmp_path / "runs/conform.xml").read_text(encoding="utf-8").startswith("<?xml")
    code, out, _ = run("--report", "console=card.txt, html ,console", *CLIENT)
    assert code == 0
    assert (tmp_path / "card.txt").read_text(encoding="utf-8") == out != ""
    assert "<html" in (tmp_path / "conform.html").read_text(encoding="utf-8")


def test_the_option_may_be_given_again_and_each_time_with_several_forms(
    judged: Judge, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("--report", "html=a.html,junit=a.xml", "--report", "json=b.json", *CLIENT)[:2] == (0, "")
    assert "<html" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert (tmp_path / "a.xml").read_text(encoding="utf-8").startswith("<?xml")
    assert json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))["exit_code"] == 0
    monkeypatch.setenv("MOCKSERVER_CONFORM_REPORT", "json=of a job.json,junit=job.xml")
    assert run(*CLIENT)[:2] == (0, "")
    assert json.loads((tmp_path / "of a job.json").read_text(encoding="utf-8"))["exit_code"] == 0
    assert (tmp_path / "job.xml").is_file()


def test_a_job_of_github_gets_annotations_and_its_summary(
    judged: Judge, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged.report = a_report("PAGE-01")
    assert "::error" not in "".join(run(*CLIENT)[1:])
    assert "::error title=PAGE-01 must" in run("--report", "github", *CLIENT)[2]
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    code, out, err = run("--report", "json=report.json", *CLIENT)
    assert (code, out) == (1, ""), "standard output may be what a program reads"
    assert err.startswith("::error title=PAGE-01 must")
    assert run("--report", "github=lines.txt", *CLIENT)[2].count("::error") == 0
    assert (tmp_path / "lines.txt").read_text(encoding="utf-8").startswith("::error")
    assert run("--report", "markdown,badge", "--runs-dir", "runs", *CLIENT)[0] == 1
    assert json.loads((tmp_path / "runs" / "conform.badge.json").read_text(encoding="utf-8"))["color"] == "red"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("# Of another command\n", encoding="utf-8")
    assert run("--report", "markdown", "--runs-dir", "runs", *CLIENT)[0] == 1
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert summary == "# Of another command\n" + (tmp_path / "runs" / "conform.md").read_text(encoding="utf-8")


def test_a_baseline_is_written_and_then_accepted(judged: Judge, run: Run) -> None:
    judged.report = a_report("PAGE-01", "PAGE-02")
    assert run("--write-baseline", "known/all.yaml", *CLIENT)[0] == 0
    assert run("--baseline", "known/all.yaml", *CLIENT)[0] == 0
    judged.report = a_report("PAGE-01", "RUN-01")
    assert run("--baseline", "known/all.yaml", *CLIENT)[0] == 1, "one more is broken, and one is held"
    judged.report = a_report(exit_code=3)
    assert run("--write-baseline", "known/all.yaml", *CLIENT)[0] == 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "mockserver: no client to judge; write its command behind --, as in: mockserver conform -- python sync"),
        (
            ["--provider", "gls", "--", "no-such-program"],
            "mockserver: There is no provider 'gls'; there is apimo, gsl, seeker.",
        ),
        (["--scenario", "plan", "--", "no-such-program"], "mockserver: There is no drill 'plan'"),
        (["--", "no-such-program"], "mockserver: the command 'no-such-program' cannot be started: it is not there"),
        (["--settle", "0", "true"], "a settle of 0 seconds; more than 0 is right"),
        (["--timeout", "nan", "true"], "a timeout of nan and"),
        (
            ["--report", "pdf", "true"],
            "'pdf' is none of console, json, junit, html, markdown, badge, github, or one of",
        ),
        (["--report", "json=", "true"], "'json=' is none of"),
        (["--report", "json=file/report.json", "true"], "mockserver: file/report.json cannot be written: "),
        (["--env", "A=1", "--env", "URL", "true"], "'URL' is not of the form NAME=TEMPLATE"),
        (["--runs-dir", "file/below", "true"], "--runs-dir file/below cannot be made: Not a directory; name another"),
        (["--jobs", "0", "true"], "0 is not in the range 1<=x<=256"),
        (["--baseline", "not-there.yaml", "true"], "mockserver: not-there.yaml: it cannot be read"),
        (["--list", "--report", "junit"], "mockserver: --list cannot be shown as junit; console or json is right"),
        (["--list", "--provider", "acme"], "mockserver: There is no provider 'acme'; there is"),
        (["--list", "--scenario", "no-such"], "mockserver: There is no drill 'no-such'"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(
    arguments: list[str], sentence: str, judged: Judge, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert sentence in err
    assert judged.program is None, "before anything was run"


def test_what_the_judge_will_not_do_is_wrong_usage(judged: Judge, run: Run) -> None:
    judged.report = ConformError("environment URL={x}: there is no {x}")
    assert run(*CLIENT) == (2, "", "mockserver: environment URL={x}: there is no {x}\n")


def test_the_battery_is_listed_with_its_reasons(run: Run) -> None:
    code, out, err = run("--list", "--scenario", "plain", "--provider", "gsl")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("plain  gsl; ")
    assert lines[1].startswith("    aims at ")
    assert lines[-1] == "1 drill: 1 situation, each for the providers that have it"
    assert max(map(len, lines)) <= 120
    _, verbose, _ = run("--list", "-v", "--scenario", "plain", "--provider", "gsl")
    assert verbose.startswith(out)
    for id, reason in reasons_of("gsl").items():
        assert f"\n{id}  {severity_of('gsl', id)} of a client of gsl: {OBLIGATIONS[id].sentence}\n" in verbose
        for support in reason.rests_on:
            assert f"{support.source} ({support.level})" in " ".join(verbose.split())


def test_the_quick_battery_is_listed_alone(run: Run) -> None:
    _, out, _ = run("--list", "--quick", "--report", "json", "--provider", "gsl")
    drills = json.loads(out)["drills"]
    assert 1 < len(drills) < 30
    assert not any(drill["variant"] for drill in drills)
    code, out, err = run("--list", "--quick", "--scenario", "plain")
    assert (code, out) == (2, "")
    assert err.startswith("mockserver: A quick battery chooses its scenarios itself")


def test_the_battery_is_listed_for_programs(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("--list", "--report", "json", "--provider", "gsl")
    listed = json.loads(out)
    plain = listed["drills"][0]
    assert (plain["name"], plain["provider"], plain["variant"]) == ("plain", "gsl", None)
    assert plain["runs"] >= 2
    assert "RUN-01" in plain["aims"]
    assert [row["id"] for row in listed["obligations"]] == [id for id in OBLIGATIONS if id in reasons_of("gsl")]
    run("--list", "--report", f"json={tmp_path / 'new' / 'battery.json'}", "--provider", "gsl")
    assert json.loads((tmp_path / "new" / "battery.json").read_text(encoding="utf-8")) == listed


def test_the_judge_is_judged_on_demand(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    client = ShippedClient("gsl", "stops after page one", "PAGE-01", lambda environment, stop: None)
    results = [SelftestResult(client, right=True, named=True, verdict="named in plain")]

    def judged(providers: Sequence[str], *, jobs: int | None, on_progress: Any) -> list[SelftestResult]:
        asked.append((providers, jobs))
        sys.stderr.write("told\n")
        words = threading.Thread(target=lambda: sys.stderr.write("of a client"), name="client x")
        words.start()
        words.join()
        return results

    monkeypatch.setattr(selftest, "run_selftest", judged)
    code, out, err = run("--selftest", "--provider", "gsl", "--jobs", "2")
    assert (code, asked, err) == (0, [(("gsl",), 2)], "told\n")
    assert " ".join(out.splitlines()[1].split()) == "right gsl PAGE-01 stops after page one named in plain"
    assert "all of 1 client judged rightly, in " in out
    results.append(SelftestResult(client, right=False, named=False, verdict="not named in plain"))
    code, out, _ = run("--selftest")
    assert code == 1
    assert "1 of 2 clients judged wrongly: this release must not be trusted" in out
    assert run("--selftest", "--", "true")[0] == 2, "it takes no client"

    def stopped(providers: Sequence[str], **asked: Any) -> list[SelftestResult]:
        raise KeyboardInterrupt

    monkeypatch.setattr(selftest, "run_selftest", stopped)
    assert run("--selftest") == (130, "", "mockserver: stopped; nothing was judged\n")


@pytest.fixture
def as_in_a_terminal() -> Iterator[None]:
    """Whatever the tests were started with, such as nohup: the end of a terminal ends what it started."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("as_in_a_terminal")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_clients_and_then_us(
    number: signal.Signals, judged: Judge, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Signalled(Silent):
        """It sends the signal to this process, once the client is waited for."""

        def tick(self) -> None:
            os.kill(os.getpid(), number)

    def raises_a_signal(program: Command, **asked: Any) -> Report:
        try:
            program.run({}, Signalled())
        finally:
            os.kill(os.getpid(), number)  # `timeout` sends one to us and one to our group
        raise AssertionError("it went on")

    monkeypatch.setattr(runner, "judge_program", raises_a_signal)
    before, there = signal.getsignal(number), children()
    code, _, err = run("--", sys.executable, "-c", "import time\nwhile True: time.sleep(0.01)")
    assert (code, err) == (128 + number, "mockserver: stopped; nothing was judged\n")
    assert signal.getsignal(number) is before
    assert children() <= there


class Silent:
    """A `Watch` of a client that calls nobody."""

    def quiet(self) -> float:
        return 0.0

    def got_error(self) -> bool:
        return False

    def called(self) -> bool:
        return False

    def idle(self) -> float:
        return 0.0

    def tick(self) -> None:
        pass


def test_serving_does_not_pay_for_the_judge() -> None:
    source = (
        "import sys, click\n"
        "from mockserver.cli.main import cli\n"
        "assert cli.get_command(click.Context(cli), 'serve')\n"
        "print([name for name in sys.modules if name.startswith('mockserver.judge')])\n"
        "import mockserver.cli.conform\n"
        "print([name for name in sys.modules if name in ('rich', 'mockserver.judge.report', 'uvicorn')])\n"
        "assert 'conform' in cli.list_commands(click.Context(cli))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, cwd=ROOT, check=True, timeout=PATIENCE
    )
    assert done.stdout == "[]\n[]\n"


def test_progress_is_shown_to_a_person(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with bar(terminal=True) as on_progress:
        on_progress(SuiteProgress(1, 4, "plain [x]"))
    assert "plain [x]" in capsys.readouterr().err
    with bar(terminal=False) as on_progress:
        on_progress(SuiteProgress(1, 4, "plain"))
    assert capsys.readouterr() == ("", "")


def test_python_asks_the_judge_in_one_call(judged: Judge, tmp_path: Path) -> None:
    def client(environment: object) -> None: ...

    assert judge(client, provider="gsl", scenarios=["plain"], env={"A": "{now}"}, runs_dir="runs") is judged.report
    assert isinstance(judged.program, Function)
    assert judged.asked == {
        "providers": ("gsl",),
        "others": (),
        "scenarios": ["plain"],
        "templates": (("A", "{now}"),),
        "agency": None,
        "runs_dir": Path("runs"),
        "jobs": None,
        "quick": False,
        "strict": False,
        "require_reached": False,
        "battery": None,
    }
    words: Sequence[str | Path] = [sys.executable, Path("x.py")]
    judge(words, providers=["gsl", "seeker"], agency=3, jobs=2, quick=True)
    assert judged.asked["quick"] is True
    command: Any = judged.program
    assert command.argv == [sys.executable, "x.py"]
    assert (judged.asked["providers"], judged.asked["agency"], judged.asked["jobs"]) == (("gsl", "seeker"), 3, 2)
