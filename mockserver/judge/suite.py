"""Puts the battery together: every situation that a client is put into, by provider, and the choice among them."""

import os.path
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from mockserver.foundation.suggestions import unknown_name
from mockserver.judge.catalogue import OBLIGATIONS, READINGS
from mockserver.judge.drill import Drill
from mockserver.judge.program import ConformError
from mockserver.judge.quick_choice import quick_choice
from mockserver.provider_api.provider import Provider, ProvidersByName
from mockserver.scenarios import (
    Scenario,
    ScenarioError,
    bundled_scenarios,
    load_scenario,
    read_scenario,
    scenario_names,
)
from mockserver.scenarios.model import Judging

PLAIN = "plain"
"""The first drill, in which nothing goes wrong."""
LATER = "a-day-later"
"""The drill with which a reading is tried: it comes to full pages, and to nothing at all."""


def documents() -> dict[str, Scenario]:
    """Returns the scenarios of the package that say how they judge, by name: the plain one, then by alphabet."""
    scenarios = [scenario for scenario in bundled_scenarios() if scenario.judge]
    scenarios.sort(key=lambda scenario: scenario.name != PLAIN)
    return {scenario.name: scenario for scenario in scenarios}


def others(providers: ProvidersByName, names: Sequence[str] = ()) -> list[Drill]:
    """Returns the drills of these providers, or of all, that no battery has: of scenarios that do not judge."""
    chosen = [name for name in providers if name in names or not names]
    scenarios = [scenario for scenario in bundled_scenarios() if not scenario.judge]
    return [
        Drill(scenario.name, name, scenario, in_battery=False)
        for scenario in scenarios
        for name in chosen
        if _is_about(scenario, name)
    ]


def battery(
    providers: ProvidersByName, names: Sequence[str] = (), scenarios: Sequence[str] = (), *, quick: bool = False
) -> list[Drill]:
    """Returns the drills of these providers, or of all, in the order in which they are gone through.

    `scenarios` narrows them: names, `PROVIDER.VARIANT=READING`, globs of both, paths of YAML files. A glob is about
    drills that are not in the battery only when it fits none that is. With `quick` a few are chosen, see
    `quick_choice`. Raises ConformError for what there is not, and for a file that cannot be used.
    """
    if quick and scenarios:
        raise ConformError("A quick battery chooses its scenarios itself; name none, or judge by all that you name.")
    check_providers(providers, names)
    chosen = [name for name in providers if name in names or not names]
    everything = [drill for name in chosen for drill in _drills(providers[name])]
    if not scenarios:
        return quick_choice(everything) if quick else everything
    selected: list[Drill] = []
    for text in scenarios:
        selected += [drill for drill in _meant(text, everything, providers, chosen) if drill not in selected]
    _check_names(selected)
    # In the order of the battery; drills that are not in it come at the end of their provider.
    place = {(drill.provider, drill.name): at for at, drill in enumerate(everything)}
    last = len(everything)
    return sorted(
        selected, key=lambda drill: (chosen.index(drill.provider), place.get((drill.provider, drill.name), last))
    )


def check_providers(providers: ProvidersByName, names: Sequence[str]) -> None:
    """Raises ConformError for a name that no provider has."""
    for name in names:
        if wrong := unknown_name({name: {} for name in providers}, name):
            raise ConformError(wrong)


def _drills(provider: Provider) -> Iterator[Drill]:
    scenarios = documents()
    for name, scenario in scenarios.items():
        if _is_about(scenario, provider.name):
            yield Drill(name, provider.name, scenario)
    yield from _readings(provider, scenarios[LATER])


def _is_about(scenario: Scenario, provider: str) -> bool:
    return not scenario.providers or provider in scenario.providers


def _readings(provider: Provider, later: Scenario) -> Iterator[Drill]:
    """Yields a drill for each reading, other than the default, of what the provider's documentation leaves open."""
    judge = Judging(then=later.judging.then, aims=(READINGS,))
    for variant in provider.contract.variants.values():
        for value, meaning in variant.values.items():
            if value == variant.default:
                continue
            reading = f"{variant.name}={value}"
            name = f"{provider.name}.{reading}"
            changed = {
                "name": name,
                "why": f"{variant.about} Here: {meaning}.",
                "providers": (provider.name,),
                "variants": {provider.name: {variant.name: value}},
                "judge": judge,
            }
            yield Drill(name, provider.name, later.model_copy(update=changed), reading)


def _meant(text: str, everything: Sequence[Drill], providers: ProvidersByName, chosen: Sequence[str]) -> list[Drill]:
    """Returns the drills that one word names. Raises ConformError when there is none."""
    outside = others(providers, chosen)
    for drills in (everything, outside):
        if named := [drill for drill in drills if drill.name == text or fnmatchcase(drill.name, text)]:
            return named
    if not os.path.isfile(text):
        raise ConformError(_of_another_provider(text, chosen) or _no_such(text, [*everything, *outside]))
    scenario = _read(text, providers)
    if drills := [
        Drill(scenario.name, name, scenario, in_battery=False) for name in chosen if _is_about(scenario, name)
    ]:
        return drills
    raise ConformError(_is_about_others(scenario, text, chosen))


def _read(path: str, providers: ProvidersByName) -> Scenario:
    """Reads a user's own scenario. Raises ConformError."""
    try:
        scenario = read_scenario(Path(path), providers)
    except ScenarioError as error:
        raise ConformError(str(error)) from None
    _check_aims(path, scenario)
    return scenario


def _of_another_provider(text: str, chosen: Sequence[str]) -> str | None:
    """Returns the sentence about a name, or a glob, that fits only scenarios about other providers."""
    name = next((name for name in scenario_names() if name == text or fnmatchcase(name, text)), None)
    return None if name is None else _is_about_others(load_scenario(name), name, chosen)


def _is_about_others(scenario: Scenario, text: str, chosen: Sequence[str]) -> str:
    return f"Scenario {text!r} is about {', '.join(scenario.providers)}, not {', '.join(chosen)}."


def _check_aims(text: str, scenario: Scenario) -> None:
    for aim in scenario.judging.aims:
        if aim not in OBLIGATIONS:
            close = get_close_matches(aim.upper(), OBLIGATIONS, n=1, cutoff=0.4)
            hint = f"did you mean {close[0]}?" if close else "--list -v shows them."
            raise ConformError(f"{text}: judge.aims: there is no obligation {aim!r}; {hint}")


def _check_names(drills: Sequence[Drill]) -> None:
    """Refuses two drills of a provider with one name: a report, or a folder of runs, could not tell them apart."""
    by_name: dict[tuple[str, str], Drill] = {}
    for drill in drills:
        if by_name.setdefault((drill.provider, drill.name), drill) is not drill:
            raise ConformError(f"There are two scenarios named {drill.name!r}; give yours another name.")


def _no_such(text: str, drills: Sequence[Drill]) -> str:
    names = list(dict.fromkeys(drill.name for drill in drills))
    close = get_close_matches(text, names, n=1, cutoff=0.4)
    hint = f"did you mean {close[0]}?" if close else "--list shows them."
    return f"There is no drill {text!r}, nor a file of that name; {hint}"
