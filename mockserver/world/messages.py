"""Messages of seekers are templates filled with facts of their enquiry. Some write nothing, some a page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mockserver.domain import Category, EstateType, Estimation, Intention, Person
from mockserver.foundation.epoch import Epoch
from mockserver.world.activity_calendar import PARIS
from mockserver.world.contact_details import number_to_call
from mockserver.world.context import WorldContext
from mockserver.world.estate_texts import estate_words, euros, square_metres
from mockserver.world.place_names import with_town
from mockserver.world.rng import KeyedRandom
from mockserver.world.search_criteria import PREMISES
from mockserver.world.surroundings import is_visited
from mockserver.world.tables import table
from mockserver.world.text_matching import Matter, pick_matching
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
    facts = {**_facts(world, topic, seeker, estimation), **_seeker_facts(seeker)}
    matter = _matter(world, topic, estimation, seeker, created, asker)
    gaps = [f"{{{name}}}" for name, value in facts.items() if not value]
    if matter.types != (EstateType.APARTMENT,):
        gaps.append("T{rooms}")  # The letter counts the rooms of a flat, not those of a house.
    template = _template(rng, topic, seeker.language or "fr", matter, gaps)
    return with_town(template, facts["city"] or "").format_map(facts) if template else ""


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
    return Matter(
        (estate.type,) if estate else wish.types,
        estate.transaction if estate else wish.transaction,
        estate.rooms if estate else wish.rooms_min,
        estate.area if estate else wish.area_min,
        situation=estimation.situation if estimation else None,
        time=estimation.time_to_market if estimation else None,
        by_the_sea=commune in world.communes.by_the_sea,
        visited=town is not None and is_visited(town),
        month=local.month,
        hour=local.hour,
        pictures=estate is None or estate.pictures > 0,
        owns=seeker.is_owner,
        born=int(seeker.birth_date[:4]) if seeker.birth_date else None,
        resident=seeker.address.city is not None,
        country=seeker.address.country,
        asker=asker,
    )


def _template(rng: KeyedRandom, topic: Topic, language: str, matter: Matter, gaps: Sequence[str]) -> str | None:
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


def _facts(world: WorldContext, topic: Topic, seeker: Person, estimation: Estimation | None) -> dict[str, str | None]:
    """Returns the facts that a message may name, as French text; None is unknown."""
    if topic.estate:
        estate = topic.estate
        return {
            "estate": estate_words(estate.type, estate.subtype, estate.rooms),
            "city": estate.city,
            "CITY": estate.city.upper(),
            "reference": estate.reference,
            "price": euros(estate.price) if estate.price else None,
            "rooms": str(estate.rooms) if estate.rooms else None,
            "area": square_metres(estate.area),
        }
    wish = topic.wish
    commune = world.communes.by_id[wish.communes[0]] if wish.communes else world.home(seeker.agency)
    price = estimation.owner_price if estimation else wish.price_max
    return {
        "estate": estate_words(wish.types[0], None, wish.rooms_min) if wish.types else None,
        "city": commune.name,
        "CITY": commune.name.upper(),
        "reference": None,
        "price": euros(int(price)) if price else None,
        "rooms": str(wish.rooms_min) if wish.rooms_min else None,
        "area": square_metres(wish.area_min) if wish.area_min else None,
    }


def _seeker_facts(seeker: Person) -> dict[str, str | None]:
    return {
        "firstname": seeker.firstname,
        "lastname": seeker.lastname,
        "phone": number_to_call(seeker.phones),
    }
