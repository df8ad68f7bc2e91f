"""Whether what a scenario names is there: providers, operations, variants, worlds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from operator import eq
from typing import Any

from mockserver.provider_api.provider import Provider
from mockserver.scenarios.errors import Place
from mockserver.scenarios.model import Action, Scenario
from mockserver.world import WorldError, world_names
from mockserver.world.pins import PinBoard

Providers = Mapping[str, Provider]


def unknown(scenario: Scenario, providers: Providers) -> Iterator[tuple[Place, str]]:
    """Place and sentence of everything that is named and not there."""
    for at, name in enumerate(scenario.providers):
        yield from _provider(("providers", at), name, providers)
    yield from _world(scenario)
    for name, chosen in scenario.variants.items():
        yield from _variants(("variants", name), name, chosen, providers)
    about = scenario.providers or tuple(providers)
    for at, step in enumerate(scenario.steps):
        yield from _target(("steps", at, "when"), step.when, about, providers, fnmatchcase)
        yield from _actions(("steps", at, "do"), step.do, about, providers)
    for at, actions in enumerate(scenario.judge.then if scenario.judge else ()):
        yield from _actions(("judge", "then", at), actions, about, providers)


def _actions(
    place: Place, actions: Iterable[Action], about: tuple[str, ...], providers: Providers
) -> Iterator[tuple[Place, str]]:
    for number, action in enumerate(actions):
        verb, argument = action.chosen
        yield from _target((*place, number, verb), argument, about, providers, eq)


def _world(scenario: Scenario) -> Iterator[tuple[Place, str]]:
    world = scenario.world
    if isinstance(world, str):
        if world not in world_names():
            known = ", ".join(world_names())
            yield ("world",), f"there is no world {world!r}; there is {known}, or put a world file's content here"
    elif world is not None:
        try:
            PinBoard(world).check()
        except WorldError as error:
            yield ("world", "pins"), str(error)


def _variants(
    place: Place, provider: str, chosen: Mapping[str, str], providers: Providers
) -> Iterator[tuple[Place, str]]:
    if provider not in providers:
        yield from _provider(place, provider, providers)
        return
    variants = providers[provider].contract.variants
    for name, value in chosen.items():
        if name not in variants:
            yield (*place, name), f"{provider} has no such variant; it has {', '.join(variants)}"
        elif value not in variants[name].values:
            yield (*place, name), f"it cannot be {value!r}; it can be {', '.join(variants[name].values)}"


def _target(
    place: Place, value: Any, about: tuple[str, ...], providers: Providers, meant: Callable[[str, str], bool]
) -> Iterator[tuple[Place, str]]:
    """Of a trigger or an action: the provider and the operation, where it names one. A fault knows no `*`."""
    provider, operation = getattr(value, "provider", None), getattr(value, "operation", None)
    if provider is not None and provider not in providers:
        yield from _provider((*place, "provider"), provider, providers)
        return
    among = [name for name in ((provider,) if provider else about) if name in providers]
    known = [id for name in among for id in providers[name].contract.operations]
    if operation is not None and not any(meant(id, operation) for id in known):
        yield (*place, "operation"), f"there is no operation {operation!r}; there is {', '.join(known)}"


def _provider(place: Place, name: str, providers: Providers) -> Iterator[tuple[Place, str]]:
    if name not in providers:
        yield place, f"there is no provider {name!r}; there is {', '.join(providers)}"
