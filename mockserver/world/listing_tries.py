"""The listings that an enquiry may be about: it tries one after the other, and can be found from each of them."""

from mockserver.domain import Enquiry, EstateType, Intention, Kind, Transaction
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world.availability import was_asked_for
from mockserver.world.context import WorldContext
from mockserver.world.invertible import permuted, restored
from mockserver.world.numbering import Spot
from mockserver.world.search_criteria import HOMES
from mockserver.world.sites import EstateOutline

SALES = (Transaction.BUY, Transaction.LIFE_ANNUITY)
TRIES = 4
"""The number of listings that are tried for one that is on offer, as of ten nine are, and like an earlier one."""


class Sought(NamedTuple):
    """The intention of a seeker's first enquiry, and the type of estate that it is about."""

    intention: Intention
    type: EstateType


def listing_asked_for(world: WorldContext, spot: Spot, created: Epoch, before: Sought | None) -> int | None:
    """Returns the position of a listing that is on offer at that moment, and like an earlier one if one is.

    None where none is, of those that are tried: a portal still shows what the agency has no more.
    """
    chosen = None
    for turn in range(TRIES if world.count(Kind.ESTATE, spot.agency) else 0):
        listing = tried_listing(world, spot, turn)
        if was_asked_for(world, spot.agency, listing, created):
            if before is None or _is_alike(world.estate_outline(spot.agency, listing), before):
                return listing
            chosen = listing
    return chosen


def tried_listing(world: WorldContext, spot: Spot, turn: int) -> int:
    """Returns the position of the listing that an enquiry may be about, in the order of tries.

    As many successive enquiries as there are listings try them all, each its own: so those of a listing can be found.
    Whoever tries one first goes on to the same others.
    """
    count = world.count(Kind.ESTATE, spot.agency)
    block, place = divmod(spot.position if spot.position >= 0 else spot.id, count)
    first = permuted(_order(world, spot.agency, block), count, place)
    return (first + turn * _stride(world, spot.agency, count)) % count


def tries_of_listing(world: WorldContext, agency: int, block: int, listing: int) -> list[int]:
    """Returns the positions of a block of enquiries, as many as there are listings, that try that listing, by turn."""
    count, order = world.count(Kind.ESTATE, agency), _order(world, agency, block)
    return [block * count + restored(order, count, first) for first in firsts_before(world, agency, listing)]


def firsts_before(world: WorldContext, agency: int, listing: int) -> list[int]:
    """Returns the positions of the listings that are tried first by those who try that listing, by turn."""
    count = world.count(Kind.ESTATE, agency)
    stride = _stride(world, agency, count)
    return [(listing - turn * stride) % count for turn in range(TRIES)]


def _order(world: WorldContext, agency: int, block: int) -> int:
    return world.key("about", agency) + block * 0x9E3779B97F4A7C15


def _stride(world: WorldContext, agency: int, count: int) -> int:
    """Returns the distance from one listing that is tried to the next, so short that no other comes up again."""
    return 1 + world.key("next about", agency) % max(count // TRIES, 1)


def sought_by(world: WorldContext, enquiry: Enquiry) -> Sought:
    """Returns what somebody sought who sent that enquiry."""
    place = world.locate(Kind.ESTATE, enquiry.estate) if enquiry.estate else None
    type = world.estate_outline(*place).type if place else next(iter(enquiry.search.types), EstateType.APARTMENT)
    return Sought(enquiry.intention, type)


def _is_alike(estate: EstateOutline, before: Sought) -> bool:
    """Tells whether somebody who sought that before might ask for the listing: who rents a flat buys no restaurant."""
    if before.intention not in (Intention.BUY, Intention.RENT):
        return True
    return (estate.transaction in SALES) is (before.intention is Intention.BUY) and (
        estate.type is before.type or HOMES.issuperset((estate.type, before.type))
    )
