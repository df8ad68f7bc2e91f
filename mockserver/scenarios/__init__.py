"""Scenarios: named scripts of what happens to a sandbox while a client works."""

from typing import TYPE_CHECKING

from mockserver.foundation.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from mockserver.scenarios.errors import ScenarioError
    from mockserver.scenarios.loading import (
        bundled_scenarios,
        choose_scenario,
        load_scenario,
        parse_scenario,
        read_scenario,
        scenario_names,
    )
    from mockserver.scenarios.model import Scenario, ScenarioState
    from mockserver.scenarios.runner import ScenarioRunner

__all__ = [
    "Scenario",
    "ScenarioError",
    "ScenarioRunner",
    "ScenarioState",
    "bundled_scenarios",
    "choose_scenario",
    "load_scenario",
    "parse_scenario",
    "read_scenario",
    "scenario_names",
]

_MODULES = {
    "Scenario": "model",
    "ScenarioError": "errors",
    "ScenarioRunner": "runner",
    "ScenarioState": "model",
    "bundled_scenarios": "loading",
    "choose_scenario": "loading",
    "load_scenario": "loading",
    "parse_scenario": "loading",
    "read_scenario": "loading",
    "scenario_names": "loading",
}

__getattr__ = lazy_exports(__name__, _MODULES)
