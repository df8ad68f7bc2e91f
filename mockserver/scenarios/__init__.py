"""Scenarios: named scripts of what happens to a sandbox while a client works."""

from typing import TYPE_CHECKING, Any

from mockserver.scenarios.errors import ScenarioError
from mockserver.scenarios.loading import (
    choose_scenario,
    load_scenario,
    parse_scenario,
    read_scenario,
    scenario_names,
)
from mockserver.scenarios.runner import ScenarioRunner

if TYPE_CHECKING:
    from mockserver.scenarios.model import Scenario, ScenarioState

__all__ = [
    "Scenario",
    "ScenarioError",
    "ScenarioRunner",
    "ScenarioState",
    "choose_scenario",
    "load_scenario",
    "parse_scenario",
    "read_scenario",
    "scenario_names",
]


def __getattr__(name: str) -> Any:
    # A server without a scenario never pays for the models of one.
    if name in ("Scenario", "ScenarioState"):
        from mockserver.scenarios import model

        return getattr(model, name)
    raise AttributeError(name)
