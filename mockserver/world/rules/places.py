"""Rules of places: names, districts and postcodes agree with each other, and a sentence has the right preposition."""

import re
from collections.abc import Iterator

from mockserver.domain import Kind
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule

_UNCONTRACTED = re.compile(r"\b(?:à|de) Les? [A-ZÀ-Þ][\w-]*")


def _contracted_articles(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        if words := _UNCONTRACTED.search(enquiry.message):
            yield Breach(Kind.ENQUIRY, enquiry.id, f"“{words[0]}”")
    for estate in checked.estates():
        if words := _UNCONTRACTED.search(f"{estate.title}\n{estate.description}"):
            yield Breach(Kind.ESTATE, estate.id, f"“{words[0]}”")


RULES = (
    Rule(
        "place-preposition",
        "The article of a town is contracted with the preposition before it: au Cannet, du Havre, aux Abymes.",
        _contracted_articles,
    ),
)
