"""Rules of listings: what is offered fits its type, age, place and kind of offer."""

from collections.abc import Iterator

from mockserver.domain import Kind, Transaction
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule


def _no_warranty_on_a_rental(checked: CheckedWorld) -> Iterator[Breach]:
    for estate in checked.estates():
        if "constructeur" in estate.description and estate.transaction is not Transaction.BUY:
            yield Breach(Kind.ESTATE, estate.id, f"{estate.transaction}: {estate.description}")


RULES = (
    Rule(
        "listing-warranty",
        "Only who buys is promised the warranties of a builder.",
        _no_warranty_on_a_rental,
    ),
)
