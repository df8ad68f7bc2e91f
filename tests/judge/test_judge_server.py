"""The server that hosts drills: the clock with which each begins."""

import threading
from collections.abc import Mapping
from datetime import datetime

import pytest

from mockserver.foundation.clock import real_time
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from tests.clients import gsl
from tests.support.patience import PATIENCE


@pytest.mark.parametrize(("drill", "at_machine_time"), [("quota-reached-until-a-date", True), ("plain", False)])
def test_a_drill_about_dates_begins_at_the_time_of_the_machine(
    drill: str, at_machine_time: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[float] = []

    def program(environment: Mapping[str, str], stop: threading.Event) -> int:
        moments.append(datetime.fromisoformat(environment["MOCKSERVER_NOW"]).timestamp())
        return 0

    with JudgeServer() as server:
        began = real_time()
        monkeypatch.setattr(server, "_origin", int(began) - 3_600)
        server.judge(server.battery(["apimo"], [drill])[0], Function(program))

    assert (moments[0] > began - 1_800) is at_machine_time


@pytest.mark.no_cover
def test_one_drill_is_looked_at_again_too_where_a_finding_rests_on_time() -> None:
    hasty, runs = iter([True]), list[str]()

    class Client(gsl.Client):
        """Does not wait at its first failure, as if the machine had stood still."""

        def told_wait(self, answer: gsl.Answer) -> float | None:
            return None if next(hasty, False) else super().told_wait(answer)

    def program(environment: Mapping[str, str], stop: threading.Event) -> int:
        runs.append(environment["MOCKSERVER_NOW"])
        return Client(environment, stop).run()

    with JudgeServer() as server:
        report = server.judge(server.battery(["gsl"], ["down-for-a-second"])[0], Function(program, PATIENCE, PATIENCE))
    assert list(report.broken) == []
    assert len(runs) == 4
