"""The estates on offer at an agency, by what others choose them by: none of them is made whole to be passed over."""

from collections.abc import Callable, Iterator

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
from mockserver.world.availability import PORTION, STATUSES, drawn_statuses
from mockserver.world.context import WorldContext
from mockserver.world.estates import status_of_deal

_KINDS = tuple((type, transaction) for type in EstateType for transaction in Transaction)
_KIND_CODES = {kind: code for code, kind in enumerate(_KINDS)}


def positions_on_offer(world: WorldContext, agency: int, keep: Callable[[OfferKind], bool]) -> list[int]:
    """Returns the positions of the estates whose offer is kept, ascending.

    Types and deals are drawn only of estates of whose status it depends on them. Raises SliceOver; called again, it
    goes on.
    """
    chosen = [_kept_kinds(drawn, keep) for drawn in STATUSES.choices]
    portions = range(-(-world.count(Kind.ESTATE, agency) // PORTION)) if any(chosen) else range(0)
    fitting = [position for portion in portions for position in _fitting(world, agency, portion, chosen)]
    pinned = world.pins.positions(Kind.ESTATE, agency)
    if not pinned:
        return fitting
    fitting_pins = (position for position in pinned if keep(offer_of(world.estate(agency, position))))
    return sorted({*fitting}.difference(pinned).union(fitting_pins))


def _kept_kinds(drawn: MarketStatus, keep: Callable[[OfferKind], bool]) -> set[int]:
    """Returns the codes of the kinds that are kept where a status was drawn."""
    offers = (OfferKind(type, deal, status_of_deal(drawn, deal)) for type, deal in _KINDS)
    return {code for code, offer in enumerate(offers) if keep(offer)}


def _fitting(world: WorldContext, agency: int, portion: int, chosen: list[set[int]]) -> Iterator[int]:
    """Yields the positions of a portion of whose drawn status the kinds are kept."""
    statuses, first = world.remembered(drawn_statuses, agency, portion), portion * PORTION
    kinds = [
        iter(world.remembered(_kinds, agency, portion, drawn)) if 0 < len(codes) < len(_KINDS) else None
        for drawn, codes in enumerate(chosen)
    ]
    for position in range(first, min(first + PORTION, world.count(Kind.ESTATE, agency))):
        drawn = statuses[position - first]
        of_status = kinds[drawn]
        if chosen[drawn] and (of_status is None or next(of_status) in chosen[drawn]):
            yield position


def details_at(world: WorldContext, agency: int, position: int) -> OfferDetails:
    """Returns the details of the estate at a position, which is made for it and not kept."""
    estate = world.in_passing(Kind.ESTATE, agency, position)
    assert isinstance(estate, Estate)
    return details_of(estate)


def _kinds(world: WorldContext, agency: int, portion: int, drawn: int) -> bytes:
    """Draws the kinds of the estates of a portion that have that status."""
    statuses, first = world.remembered(drawn_statuses, agency, portion), portion * PORTION
    positions = range(first, min(first + PORTION, world.count(Kind.ESTATE, agency)))
    of_status = (position for position in positions if statuses[position - first] == drawn)
    outlines = (world.estate_outline(agency, position) for position in of_status)
    return bytes(_KIND_CODES[outline.type, outline.transaction] for outline in outlines)
