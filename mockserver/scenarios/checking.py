"""Checks that all that a scenario names is there: providers, operations, variants, worlds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from operator import eq
from typing import Any

from mockserver.foundation.document_errors import DocumentPath
from mockserver.foundation.suggestions import hint
from mockserver.provider_api.provider import ProvidersByName
from mockserver.scenarios.action_models import Action
from mockserver.scenarios.model import Scenario, Step
from mockserver.world import WorldError, world_names
from mockserver.world.pins import PinBoard


def unknown(scenario: Scenario, providers: ProvidersByName) -> Iterator[tuple[DocumentPath, str]]:
    """Yields the path of everything that is named and not there, with a sentence about it."""
    for number, name in enumerate(scenario.providers):
        yield from _provider(("providers", number), name, providers)
    yield from _world(scenario)
    for name, chosen in scenario.variants.items():
        yield from _variants(("variants", name), name, chosen, providers)
    about = scenario.providers or tuple(providers)
    yield from _steps(("steps",), scenario.steps, about, providers)
    yield from _steps(("judge", "steps"), scenario.judging.steps or (), about, providers)
    for number, actions in enumerate(scenario.judge.then if scenario.judge else ()):
        yield from _actions(("judge", "then", number), actions, about, providers)


def _steps(
    path: DocumentPath, steps: Iterable[Step], about: tuple[str, ...], providers: ProvidersByName
) -> Iterator[tuple[DocumentPath, str]]:
    for number, step in enumerate(steps):
        yield from _target((*path, number, "when"), step.when, about, providers, fnmatchcase)
        yield from _actions((*path, number, "do"), step.do, about, providers)


def _actions(
    path: DocumentPath, actions: Iterable[Action], about: tuple[str, ...], providers: ProvidersByName
) -> Iterator[tuple[DocumentPath, str]]:
    for number, action in enumerate(actions):
        name, argument = action.chosen
        yield from _target((*path, number, name), argument, about, providers, eq)


def _world(scenario: Scenario) -> Iterator[tuple[DocumentPath, str]]:
    world = scenario.world
    if isinstance(world, str):
        if world not in world_names():
            detail = hint(world, world_names(), end=", or put a world file's content here")
            yield ("world",), f"there is no world {world!r}; {detail}"
    elif world is not None:
        try:
            PinBoard(world).check()
        except WorldError:
            from mockserver.world.mistakes import pin_mistakes

            for path, message in pin_mistakes(world):
                yield ("world", *path), message


def _variants(
    path: DocumentPath, provider: str, chosen: Mapping[str, str], providers: ProvidersByName
) -> Iterator[tuple[DocumentPath, str]]:
    if provider not in providers:
        yield from _provider(path, provider, providers)
        return
    variants = providers[provider].contract.variants
    for name, value in chosen.items():
        if name not in variants:
            yield (*path, name), f"{provider} has no such variant; {hint(name, variants, 'it has')}"
        elif value not in variants[name].values:
            yield (*path, name), f"it cannot be {value!r}; {hint(value, variants[name].values, 'it can be')}"


def _target(
    path: DocumentPath,
    value: Any,
    about: tuple[str, ...],
    providers: ProvidersByName,
    matches: Callable[[str, str], bool],
) -> Iterator[tuple[DocumentPath, str]]:
    """Checks the provider and the operation that a trigger or an action names, if it does. A fault knows no `*`."""
    provider, operation = getattr(value, "provider", None), getattr(value, "operation", None)
    if provider is not None and provider not in providers:
        yield from _provider((*path, "provider"), provider, providers)
        return
    among = [name for name in ((provider,) if provider else about) if name in providers]
    operations = [id for name in among for id in providers[name].contract.operations]
    if not among:
        # Whose operations would be right, nobody knows: the providers of the scenario are wrong themselves.
        operations = [id for contract in providers.values() for id in contract.contract.operations]
    if operation is not None and not any(matches(id, operation) for id in operations):
        yield (*path, "operation"), f"there is no operation {operation!r}; {hint(operation, operations)}"


def _provider(path: DocumentPath, name: str, providers: ProvidersByName) -> Iterator[tuple[DocumentPath, str]]:
    if name not in providers:
        yield path, f"there is no provider {name!r}; {hint(name, providers)}"
