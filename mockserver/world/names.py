"""Names of people: most from Faker, some compound, with apostrophes, foreign, with emoji, or very long."""

from typing import NamedTuple

from mockserver.domain import Gender
from mockserver.world.fakes import Fakes
from mockserver.world.rng import KeyedRandom
from mockserver.world.tables import table

SOURCES: dict[str, float] = {
    "plain": 84.2,
    "compound_first": 4,
    "compound_last": 4,
    "apostrophe": 3,
    "foreign": 4,
    "emoji": 0.5,
    "long": 0.3,
}
"""The sources of names, per cent; all but the first are lists of `fixtures/tables/names.json`."""
_MEN = frozenset({"Charles", "Jean", "Louis", "Paul", "Pierre"})


class PersonName(NamedTuple):
    """The name of a person. The gender is None where the name alone does not tell it."""

    first: str
    last: str
    gender: Gender | None


def draw_name(rng: KeyedRandom, fakes: Fakes, seed: int) -> PersonName:
    """A name for a seeker or an owner."""
    source = rng.weighted(SOURCES)
    if source in ("foreign", "emoji", "long"):
        last, first = rng.pick(table("names")[source])
        return PersonName(first, last, None)
    female = rng.chance(0.5)
    first, last = fakes.name(seed, female)
    if source == "compound_first":
        first = rng.pick([name for name in table("names")[source] if _is_woman(name) == female])
    elif source != "plain":
        last = rng.pick(table("names")[source])
    return PersonName(first, last, Gender.FEMALE if female else Gender.MALE)


def draw_title(rng: KeyedRandom, gender: Gender | None) -> int | None:
    """A number of Apimo's catalog `contact_title`: 1 Mr, 2 Mrs, 3 Ms, 6 Doctor, 10 Maître."""
    if gender not in (Gender.MALE, Gender.FEMALE):
        return None
    civil: dict[int, float] = {1: 97} if gender is Gender.MALE else {2: 70, 3: 27}
    return rng.weighted({**civil, 6: 2, 10: 1})


def _is_woman(compound: str) -> bool:
    return compound.replace("-", " ").split()[0] not in _MEN
