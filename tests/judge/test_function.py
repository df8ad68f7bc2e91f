"""A client that is a callable: what it returns, and how it is stopped."""

import functools
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mockserver.judge import function
from mockserver.judge.evidence import HeldLead
from mockserver.judge.function import Function
from mockserver.judge.outcome_file import read_outcome
from mockserver.judge.program import ProgramError, RunResult
from tests.support.patience import PATIENCE
from tests.support.watch import Calls


def run_function(
    callee: Callable[..., Any],
    tmp_path: Path,
    watch: Calls | None = None,
    timeout: float = PATIENCE,
    settle: float = PATIENCE,
) -> RunResult:
    ran = Function(callee, timeout, settle)
    return ran.run({"MOCKSERVER_OUTCOME": str(tmp_path / "outcome")}, watch or Calls())


def leave(code: object) -> Any:
    raise SystemExit(code)


async def later(environment: Mapping[str, str]) -> int:
    return 4


@pytest.mark.parametrize(
    ("callee", "code", "output"),
    [
        (lambda environment: None, 0, ""),
        (lambda environment, stop: 2, 2, ""),
        (lambda environment, *, stop: int(stop.is_set()), 0, ""),
        (lambda environment, stop=None: int(stop is None), 0, ""),
        (functools.partial(lambda extra, environment: extra, 7), 7, ""),
        (lambda environment: leave(None), 0, ""),
        (lambda environment: leave(5), 5, ""),
        (lambda environment: leave("no leads"), 1, "no leads"),
        (later, 4, ""),
    ],
)
def test_a_callable_ends_as_a_command_does(callee: Callable[..., Any], code: int, output: str, tmp_path: Path) -> None:
    ran = run_function(callee, tmp_path)
    assert (ran.exit_code, ran.ending, ran.output) == (code, "itself", output)
    assert not (tmp_path / "outcome").exists()


def test_a_callable_that_raises_failed_and_its_traceback_is_its_output(tmp_path: Path) -> None:
    ran = run_function(lambda environment: environment["NOT_THERE"], tmp_path)
    assert ran.exit_code == 1
    assert ran.output.startswith("Traceback")
    assert "KeyError: 'NOT_THERE'" in ran.output


def test_leads_that_a_callable_returns_are_its_outcome(tmp_path: Path) -> None:
    def sync(environment: Mapping[str, str]) -> Any:
        yield {"id": 7, "name": "Zoé\u2028\ud83d"}
        yield {"id": "8", "email": None}

    assert run_function(sync, tmp_path).exit_code == 0
    assert read_outcome(tmp_path / "outcome") == (HeldLead("7", name="Zoé\u2028\ufffd"), HeldLead("8"))


@pytest.mark.parametrize("result", [True, "leads", {"id": 1}, [1], 1.5])
def test_what_a_callable_must_not_return_is_told(result: object, tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match=r"returned .*; an exit code, None, or the leads"):
        run_function(lambda environment: result, tmp_path)


def test_a_callable_that_goes_on_is_told_to_stop(tmp_path: Path) -> None:
    def poll(environment: Mapping[str, str], stop: threading.Event) -> Any:
        assert stop.wait(PATIENCE)
        return [{"id": "1"}]

    ran = run_function(poll, tmp_path, Calls(called=True), settle=0.2)
    assert (ran.exit_code, ran.ending) == (None, "settled")
    assert read_outcome(tmp_path / "outcome") == (HeldLead("1"),)
    ran = run_function(poll, tmp_path, timeout=0.2)
    assert (ran.exit_code, ran.ending) == (None, "timeout")


def test_a_callable_that_takes_no_stop_cannot_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function, "GRACE", 0.2)
    release = threading.Event()
    ran = run_function(lambda environment: release.wait(PATIENCE) and None, tmp_path, Calls(called=True), settle=0.2)
    assert (ran.exit_code, ran.ending) == (None, "timeout")
    release.set()
    monkeypatch.setattr(function, "GRACE", PATIENCE)
    ran = run_function(lambda environment: time.sleep(0.3), tmp_path, Calls(called=True), settle=0.2)
    assert (ran.exit_code, ran.ending) == (0, "itself"), "it was only at work in silence"
