"""The scenario that is at work in a sandbox, and those that come with the package."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mockserver.admin.context import Context
from mockserver.admin.schemas import ScenarioChoiceSchema, Schema, SignalSchema
from mockserver.admin.turns import at_once, in_turns
from mockserver.foundation.problems import Problem
from mockserver.scenarios import ScenarioRunner, choose_scenario, load_scenario, scenario_names


class BundledScenarioSchema(Schema):
    """A scenario that comes with the package."""

    name: str
    why: str
    """The event out there, and what a correct client does about it."""
    providers: list[str]
    """Whom it is about; all when it is empty."""
    steps: int


class ScenarioListSchema(Schema):
    """The scenarios that come with the package."""

    scenarios: list[BundledScenarioSchema]


def list_scenarios(context: Context) -> Any:
    """List the scenarios that come with the package, each with its reason"""
    return {"scenarios": [_line(name) for name in scenario_names()]}


def get_scenario(context: Context) -> Any:
    """Tell how far the scenario of a sandbox is"""
    return _runner(context).state()


async def start_scenario(context: Context, body: ScenarioChoiceSchema) -> Any:
    """Put a scenario to work, by name or as a document, in place of any other"""
    choice: str | Mapping[str, Any] = body.root
    name = body.root.get("name")
    if isinstance(name, str) and len(body.root) == 1:
        choice = name
    runner, scenario = _runner(context), choose_scenario(choice, context.services.providers)
    await at_once(context.sandbox, lambda: runner.begin(scenario))
    return await _caught_up(context)


def stop_scenario(context: Context) -> Any:
    """End the scenario of a sandbox where it is; what it did stays"""
    _runner(context).stop()


async def signal_scenario(context: Context, body: SignalSchema) -> Any:
    """Give the signal that the next step waits for"""
    runner = _runner(context)

    def take() -> None:
        if not runner.take_signal(body.name):
            waits = runner.state().waits or "nothing"
            raise Problem(
                409, "not_awaited", f"No step waits for the signal {body.name!r} now; the next one waits for {waits}."
            )

    await at_once(context.sandbox, take)
    return await _caught_up(context)


async def _caught_up(context: Context) -> Any:
    """Returns how far the scenario is when everything is done that is due."""
    runner = _runner(context)

    def catch_up() -> Any:
        runner.on_request()
        return runner.state()

    return await in_turns(context.sandbox, catch_up)


def _runner(context: Context) -> ScenarioRunner:
    runner = context.sandbox.scenario
    assert isinstance(runner, ScenarioRunner)
    return runner


@lru_cache(256)
def _line(name: str) -> dict[str, Any]:
    scenario = load_scenario(name)
    return {"name": name, "why": scenario.why, "providers": list(scenario.providers), "steps": len(scenario.all_steps)}
