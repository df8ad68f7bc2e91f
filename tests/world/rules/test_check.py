"""The rules hold in what the seed makes, and tell what breaks them in what a file pins."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache

import pytest

from mockserver.domain import Kind
from mockserver.world import World, WorldFile
from mockserver.world.files import AgencyEntry, Pin, Size
from mockserver.world.rules import RULES, Breach, CheckedWorld, Rule, check_world, warnings_about_pins

pytestmark = pytest.mark.no_cover
"""Thousands of entities, mostly by code that other tests reach too: not traced, which would cost much of their time."""

ORIGIN = 1_796_018_400  # 2026-11-30T06:00:00Z
LARGE, SMALL = Size(), Size(agents=4, estates=30, enquiries=60)
AGENCIES = (AgencyEntry(id=101), AgencyEntry(id=102))


@cache
def make(seed: int) -> World:
    """The first seeds have the size of the default world, the others a smaller one."""
    file = WorldFile(name="drawn", size=LARGE if seed in (1, 2) else SMALL, agencies=AGENCIES)
    return World(file, origin=ORIGIN, seed=seed)


def pinned(*pins: Pin) -> World:
    """A small world with those pins."""
    return World(WorldFile(name="pinned", size=SMALL, agencies=AGENCIES, pins=pins), origin=ORIGIN)


@pytest.mark.parametrize("seed", [1, 2, 3, 7, 11, 42, 99, 1_000, 2_026, 123_456])
def test_every_rule_holds_in_what_a_seed_makes(seed: int) -> None:
    assert [rule.as_dict() for rule in check_world(make(seed))] == []


@pytest.mark.parametrize("seed", [2, 13, 22, 40])
@pytest.mark.parametrize(
    "now",
    [
        *("2026-01-01T01:00:00+01:00", "2026-11-29T08:00:00+01:00", "2026-11-30T00:05:00+01:00"),
        *("2026-03-29T03:30:00+02:00", "2026-10-25T02:30:00+01:00", "2028-02-29T12:00:00+01:00"),
        *("2026-12-31T23:59:00+01:00", "2026-11-28T21:15:00+01:00", "2026-06-10T08:08:00+02:00"),
    ],
)
def test_every_rule_holds_whatever_the_clock_shows(seed: int, now: str) -> None:
    file = WorldFile(name="drawn", size=SMALL, agencies=AGENCIES)
    world = World(file, origin=int(datetime.fromisoformat(now).timestamp()), seed=seed)
    assert [rule.as_dict() for rule in check_world(world)] == []


def test_rules_have_ids_of_their_own_and_a_sentence() -> None:
    rules = [rule for area in RULES.values() for rule in area]
    assert len({rule.id for rule in rules}) == len(rules)
    assert all(rule.sentence.endswith(".") and rule.sentence[0].isupper() for rule in rules)


def test_what_a_pin_breaks_is_told_by_id() -> None:
    world = pinned(
        Pin(kind=Kind.ENQUIRY, agency=101, position=4, why="As some write.", set={"message": "Un bien à Le Cannet ?"}),
        Pin(kind=Kind.ENQUIRY, agency=102, position=5, why="As others do.", set={"message": "Un bien au Cannet ?"}),
    )
    for most_pins in (None, 2):
        (broken,) = check_world(world, most_pins=most_pins)
        assert broken.rule.id == "place-preposition"
        assert broken.breaches == (Breach(Kind.ENQUIRY, 170_009, "“à Le Cannet”"),)


def test_only_pinned_entities_are_looked_at_when_nothing_else_matters() -> None:
    world = pinned(Pin(kind=Kind.ESTATE, agency=102, position=3, why="Dear.", set={"price": 999}))
    looked_at = CheckedWorld(world, most_pins=9)
    assert [estate.price for estate in looked_at.estates()] == [999]
    assert list(looked_at.persons()) == []
    assert len(list(CheckedWorld(world).persons())) == 180


def test_a_rule_about_the_whole_world_is_not_asked_about_a_selection(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(checked: CheckedWorld) -> Iterator[Breach]:
        yield from (Breach(Kind.PERSON, person.id, "is there") for person in checked.persons())

    rule = Rule("whole-world", "There is nobody.", never, whole=True)
    monkeypatch.setattr("mockserver.world.rules.check.RULES", {"test": (rule,)})
    world = pinned(Pin(kind=Kind.PERSON, agency=101, position=0, why="Somebody.", set={"firstname": "Ana"}))
    assert len(check_world(world)[0].breaches) == 180
    assert check_world(world, most_pins=9) == ()


def test_pins_that_break_a_rule_are_told_and_a_world_without_pins_is_not_even_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dear = pinned(Pin(kind=Kind.ESTATE, agency=101, position=2, why="Odd.", set={"price": 123_456}))
    assert warnings_about_pins(dear) == (
        "listing-price: Prices and rents are round. Not so: estate 5120005 (123456 €).",
    )
    monkeypatch.setattr("mockserver.world.rules.pinned.check_world", lambda *_, **__: pytest.fail("it was checked"))
    assert warnings_about_pins(dear) is warnings_about_pins(dear)
    assert warnings_about_pins(pinned()) == ()


def test_a_pin_that_no_entity_can_take_is_told_as_it_is() -> None:
    world = pinned(Pin(kind=Kind.ESTATE, agency=101, position=2, why="Wrong.", set={"price": "dear"}))
    (warning,) = warnings_about_pins(world)
    assert warning.startswith("The pin of estate 2 of agency 101 cannot be used: price: ")
