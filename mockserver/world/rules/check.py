"""All rules by area, and the check of a world against them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mockserver.world.rules import enquiries, land, listings, people, places, portals, promises, requests, timelines
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule
from mockserver.world.world import World

RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "listings": listings.RULES,
        "promises": promises.RULES,
        "land": land.RULES,
        "places": places.RULES,
        "portals": portals.RULES,
        "people": people.RULES,
        "enquiries": enquiries.RULES,
        "requests": requests.RULES,
        "timelines": timelines.RULES,
    }
)
"""The rules by area; a module each."""


class BrokenRule(NamedTuple):
    """A rule that does not hold in a world, and all that breaks it."""

    area: str
    rule: Rule
    breaches: tuple[Breach, ...]

    def as_dict(self) -> dict[str, Any]:
        """Returns `area`, `rule`, `sentence` and the `breaches` as objects of `kind`, `id` and `detail`."""
        return {
            "area": self.area,
            "rule": self.rule.id,
            "sentence": self.rule.sentence,
            "breaches": [{"kind": kind.value, "id": id, "detail": detail} for kind, id, detail in self.breaches],
        }


def check_world(world: World, *, most_pins: int | None = None) -> tuple[BrokenRule, ...]:
    """Returns the rules that do not hold in a world, or of which the entities of its first pins are an exception."""
    checked = CheckedWorld(world, most_pins=most_pins)
    broken = (
        BrokenRule(area, rule, tuple(rule.check(checked)))
        for area, rules in RULES.items()
        for rule in rules
        if checked.pins is None or not rule.whole
    )
    return tuple(rule for rule in broken if rule.breaches)
