"""Pins that break a rule are told to whoever made them, and kept: a user may want just that."""

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from mockserver.world.files import WorldError
from mockserver.world.rules.check import check_world
from mockserver.world.rules.rule import Breach
from mockserver.world.world import World

MOST_PINS, MOST_WARNINGS = 100, 20
"""The pins that are looked at, and the warnings that are given, when a sandbox is made."""
LONGEST_DETAIL = 100

_WARNINGS: WeakKeyDictionary[World, tuple[str, ...]] = WeakKeyDictionary()


def warnings_about_pins(world: World) -> tuple[str, ...]:
    """Returns a sentence for each rule that pinned entities break, with their ids; none for a world without pins."""
    if not world.file.pins:
        return ()
    warnings = _WARNINGS.get(world)
    if warnings is None:
        warnings = _WARNINGS[world] = tuple(_sentences(world))[:MOST_WARNINGS]
    return warnings


def _sentences(world: World) -> list[str]:
    try:
        broken = check_world(world, most_pins=MOST_PINS)
    except WorldError as error:
        return [str(error)]
    return [f"{rule.rule.id}: {rule.rule.sentence} Not so: {_listed(rule.breaches)}." for rule in broken]


def _listed(breaches: Iterable[Breach]) -> str:
    return ", ".join(f"{kind} {id} ({' '.join(detail.split())[:LONGEST_DETAIL]})" for kind, id, detail in breaches)
