"""What seekers write: templates filled with what they ask about. Some write nothing, some a page."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mockserver.domain import Category, Person
from mockserver.world.draw import Dice
from mockserver.world.estate_texts import estate_words, euros, square_metres
from mockserver.world.reach import number_to_call
from mockserver.world.tables import table
from mockserver.world.topics import Topic
from mockserver.world.wishes import PREMISES

if TYPE_CHECKING:
    from mockserver.world.world import World

EMPTY = 0.06
LONG = 0.085
"""Only enquiries about an estate are long: so 5 % of all."""


def draw_message(world: "World", dice: Dice, topic: Topic, seeker: Person) -> str:
    """French, or the seeker's language where we have it; never with a gap where a fact is missing."""
    if seeker.erased or dice.chance(EMPTY):
        return ""
    facts = {**_facts(world, topic, seeker), **_seeker_facts(seeker)}
    gaps = [f"{{{name}}}" for name, value in facts.items() if not value]
    templates = _templates(dice, topic, seeker.language or "fr")
    usable = [text for text in templates if not any(gap in text for gap in gaps)] if gaps else templates
    return dice.pick(usable).format_map(facts) if usable else ""


def _templates(dice: Dice, topic: Topic, language: str) -> Sequence[str]:
    """The other languages and the long ones all speak of an estate."""
    messages: dict[str, Any] = table("messages")
    long = dice.chance(LONG)
    if topic.category is Category.CLASSIFIED:
        french = messages["long"] if long else messages["classified"]
        others = messages["other_languages"]
        chosen: Sequence[str] = french if language == "fr" else others.get(language, others["en"])
    elif topic.category is Category.AGENCY:
        chosen = messages["agency"][topic.intention]
    else:
        about = messages["premises"] if topic.wish.types and topic.wish.types[0] in PREMISES else messages
        chosen = about[topic.category.lower()]
    return chosen


def _facts(world: "World", topic: Topic, seeker: Person) -> dict[str, str | None]:
    """What a message may name, as French text; None is not known."""
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
    return {
        "estate": estate_words(wish.types[0], None, wish.rooms_min) if wish.types else None,
        "city": commune.name,
        "reference": None,
        "price": euros(int(wish.price_max)) if wish.price_max else None,
        "rooms": str(wish.rooms_min) if wish.rooms_min else None,
        "area": square_metres(wish.area_min) if wish.area_min else None,
    }


def _seeker_facts(seeker: Person) -> dict[str, str | None]:
    return {
        "firstname": seeker.firstname,
        "lastname": seeker.lastname,
        "phone": number_to_call(seeker.phones),
    }
