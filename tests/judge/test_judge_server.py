"""The server that hosts drills: the clock with which each begins."""

import threading
from collections.abc import Mapping
from datetime import datetime

import pytest

from mockserver.foundation.clock import real_time
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer


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
