"""The estates on offer at an agency, by what others choose them by: none of them is made whole to be passed over."""

from array import array
from collections.abc import Callable
from itertools import chain

from mockserver.domain import (
    Estate,
    EstateType,
    Kind,
    MarketStatus,
    OfferDetails,
    OfferKind,
    Transaction,
    details_of,
    offer_of,
)
from mockserver.world.context import WorldContext
from mockserver.world.estates import status_of_deal

PORTION = 256
"""The number of estates whose offers are drawn together: some milliseconds of work."""


_OFFERS = tuple(
    OfferKind(type, transaction, status)
    for type in EstateType
    for transaction in Transaction
    for status in MarketStatus
)
_CODES = {offer: code for code, offer in enumerate(_OFFERS)}


def positions_on_offer(world: WorldContext, agency: int, keep: Callable[[OfferKind], bool]) -> list[int]:
    """Returns the positions of the estates whose offer is kept, ascending.

    Raises SliceOver; called again, it goes on.
    """
    portions = range(-(-world.count(Kind.ESTATE, agency) // PORTION))
    codes = chain.from_iterable(world.remembered(_codes, agency, portion) for portion in portions)
    chosen = {code for code, offer in enumerate(_OFFERS) if keep(offer)}
    return [position for position, code in enumerate(codes) if code in chosen]


def details_at(world: WorldContext, agency: int, position: int) -> OfferDetails:
    """Returns the details of the estate at a position, which is made for it and not kept."""
    estate = world.in_passing(Kind.ESTATE, agency, position)
    assert isinstance(estate, Estate)
    return details_of(estate)


def _codes(world: WorldContext, agency: int, portion: int) -> "array[int]":
    end = min((portion + 1) * PORTION, world.count(Kind.ESTATE, agency))
    return array("H", (_CODES[_offer_at(world, agency, position)] for position in range(portion * PORTION, end)))


def _offer_at(world: WorldContext, agency: int, position: int) -> OfferKind:
    if world.pins.at(Kind.ESTATE, agency, position):
        return offer_of(world.estate(agency, position))
    outline, spot = world.estate_outline(agency, position), world.numbering.spot(Kind.ESTATE, agency, position)
    return OfferKind(outline.type, outline.transaction, status_of_deal(world, spot, outline.transaction))
