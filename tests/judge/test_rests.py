"""The time that passes between two runs of a client, at real drills: runs are told moments that are apart."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pytest

from mockserver.judge.drill import Drill
from mockserver.judge.evidence import Run
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.rests import REST, rest_before
from mockserver.scenarios import Scenario
from mockserver.scenarios.action_models import Action
from tests.support.patience import PATIENCE

ARRIVES = {"arrive": {"agency": 101, "category": "CLASSIFIED"}}
SOON = 300.0
"""Seconds in which anything happens that takes no virtual time."""


@pytest.fixture(scope="module")
def judge_server() -> Iterator[JudgeServer]:
    with JudgeServer() as made:
        yield made


def does_nothing(environment: Mapping[str, str]) -> None: ...


def runs(judge_server: JudgeServer, *then: Any, steps: Any = (), **judging: Any) -> Sequence[Run]:
    document = {"name": "mine", "why": "It is tested.", "world": "small", "steps": steps}
    scenario = Scenario.model_validate({**document, "judge": {"then": then, **judging}})
    result = judge_server.run_drill(Drill("mine", "gsl", scenario), Function(does_nothing, PATIENCE))
    assert result.faulty == ()
    return result.evidence.runs


def steps_of(runs: Sequence[Run]) -> list[float]:
    """The seconds from each moment that a run was told to the next one."""
    return [later.client_now - run.client_now for run, later in pairwise(runs)]


def arrived(before: Run, run: Run) -> float:
    """The date of the one lead that came between two runs."""
    (id,) = set(run.before) - set(before.after)
    return run.before[id].created


def test_each_run_is_told_a_later_hour_and_what_comes_is_new(judge_server: JudgeServer) -> None:
    made = runs(judge_server, [ARRIVES], [])
    assert all(REST <= step < REST + SOON for step in steps_of(made))
    assert 0 <= made[1].began - arrived(made[0], made[1]) < SOON


def test_a_drill_that_moves_the_clock_does_so_alone(judge_server: JudgeServer) -> None:
    made = runs(judge_server, [{"clock": {"advance": "P1D"}}], [{"clock": {"advance": "PT5M"}}])
    assert steps_of(made) == [pytest.approx(seconds, abs=SOON - 1) for seconds in (86_400 + SOON / 2, SOON)]


def test_a_clients_clock_never_goes_back(judge_server: JudgeServer) -> None:
    ahead = runs(judge_server, [], [], skew="PT5M")
    assert steps_of(ahead)[0] == pytest.approx(REST - 300 + SOON / 2, abs=SOON / 2)
    assert min(steps_of(ahead)) > 60
    back = runs(judge_server, [{"clock": {"advance": "-PT2H"}}], [])
    assert min(steps_of(back)) == 0
    assert back[1].began < back[0].began, "that of the provider does"


def test_a_lead_comes_from_the_future_of_a_client_whose_clock_is_behind(judge_server: JudgeServer) -> None:
    first, second = runs(judge_server, [ARRIVES], skew="PT5M")
    assert arrived(first, second) > second.client_now


def test_a_lead_comes_from_the_past_of_a_client_whose_clock_is_ahead(judge_server: JudgeServer) -> None:
    _, second, third = runs(judge_server, [], [ARRIVES], skew="-PT5M")
    assert int(second.began) <= arrived(second, third) < second.client_now


def test_while_the_clock_stands_still_what_comes_has_the_second_of_the_run_before(judge_server: JudgeServer) -> None:
    frozen = {"when": "start", "do": [{"clock": {"freeze": True}}]}
    first, second = runs(judge_server, [ARRIVES], steps=[frozen])
    assert arrived(first, second) == int(first.began)
    assert steps_of([first, second]) == [pytest.approx(REST, abs=SOON)]


def test_a_drill_with_webhooks_takes_no_time_that_their_attempts_would_not_outlive(judge_server: JudgeServer) -> None:
    assert max(steps_of(runs(judge_server, [], webhooks=True))) < SOON


@pytest.mark.parametrize(
    ("moves", "seconds"),
    [
        ([], REST),
        ([{"advance": "PT1M"}], 0),
        ([{"advance": "PT59S"}], REST),
        ([{"advance": "PT30S"}, {"advance": "PT30S"}], 0),
        ([{"advance": "-PT5M"}], 0),
        ([{"set": "2027-01-01T00:00:00Z"}], 0),
        ([{"freeze": True}], REST),
    ],
)
def test_time_passes_unless_the_drill_lets_it_pass(moves: list[Any], seconds: float) -> None:
    actions = [Action.model_validate(action) for action in (ARRIVES, *({"clock": move} for move in moves))]
    assert rest_before(actions) == seconds
