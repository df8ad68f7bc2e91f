"""Rules of people: names fit languages, titles and jobs fit the person, and who offers a property owns one."""

import re
from collections import defaultdict
from collections.abc import Iterator

from mockserver.domain import Gender, Kind
from mockserver.world.people import LAST_WORKERS_BORN
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule

_SCRIPTS = {"ru": re.compile("[\u0400-\u04ff]"), "he": re.compile("[\u0590-\u05ff]")}
_OTHER_SCRIPT = re.compile("[\u0370-\u05ff\u0600-\u06ff\u3040-\uffff\U0001f000-\U0001ffff]|.{50}")
"""Greek and all that comes after it, and very long names."""
MAX_NAMESAKES = 2


def _names_fit_languages(checked: CheckedWorld) -> Iterator[Breach]:
    home = checked.world.locale.language
    for person in checked.persons():
        for language, script in _SCRIPTS.items():
            # A locale may have the same letters, as Bulgarian has those of Russian.
            if (
                person.language not in (home, None)
                and person.full_name
                and bool(script.search(person.full_name)) is not (person.language == language)
            ):
                yield Breach(Kind.PERSON, person.id, f"{person.full_name} writes {person.language}")


def _rare_names_are_rare(checked: CheckedWorld) -> Iterator[Breach]:
    bearers = defaultdict(list)
    for person in checked.persons():
        if person.language != checked.world.locale.language and _OTHER_SCRIPT.search(person.full_name):
            bearers[person.full_name].append(person.id)
    for name, ids in bearers.items():
        yield from (Breach(Kind.PERSON, id, f"one more {name}") for id in ids[MAX_NAMESAKES:])


def _titles_fit(checked: CheckedWorld) -> Iterator[Breach]:
    for person in checked.persons():
        if (person.title == 1 and person.gender is Gender.FEMALE) or (
            person.title in (2, 3) and person.gender is Gender.MALE
        ):
            yield Breach(Kind.PERSON, person.id, f"title {person.title}, {person.gender}")


def _who_is_retired_has_no_job(checked: CheckedWorld) -> Iterator[Breach]:
    for person in checked.persons():
        if person.job and person.birth_date and int(person.birth_date[:4]) < LAST_WORKERS_BORN:
            yield Breach(Kind.PERSON, person.id, f"born {person.birth_date}, {person.job}")


def _who_offers_owns(checked: CheckedWorld) -> Iterator[Breach]:
    for person in checked.persons():
        if person.offers and person.is_owner is not True:
            yield Breach(Kind.PERSON, person.id, f"is_owner is {person.is_owner}")


RULES = (
    Rule(
        "person-language",
        "Who writes Russian or Hebrew has a name in its letters, and nobody else.",
        _names_fit_languages,
    ),
    Rule("person-namesakes", "A rare name is borne by two people at most.", _rare_names_are_rare, whole=True),
    Rule("person-title", "Nobody has a title of the other gender.", _titles_fit),
    Rule("person-retired", "Nobody who was born before 1961 has a job.", _who_is_retired_has_no_job),
    Rule("person-owner", "Who came to sell or let a property says that they own one.", _who_offers_owns),
)
