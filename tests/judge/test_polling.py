"""Clients that poll for ever, at a real drill: who only repeats its calls has settled, and who is stuck has not."""

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from mockserver.foundation.clock import stopwatch
from mockserver.judge.drill import Drill
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.scenarios import Scenario
from tests.clients import gsl
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.no_cover
"""Clients that call thousands of times, by code that other tests reach too."""

Environment = Mapping[str, str]
ARRIVES = {"arrive": {"agency": 101, "category": "CLASSIFIED"}}


@pytest.fixture(scope="module")
def judge_server() -> Iterator[JudgeServer]:
    with JudgeServer() as made:
        yield made


def drill(*steps: Any) -> Drill:
    document = {"name": "mine", "why": "It is tested.", "world": "small", "steps": steps, "judge": {"then": []}}
    return Drill("mine", "gsl", Scenario.model_validate(document))


def polls(environment: Environment, stop: threading.Event) -> None:
    """A poller that is never quiet for as long as the judge wants it, and rests for longer than it works."""
    rest = 0.3
    while not stop.wait(rest):
        began = stopwatch()
        gsl.Client(environment, stop).run()
        rest = max(0.3, 1.5 * (stopwatch() - began))


def test_a_poller_that_is_told_nothing_new_has_settled_long_before_its_time_is_up(judge_server: JudgeServer) -> None:
    found = judge_server.run_drill(drill(), Function(polls, timeout=PATIENCE, settle=3)).evidence
    (one,) = found.runs
    assert one.ending == "settled"
    assert one.succeeded
    assert one.outcome


def test_a_poller_that_is_told_something_new_is_given_time_for_it(judge_server: JudgeServer) -> None:
    late = {"when": {"operation": "searchAgencyLeads", "calls": 5}, "do": [ARRIVES]}
    found = judge_server.run_drill(drill(late), Function(polls, timeout=PATIENCE, settle=3)).evidence
    (one,) = found.runs
    assert one.ending == "settled"
    (came,) = set(one.after) - set(one.before)
    assert came in {held.id for held in one.outcome or ()}


def stuck(environment: Environment, stop: threading.Event) -> None:
    """Asks for the same page on and on, and never rests."""
    client = gsl.Client(environment, stop)
    while not stop.is_set():
        client.run()
        time.sleep(0.001)


def test_who_never_rests_is_stuck(judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    # A busy machine makes everybody rest for a moment.
    monkeypatch.setattr("mockserver.judge.recorder._REST", 1.0)
    (one,) = judge_server.run_drill(drill(), Function(stuck, timeout=2.5, settle=2)).evidence.runs
    assert one.ending == "timeout"


def test_who_is_refused_on_and_on_has_not_settled_by_it(judge_server: JudgeServer) -> None:
    def client(environment: Environment, stop: threading.Event) -> None:
        while not stop.wait(0.25):
            gsl.Client({**environment, "GSL_CLIENT_SECRET": "wrong"}, stop).run()

    (one,) = judge_server.run_drill(drill(), Function(client, timeout=2.5, settle=1)).evidence.runs
    assert one.ending == "timeout"
