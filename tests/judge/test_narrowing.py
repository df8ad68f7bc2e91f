"""Scenarios of a drill are narrowed to its provider."""

from typing import Any

import pytest

from mockserver.foundation.settings import Settings
from mockserver.judge.narrowing import narrowed
from mockserver.judge.suite import documents
from mockserver.scenarios import Scenario, parse_scenario
from mockserver.server.app import providers_of

PROVIDERS = providers_of(Settings())
ARRIVE = {"arrive": {"agency": 101}}


def narrow(provider: str, *steps: Any, **judging: Any) -> Scenario:
    document = {"name": "mine", "why": "It is tested.", "steps": list(steps), "judge": judging}
    return narrowed(Scenario.model_validate(document), PROVIDERS[provider])


def start(*actions: Any) -> dict[str, Any]:
    return {"when": "start", "do": list(actions)}


def done(scenario: Scenario) -> list[Any]:
    """What its steps do."""
    return [action.model_dump(mode="json", exclude_unset=True) for step in scenario.steps for action in step.do]


def test_what_names_no_provider_is_about_the_judged_one() -> None:
    given = [
        {"fault": {"kind": "status", "status": 500}},
        {"delivery_fault": {"kind": "duplicate"}},
        {"revoke_agency": {"agency": 101}},
        {"grant": {"agency": 101}},
    ]
    (step,) = narrow("seeker", {"when": {"operation": "*Leads*"}, "do": given}).steps
    assert step.when.provider == "seeker"
    assert [action.chosen[1].provider for action in step.do] == ["seeker"] * 4


@pytest.mark.parametrize(
    "action",
    [
        {"fault": {"provider": "gsl", "kind": "status", "status": 500}},
        {"fault": {"operation": "issueToken", "kind": "status", "status": 500}},
        {"delivery_fault": {"kind": "duplicate"}},
        {"revoke_agency": {"agency": 101, "provider": "gsl"}},
        {"grant": {"agency": 101, "provider": "gsl"}},
        {"entitle": {"provider": "gsl", "scope": ""}},
        {"revoke_tokens": {"provider": "gsl"}},
        {"revoke_credentials": {"provider": "gsl"}},
        {"rotate_credentials": {"provider": "gsl"}},
        {"rotate_keys": {"provider": "gsl"}},
    ],
    ids=lambda action: next(iter(action)),
)
def test_what_is_about_another_one_or_cannot_meet_this_one_does_not_happen(action: Any) -> None:
    made = narrow("apimo", start(action, ARRIVE), then=[[action, ARRIVE]], steps=[start(ARRIVE, action)])
    assert done(made) == [ARRIVE]
    assert [len(actions) for actions in made.judging.then] == [1]
    assert done(made.as_judged()) == [ARRIVE]


def test_what_happens_in_the_world_stays() -> None:
    given = [ARRIVE, {"clock": {"advance": "P1D"}}, {"clear_faults": {}}, {"erase": {"lead": "newest"}}]
    assert done(narrow("apimo", start(*given))) == given


def test_steps_count_from_one_another_as_before() -> None:
    fault = {"fault": {"provider": "gsl", "kind": "empty"}}
    call = {"when": {"provider": "gsl", "operation": "issueToken"}, "do": [fault]}
    later = {"when": {"clock": "PT5S"}, "do": [ARRIVE]}
    scenario = narrow("apimo", start(fault), call, later, call)
    assert [step.when.provider for step in scenario.steps] == ["gsl", None]
    assert done(scenario) == [{"clock": {"advance": "PT0S"}}, ARRIVE]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_scenario_of_ours_loses_what_it_is_about(provider: str) -> None:
    for scenario in documents().values():
        if scenario.providers and provider not in scenario.providers:
            continue
        made = narrowed(scenario, PROVIDERS[provider])
        parse_scenario(made.as_document(), PROVIDERS)
        before, after = ([*part.as_judged().steps, *part.judging.then] for part in (scenario, made))
        assert bool(after) is bool(before), scenario.name
