"""Time that a test freezes or moves in this process: the judge goes by the real clock, and judges the same."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest

from mockserver.foundation import clock
from mockserver.foundation.clock import Clock, can_be_frozen, real_time, stopwatch
from mockserver.judge import judge
from mockserver.judge.command import Command
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.report import Report
from mockserver.judge.rulings import State
from mockserver.judge.runner import judge_program
from tests.clients import gsl
from tests.support.patience import PATIENCE
from tests.support.watch import Calls

pytestmark = pytest.mark.no_cover

Freezer: TypeAlias = Callable[[str], AbstractContextManager[Any]]
THEN = "2020-02-29T12:00:00+00:00"


def _freezegun() -> Freezer:
    library = pytest.importorskip("freezegun")
    return lambda moment: library.freeze_time(datetime.fromisoformat(moment))


def _time_machine() -> Freezer:
    library = pytest.importorskip("time_machine")
    return lambda moment: library.travel(datetime.fromisoformat(moment), tick=False)


@pytest.fixture(params=[_freezegun, _time_machine], ids=["freezegun", "time-machine"])
def freeze(request: pytest.FixtureRequest) -> Freezer:
    """Freezes time at a moment for as long as a block lasts."""
    freezer: Freezer = request.param()
    with freezer(THEN):
        assert datetime.now(UTC).isoformat() == THEN
    return freezer


@pytest.fixture(scope="module")
def judge_server() -> Iterator[JudgeServer]:
    with JudgeServer() as made:
        yield made


def test_our_clocks_go_on(freeze: Freezer) -> None:
    before, watch, virtual = real_time(), stopwatch(), Clock(at=1_000.0)
    with freeze(THEN):
        assert abs(real_time() - before) < PATIENCE
        assert 1_000 <= virtual.time() < 1_000 + PATIENCE
        assert Clock().time() == pytest.approx(before, abs=PATIENCE)
        first = stopwatch()
        threading.Event().wait(0.01)
        assert watch <= first < stopwatch()
    assert can_be_frozen()


def test_who_is_imported_while_time_stands_still_has_the_real_clocks(
    freeze: Freezer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = time.time()
    with freeze(THEN):
        monkeypatch.setattr(clock, "_CLOCKS", clock._clocks_of_machine())
        assert abs(real_time() - before) < PATIENCE
        first = stopwatch()
        threading.Event().wait(0.01)
        assert first < stopwatch()


def states(report: Report) -> dict[tuple[str, str], State]:
    return {(drill.name, ruling.obligation): ruling.state for drill in report.drills for ruling in drill.rulings}


def test_a_callable_that_freezes_time_is_judged_as_one_that_does_not(freeze: Freezer) -> None:
    def frozen(environment: Mapping[str, str]) -> int:
        with freeze(environment["MOCKSERVER_NOW"]):
            return gsl.main(environment)

    scenarios = ["plain", "down-for-a-second", "token-expires-between-runs"]
    reports = [judge(client, provider="gsl", scenarios=scenarios, jobs=1) for client in (gsl.main, frozen)]
    assert [report.exit_code for report in reports] == [0, 0]
    assert states(reports[0]) == states(reports[1])
    began = [datetime.fromisoformat(run.told) for run in reports[1].drills[0].runs]
    calls = [datetime.fromisoformat(call.at) for call in reports[1].drills[0].calls]
    assert 0 <= (calls[0] - began[0]).total_seconds() < PATIENCE


def test_a_callable_in_which_time_stands_still_for_ever_is_stopped(freeze: Freezer, judge_server: JudgeServer) -> None:
    def stuck(environment: Mapping[str, str], stop: threading.Event) -> None:
        with freeze(environment["MOCKSERVER_NOW"]):
            stop.wait()

    plain = judge_server.battery(["gsl"], ["plain"])[0]
    result = judge_server.run_drill(plain, Function(stuck, timeout=0.3))
    assert {run.ending for run in result.evidence.runs} == {"timeout"}


def test_a_command_is_stopped_in_time_while_time_stands_still(freeze: Freezer) -> None:
    with freeze(THEN):
        result = Command([sys.executable, "-c", "import time; time.sleep(300)"], timeout=0.3).run({}, Calls())
    assert result.ending == "timeout"
    assert 0.3 <= result.seconds < PATIENCE


def test_callables_that_could_freeze_time_for_one_another_run_one_at_a_time(
    freeze: Freezer, monkeypatch: pytest.MonkeyPatch
) -> None:
    side_by_side: list[int] = []
    running = threading.Semaphore(100)

    def client(environment: Mapping[str, str]) -> None:
        with running:
            side_by_side.append(100 - running._value)
            threading.Event().wait(0.05)

    def most(jobs: int | None) -> int:
        side_by_side.clear()
        judge_program(Function(client), providers=["gsl"], scenarios=["plain", "messy-world", "late-lead"], jobs=jobs)
        return max(side_by_side)

    assert most(None) == 1
    assert most(3) > 1, "who says how many has said so"
