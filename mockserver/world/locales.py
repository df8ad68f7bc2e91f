"""Locales: names, companies, jobs and homes of the people who enquire. Some come along, Faker makes the others."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.extras import missing_extra
from mockserver.foundation.resources import resource
from mockserver.world.faker_tables import draw_table
from mockserver.world.files import WorldError
from mockserver.world.rng import KeyedRandom
from mockserver.world.tables import table

FRENCH = "fr_FR"
"""The locale of agencies, of their agents and estates, and of whoever owns one of these."""
SHIPPED = (FRENCH, "de_DE", "nl_BE", "nl_NL")
"""The locales that need no Faker: those of the portals Immowelt and Immoweb beside the French one."""


@dataclass(frozen=True, slots=True)
class Locale:
    """The words of a language in a country, all drawn alike often."""

    name: str
    language: str
    """ISO 639-1, lower case."""
    country: str
    """ISO 3166-1."""
    female: Sequence[str]
    male: Sequence[str]
    last: Sequence[str]
    companies: Sequence[str]
    streets: Sequence[str]
    jobs: Sequence[tuple[str, str]]
    """The male and the female form of each; none where nobody knows any."""
    towns: Sequence[tuple[str, str]]
    """Postcodes and the towns that they belong to; none where nobody knows any, and always none for France."""

    def first_name(self, rng: KeyedRandom, female: bool) -> str:
        """Draws a first name."""
        return rng.pick(self.female if female else self.male)

    def last_name(self, rng: KeyedRandom) -> str:
        """Draws a last name."""
        return rng.pick(self.last)

    def company(self, rng: KeyedRandom) -> str:
        """Draws the name of a company."""
        return rng.pick(self.companies)


@cache
def load_locale(name: str) -> Locale:
    """Returns a locale of Faker's, such as `de_DE`. Raises WorldError for one that cannot be had."""
    words = orjson.loads(locale_file(name).read_bytes()) if name in SHIPPED else _drawn(name)
    language, country = words["language"], words["country"]
    pairs = table("names")["jobs"].get(language)
    return Locale(
        name,
        language,
        country,
        words["female"],
        words["male"],
        words["last"],
        words["companies"],
        words["streets"],
        [(male, female) for male, female in pairs] if pairs else [(job, job) for job in words["jobs"]],
        [(postcode, town) for postcode, town in table("towns").get(country, ())],
    )


def check_locale(name: str) -> None:
    """Raises WorldError for a locale that cannot be had; one that comes along is not read for it."""
    if name not in SHIPPED:
        load_locale(name)


def locale_file(name: str) -> Path:
    """Returns the path of the table of a locale that comes along."""
    return resource("fixtures", "tables", "locales") / f"{name}.json"


def _drawn(name: str) -> dict[str, Any]:
    try:
        return draw_table(name)
    except ImportError:
        shipped = ", ".join(SHIPPED)
        raise WorldError(f"{missing_extra(f'locale {name}', 'faker')}; without it there are {shipped}.") from None
    except AttributeError:
        raise WorldError(f"locale {name} is none that Faker has; fr_FR, de_AT and it_IT are examples.") from None
