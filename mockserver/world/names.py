"""Names of people fit the language in which they write: most are those of a locale, some are rarer."""

from mockserver.domain import Gender
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world.locales import FRENCH, Locale, load_locale
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

TITLES: dict[Gender | None, Weights[int]] = {
    Gender.MALE: Weights({1: 97, 6: 2, 10: 1}),
    Gender.FEMALE: Weights({2: 92, 3: 5, 6: 2, 10: 1}),
}
"""Numbers of Apimo's catalog `contact_title`: 1 Mr, 2 Mrs, 3 Ms, 6 Doctor, 10 Maître."""
JOBS_OF_TITLES = {
    6: {"fr": ("Médecin", "Médecin"), "de": ("Arzt", "Ärztin"), "nl": ("Arts", "Arts")},
    10: {"fr": ("Avocat", "Avocate"), "de": ("Rechtsanwalt", "Rechtsanwältin"), "nl": ("Advocaat", "Advocate")},
}
"""The jobs of doctors and lawyers by language, in the male and the female form."""


_NO_JOB: tuple[tuple[str | None, str | None]] = ((None, None),)


class PersonName(NamedTuple):
    """The name of a person, and the gender that the first name tells."""

    first: str
    last: str
    gender: Gender


def draw_name(rng: KeyedRandom, locale: Locale, language: str) -> PersonName:
    """Draws the name of a seeker or an owner who writes that language; first and last name are drawn apart."""
    female = rng.chance(0.5)
    gender = Gender.FEMALE if female else Gender.MALE
    if language == "fr":
        return _french_name(rng, female, gender)
    if language == locale.language:
        return PersonName(locale.first_name(rng, female), locale.last_name(rng), gender)
    return PersonName(*_of(rng, table("names")["abroad"][language], female), gender)


def _french_name(rng: KeyedRandom, female: bool, gender: Gender) -> PersonName:
    source = rng.weighted(SOURCES)
    if source == "settled":
        return PersonName(*_of(rng, rng.pick(list(table("names")[source].values())), female), gender)
    if source == "long":
        return PersonName(*_of(rng, table("names")[source], female), gender)
    french = load_locale(FRENCH)
    first, last = french.first_name(rng, female), french.last_name(rng)
    match source:
        case "compound_first":
            first = rng.pick(table("names")[source]["female" if female else "male"])
        case "double":
            last = f"{last}-{french.last_name(rng)}"
        case "particle" | "apostrophe":
            last = rng.pick(table("names")[source])
        case "emoji":
            first = f"{first} {rng.pick(table('names')[source])}"
    return PersonName(first, last, gender)


def _of(rng: KeyedRandom, names: dict[str, list[str]], female: bool) -> tuple[str, str]:
    return rng.pick(names["female" if female else "male"]), rng.pick(names["last"])


def draw_title(rng: KeyedRandom, gender: Gender | None) -> int | None:
    """Draws a title for who states to be a man or a woman; None for all others."""
    if gender not in TITLES:
        return None
    return rng.weighted(TITLES[gender])


def draw_job(rng: KeyedRandom, locale: Locale, title: int | None, gender: Gender | None) -> str | None:
    """Draws an occupation in the form that the gender asks for; doctors and lawyers have that of their title.

    None where no occupation is known in the language of the locale.
    """
    forms = rng.pick(locale.jobs or _NO_JOB)
    if title in JOBS_OF_TITLES:
        forms = JOBS_OF_TITLES[title].get(locale.language, forms)
    return forms[gender is Gender.FEMALE]
