"""The estates on offer at an agency, by what others choose them by: none of them is made whole to be passed over."""

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
)
from mockserver.world.availability import drawn_status
from mockserver.world.context import WorldContext
from mockserver.world.estates import status_of_deal

PORTION = 256
"""The number of estates whose offers are drawn together: some milliseconds of work."""


_STATUSES = tuple(MarketStatus)
_KINDS = tuple((type, transaction) for type in EstateType for transaction in Transaction)
_STATUS_CODES = {status: code for code, status in enumerate(_STATUSES)}
_KIND_CODES = {kind: code for code, kind in enumerate(_KINDS)}


def positions_on_offer(world: WorldContext, agency: int, keep: Callable[[OfferKind], bool]) -> list[int]:
    """Returns the positions of the estates whose offer is kept, ascending.

    Types and deals are drawn only where it depends on them. Raises SliceOver; called again, it goes on.
    """
    chosen = [{code for code, kind in enumerate(_KINDS) if keep(OfferKind(*kind, status))} for status in _STATUSES]
    portions = range(-(-world.count(Kind.ESTATE, agency) // PORTION))
    statuses = chain.from_iterable(world.remembered(_statuses, agency, portion) for portion in portions)
    if all(len(codes) in (0, len(_KINDS)) for codes in chosen):
        return [position for position, status in enumerate(statuses) if chosen[status]]
    kinds = chain.from_iterable(world.remembered(_kinds, agency, portion) for portion in portions)
    offers = enumerate(zip(statuses, kinds, strict=True))
    return [position for position, (status, kind) in offers if kind in chosen[status]]


def details_at(world: WorldContext, agency: int, position: int) -> OfferDetails:
    """Returns the details of the estate at a position, which is made for it and not kept."""
    estate = world.in_passing(Kind.ESTATE, agency, position)
    assert isinstance(estate, Estate)
    return details_of(estate)


def _statuses(world: WorldContext, agency: int, portion: int) -> bytes:
    positions = _positions(world, agency, portion)
    return bytes(_STATUS_CODES[_status_at(world, agency, position)] for position in positions)


def _kinds(world: WorldContext, agency: int, portion: int) -> bytes:
    outlines = (world.estate_outline(agency, position) for position in _positions(world, agency, portion))
    return bytes(_KIND_CODES[outline.type, outline.transaction] for outline in outlines)


def _positions(world: WorldContext, agency: int, portion: int) -> range:
    return range(portion * PORTION, min((portion + 1) * PORTION, world.count(Kind.ESTATE, agency)))


def _status_at(world: WorldContext, agency: int, position: int) -> MarketStatus:
    if world.pins.at(Kind.ESTATE, agency, position):
        return world.estate(agency, position).status
    id = world.id_at(Kind.ESTATE, agency, position)
    status = drawn_status(world, id)
    # Only of what is sold, or let, the status depends on the deal.
    if status is not MarketStatus.SOLD:
        return status
    return status_of_deal(world, id, world.estate_outline(agency, position).transaction)
