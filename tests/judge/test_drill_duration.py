"""How long drills take, roughly: what waits takes longer than what does not."""

import pytest

from mockserver.foundation.settings import Settings
from mockserver.judge.drill import Drill
from mockserver.judge.drill_duration import expected_seconds
from mockserver.judge.suite import battery
from mockserver.scenarios import Scenario
from mockserver.server.app import providers_of


def seconds(*faults: dict[str, object], **judge: object) -> float:
    document = {
        "name": "mine",
        "why": "It is tested.",
        "steps": [{"when": {"clock": "PT0S"}, "do": [{"fault": fault} for fault in faults]}] if faults else [],
        "judge": judge or {"then": []},
    }
    return expected_seconds(Drill("mine", "gsl", Scenario.model_validate(document)))


def test_more_runs_take_longer_and_webhooks_longest() -> None:
    assert seconds() < seconds(then=[[]]) < seconds(then=[[], []]) < seconds(then=[], webhooks=True)


def test_a_client_waits_for_as_long_as_it_is_told() -> None:
    once = {"kind": "status", "status": 503, "retry_after": 2, "times": 1}
    assert seconds(once) - seconds() == pytest.approx(2)
    assert seconds({**once, "times": 2}) - seconds() == pytest.approx(4)


def test_a_client_waits_longer_the_more_often_it_fails_and_gives_up() -> None:
    fault = {"kind": "status", "status": 503}
    costs = [seconds({**fault, "times": times}) for times in (1, 2, 3, 9)]
    assert seconds() < costs[0] < costs[1] < costs[2] == costs[3] == seconds(fault)
    assert seconds({"kind": "malformed", "times": 1}) == costs[0]
    assert seconds({"kind": "status", "status": 403}) == seconds(), "a refusal is an answer"


def test_what_delays_nobody_or_befalls_another_provider_takes_no_time() -> None:
    assert seconds({"kind": "reorder_items"}, {"kind": "status", "status": 503, "provider": "apimo"}) == seconds()


def test_actions_between_runs_count() -> None:
    fault = {"fault": {"kind": "status", "status": 503, "retry_after": 2, "times": 1}}
    assert seconds(then=[[fault]]) - seconds(then=[[]]) == pytest.approx(2)


def test_in_the_battery_webhooks_come_first() -> None:
    drills = sorted(battery(providers_of(Settings())), key=lambda drill: -expected_seconds(drill))
    hooked = [drill.scenario.judging.webhooks for drill in drills]
    assert hooked == sorted(hooked, reverse=True)
