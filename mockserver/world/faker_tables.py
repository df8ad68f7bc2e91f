"""The one place that talks to Faker: it makes the table of a locale, for a fixture or for a world that asks for it."""

from collections.abc import Callable, Collection
from typing import Any

SIZES = {"female": 400, "male": 400, "last": 600, "streets": 300, "companies": 300, "jobs": 60}
"""The most entries of each list; Faker has fewer of some."""
_DRAWS = 4
"""So many draws an entry are enough to meet nearly all of what Faker has."""


def draw_table(locale: str) -> dict[str, Any]:
    """Draws the names, streets and companies of a locale; jobs only where Faker has some in its language.

    Always the same for a version of Faker. Raises ImportError where Faker is not installed, AttributeError for a
    locale that it does not have.
    """
    from faker import VERSION, Factory

    fake: Any = Factory.create(locale)
    fake.seed_instance(0)
    language, _, country = locale.partition("_")
    providers = {provider.__provider__: provider for provider in fake.providers}
    jobs, companies = (providers[f"faker.providers.{name}"] for name in ("job", "company"))
    # Where a locale has no jobs, Faker gives English ones.
    has_jobs = language == "en" or jobs.__lang__ == locale
    lists = {
        "female": _distinct("female", fake.first_name_female),
        "male": _distinct("male", fake.first_name_male),
        "last": _distinct("last", fake.last_name),
        "streets": _distinct("streets", fake.street_name),
        "companies": _distinct("companies", fake.company, never=getattr(companies, "large_companies", ())),
        "jobs": _distinct("jobs", fake.job) if has_jobs else [],
    }
    return {"faker": VERSION, "locale": locale, "language": language, "country": country, **lists}


def _distinct(kind: str, draw: Callable[[], str], never: Collection[str] = ()) -> list[str]:
    """Draws the entries of a list, in their order by code points, which every Python has the same.

    Some of Faker's companies are real ones: those are left out.
    """
    drawn: dict[str, None] = {}
    for _ in range(_DRAWS * SIZES[kind]):
        if (entry := draw()) not in never:
            drawn.setdefault(entry)
        if len(drawn) == SIZES[kind]:
            break
    return sorted(drawn)
