"""Names of people fit the language in which they write: most are French ones of Faker, some are rarer."""

from typing import NamedTuple

from mockserver.domain import Gender
from mockserver.world.fakes import Fakes
from mockserver.world.rng import KeyedRandom, Weights
from mockserver.world.tables import table

SOURCES: Weights[str] = Weights(
    {
        "plain": 85.2,
        "compound_first": 4,
        "double": 2.5,
        "particle": 1.5,
        "apostrophe": 3,
        "settled": 3,
        "emoji": 0.5,
        "long": 0.3,
    }
)
"""The sources of names of those who write French, per cent; lists are in `fixtures/tables/names.json`."""

JOBS_OF_TITLES = {6: ("Médecin", "Médecin"), 10: ("Avocat", "Avocate")}


class PersonName(NamedTuple):
    """The name of a person, and the gender that the first name tells."""

    first: str
    last: str
    gender: Gender


def draw_name(rng: KeyedRandom, fakes: Fakes, seed: int, language: str) -> PersonName:
    """Draws the name of a seeker or an owner who writes that language; first and last name are drawn apart."""
    female = rng.chance(0.5)
    gender = Gender.FEMALE if female else Gender.MALE
    abroad = table("names")["abroad"]
    source = "abroad" if language in abroad else rng.weighted(SOURCES)
    if source == "abroad":
        return PersonName(*_of(rng, abroad[language], female), gender)
    if source == "settled":
        return PersonName(*_of(rng, rng.pick(list(table("names")[source].values())), female), gender)
    if source == "long":
        return PersonName(*_of(rng, table("names")[source], female), gender)
    first, last = fakes.name(seed, female)
    match source:
        case "compound_first":
            first = rng.pick(table("names")[source]["female" if female else "male"])
        case "double":
            last = f"{last}-{fakes.name(seed ^ 1, female)[1]}"
        case "particle" | "apostrophe":
            last = rng.pick(table("names")[source])
        case "emoji":
            first = f"{first} {rng.pick(table('names')[source])}"
    return PersonName(first, last, gender)


def _of(rng: KeyedRandom, names: dict[str, list[str]], female: bool) -> tuple[str, str]:
    return rng.pick(names["female" if female else "male"]), rng.pick(names["last"])


def draw_title(rng: KeyedRandom, gender: Gender | None) -> int | None:
    """A number of Apimo's catalog `contact_title`: 1 Mr, 2 Mrs, 3 Ms, 6 Doctor, 10 Maître."""
    if gender not in (Gender.MALE, Gender.FEMALE):
        return None
    civil: dict[int, float] = {1: 97} if gender is Gender.MALE else {2: 92, 3: 5}
    return rng.weighted({**civil, 6: 2, 10: 1})


def draw_job(rng: KeyedRandom, title: int | None, gender: Gender | None) -> str:
    """Draws an occupation in the form that the gender asks for; doctors and lawyers have that of their title."""
    drawn: tuple[str, str] = rng.pick(table("names")["jobs"])
    male, female = JOBS_OF_TITLES.get(title or 0, drawn)
    return female if gender is Gender.FEMALE else male
