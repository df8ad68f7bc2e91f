"""Narrows a scenario to one provider: the calls, accounts and deliveries of others go on as if nothing happened."""

from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.provider_api.provider import Provider
from mockserver.sandbox.faults import Fault
from mockserver.sandbox.webhooks import DeliveryFault
from mockserver.scenarios import Scenario
from mockserver.scenarios.action_models import Action, ClockMove
from mockserver.scenarios.model import Judging, Step, When

_NAMES_NOBODY = ("fault", "delivery_fault", "revoke_agency", "grant")
"""Actions that are about every provider when they name none."""
_NOTHING = Action(clock=ClockMove(advance="PT0S"))


def narrowed(scenario: Scenario, provider: Provider) -> Scenario:
    """Returns the scenario without what it does at other providers; calls that name no provider are those of this one.

    What changes the world itself, such as leads that arrive or a clock that moves, stays.
    """
    changed: dict[str, Any] = {"steps": _steps(scenario.steps, provider)}
    if scenario.judge is not None:
        changed["judge"] = _judging(scenario.judge, provider)
    return scenario.model_copy(update=changed)


def _judging(judging: Judging, provider: Provider) -> Judging:
    changed: dict[str, Any] = {"then": tuple(_actions(actions, provider) for actions in judging.then)}
    if judging.steps is not None:
        changed["steps"] = _steps(judging.steps, provider)
    return judging.model_copy(update=changed)


def _steps(steps: Sequence[Step], provider: Provider) -> tuple[Step, ...]:
    """A step that has nothing to do any more is kept for as long as a later one counts from it."""
    actions = [_actions(step.do, provider) for step in steps]
    last = max((number for number, do in enumerate(actions) if do), default=-1)
    return tuple(
        step.model_copy(update={"when": _when(step.when, provider), "do": do or (_NOTHING,)})
        for number, (step, do) in enumerate(zip(steps, actions, strict=True))
        if do or (number < last and not step.when.start)
    )


def _when(when: When, provider: Provider) -> When:
    if not when.counts or when.provider is not None:
        return when
    return when.model_copy(update={"provider": provider.name})


def _actions(actions: Iterable[Action], provider: Provider) -> tuple[Action, ...]:
    return tuple(narrow for action in actions if (narrow := _action(action, provider)) is not None)


def _action(action: Action, provider: Provider) -> Action | None:
    name, argument = action.chosen
    whose = getattr(argument, "provider", None)
    if whose is not None:
        return action if whose == provider.name else None
    if name not in _NAMES_NOBODY:
        return action
    if not _can_meet(argument, provider):
        return None
    return action.model_copy(update={name: argument.model_copy(update={"provider": provider.name})})


def _can_meet(argument: Any, provider: Provider) -> bool:
    """Tells whether the provider has what a fault is about."""
    if isinstance(argument, Fault):
        return argument.operation is None or argument.operation in provider.contract.operations
    return not isinstance(argument, DeliveryFault) or provider.webhook is not None
