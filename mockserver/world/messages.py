"""Messages of seekers are templates filled with facts of their enquiry. Some write nothing, some a page."""

from collections.abc import Sequence
from typing import Any

from mockserver.domain import Category, Estimation, Person
from mockserver.world.contact_details import number_to_call
from mockserver.world.context import WorldContext
from mockserver.world.estate_texts import estate_words, euros, square_metres
from mockserver.world.place_names import with_town
from mockserver.world.rng import KeyedRandom
from mockserver.world.search_criteria import PREMISES
from mockserver.world.tables import table
from mockserver.world.text_matching import Matter, matching_texts, matter_of
from mockserver.world.topics import Topic

EMPTY = 0.06
LONG = 0.085
"""Only enquiries about a home or a plot are long: so 4 % of all."""


def draw_message(
    world: WorldContext, rng: KeyedRandom, topic: Topic, seeker: Person, estimation: Estimation | None
) -> str:
    """French, or the seeker's language where we have it; never with a gap where a fact is missing."""
    if seeker.erased or rng.chance(EMPTY):
        return ""
    facts = {**_facts(world, topic, seeker, estimation), **_seeker_facts(seeker)}
    gaps = [f"{{{name}}}" for name, value in facts.items() if not value]
    templates = _templates(rng, topic, seeker.language or "fr", _matter(topic, estimation))
    usable = [text for text in templates if not any(gap in text for gap in gaps)] if gaps else templates
    return with_town(rng.pick(usable), facts["city"] or "").format_map(facts) if usable else ""


def _matter(topic: Topic, estimation: Estimation | None) -> Matter:
    if topic.estate:
        return Matter((topic.estate.type,), topic.estate.transaction, topic.estate.rooms)
    matter = matter_of(topic.wish)
    if estimation is None:
        return matter
    return matter._replace(situation=estimation.situation, time=estimation.time_to_market)


def _templates(rng: KeyedRandom, topic: Topic, language: str, matter: Matter) -> Sequence[str]:
    """The other languages and the long ones all speak of an estate."""
    messages: dict[str, Any] = table("messages")
    long = rng.chance(LONG)
    if topic.category is Category.CLASSIFIED:
        others = messages["other_languages"]
        if language != "fr":
            return matching_texts(others.get(language, others["en"]), matter)
        return (matching_texts(messages["long"], matter) if long else []) or matching_texts(
            messages["classified"], matter
        )
    if topic.category is Category.AGENCY:
        return matching_texts(messages["agency"][topic.intention], matter)
    about = messages["premises"] if topic.wish.types and topic.wish.types[0] in PREMISES else messages
    return matching_texts(about[topic.category.lower()], matter)


def _facts(world: WorldContext, topic: Topic, seeker: Person, estimation: Estimation | None) -> dict[str, str | None]:
    """Returns the facts that a message may name, as French text; None is unknown."""
    if topic.estate:
        estate = topic.estate
        return {
            "estate": estate_words(estate.type, estate.subtype, estate.rooms),
            "city": estate.city,
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
