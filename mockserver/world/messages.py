"""Messages of seekers are templates filled with facts of their enquiry. Some write nothing, some a page."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from mockserver.domain import Category, EstateType, Estimation, Intention, Person
from mockserver.foundation.epoch import Epoch
from mockserver.world.activity_calendar import PARIS
from mockserver.world.contact_details import national, phone_to_call
from mockserver.world.context import WorldContext
from mockserver.world.estate_texts import estate_words, euros, square_metres
from mockserver.world.place_names import at_town, of_town
from mockserver.world.rng import KeyedRandom
from mockserver.world.search_criteria import PREMISES
from mockserver.world.surroundings import is_visited
from mockserver.world.tables import table
from mockserver.world.text_matching import ROOMS_OF_FLAT, Matter, pick_matching
from mockserver.world.topics import Topic

_TABLES_OF_LANGUAGES = {"de": "in_german", "nl": "in_dutch"}
"""The messages that name no listing, by language; whoever writes another one falls back on English."""
EMPTY = 0.06
LONG = 0.085
"""Only enquiries about a home or a plot are long: so 4 % of all."""


def draw_message(
    world: WorldContext,
    rng: KeyedRandom,
    topic: Topic,
    seeker: Person,
    estimation: Estimation | None,
    *,
    created: Epoch,
    asker: Intention | None,
) -> str:
    """French, or the seeker's language or English; never with a gap where a fact is missing."""
    if seeker.erased or rng.chance(EMPTY):
        return ""
    facts = _facts(world, topic, seeker, estimation)
    matter = _matter(world, topic, estimation, seeker, created, asker)
    gaps = [name for name, value in facts.items() if not value]
    if matter.types != (EstateType.APARTMENT,):
        gaps.append(ROOMS_OF_FLAT)
    template = _template(rng, topic, seeker.language or "fr", matter, frozenset(gaps))
    return _filled(template, facts) if template else ""


def _filled(template: str, facts: Mapping[str, Any]) -> str:
    """Only the facts that a template names are put into words."""
    return "".join([text if fact is None else _WORDS[text](facts[fact]) for text, fact in _parts(template)])


@cache
def _parts(template: str) -> list[tuple[str, str | None]]:
    """Returns the texts of a template, each without a fact, and its gaps, each with the fact that fills it."""
    parts = enumerate(_GAPS.split(template))
    return [(text, (_FACTS.get(text, text[1:-1]) if index % 2 else None)) for index, text in parts if text]


def _matter(
    world: WorldContext,
    topic: Topic,
    estimation: Estimation | None,
    seeker: Person,
    created: Epoch,
    asker: Intention | None,
) -> Matter:
    estate, wish = topic.estate, topic.wish
    commune = estate.commune if estate else wish.communes[0] if wish.communes else None
    town = world.communes.by_id[commune] if commune else None
    local = datetime.fromtimestamp(created, PARIS)
    # By place: names would cost as much again.
    return Matter(
        (estate.type,) if estate else wish.types,
        estate.transaction if estate else wish.transaction,
        estate.rooms if estate else wish.rooms_min,
        estate.area if estate else wish.area_min,
        estimation.situation if estimation else None,
        estimation.time_to_market if estimation else None,
        None,
        asker,
        commune in world.communes.by_the_sea,
        town is not None and is_visited(town),
        local.month,
        local.hour,
        estate is None or estate.pictures > 0,
        seeker.is_owner,
        int(seeker.birth_date[:4]) if seeker.birth_date else None,
        seeker.address.city is not None,
        seeker.address.country,
    )


def _template(rng: KeyedRandom, topic: Topic, language: str, matter: Matter, gaps: frozenset[str]) -> str | None:
    """The long ones, and those in most other languages, all speak of an estate."""
    messages: dict[str, Any] = table("messages")
    long = rng.chance(LONG)
    if language != "fr":
        return pick_matching(rng, _foreign(messages, topic, language), matter, gaps)
    if topic.category is Category.CLASSIFIED:
        page = pick_matching(rng, messages["long"], matter, gaps) if long else None
        return page or pick_matching(rng, messages["classified"], matter, gaps)
    if topic.category is Category.AGENCY:
        return pick_matching(rng, messages["agency"][topic.intention], matter, gaps)
    about = messages["premises"] if topic.wish.types and topic.wish.types[0] in PREMISES else messages
    return pick_matching(rng, about[topic.category.lower()], matter, gaps)


def _foreign(messages: dict[str, Any], topic: Topic, language: str) -> Sequence[Any]:
    if topic.category is Category.CLASSIFIED:
        others: dict[str, Sequence[Any]] = messages["other_languages"]
        return others.get(language, others["en"])
    about = topic.intention if topic.category is Category.AGENCY else topic.category
    entries: Sequence[Any] = messages[_TABLES_OF_LANGUAGES.get(language, "in_english")][about]
    return entries


def _facts(world: WorldContext, topic: Topic, seeker: Person, estimation: Estimation | None) -> dict[str, Any]:
    """Returns the facts that a message may name, as `_WORDS` takes them; what is empty is unknown."""
    phone = phone_to_call(seeker.phones)
    facts = {
        "firstname": seeker.firstname,
        "lastname": seeker.lastname,
        "phone": phone if phone and phone.number else None,
    }
    estate, wish = topic.estate, topic.wish
    if estate:
        return {
            **facts,
            "estate": (estate.type, estate.subtype, estate.rooms),
            "city": estate.city,
            "reference": estate.reference,
            "price": estate.price,
            "rooms": estate.rooms,
            "area": estate.area,
        }
    commune = world.communes.by_id[wish.communes[0]] if wish.communes else world.home(seeker.agency)
    return {
        **facts,
        "estate": (wish.types[0], None, wish.rooms_min) if wish.types else None,
        "city": commune.name,
        "reference": None,
        "price": estimation.owner_price if estimation else wish.price_max,
        "rooms": wish.rooms_min,
        "area": wish.area_min,
    }


_GAPS = re.compile(r"((?:(?:à|de) )?\{city\}|\{[a-zA-Z]+\})")
_FACTS = dict.fromkeys(("à {city}", "de {city}", "{CITY}"), "city")
"""The facts of gaps that are not called so."""
_WORDS: Mapping[str, Callable[[Any], str]] = {
    "{firstname}": str,
    "{lastname}": str,
    "{phone}": national,
    "{estate}": lambda parts: estate_words(*parts),
    "{city}": str,
    "{CITY}": str.upper,
    "à {city}": at_town,
    "de {city}": of_town,
    "{reference}": str,
    "{price}": lambda price: euros(int(price)),
    "{rooms}": str,
    "{area}": square_metres,
}
"""French words for the fact of a gap."""
