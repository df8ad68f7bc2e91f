"""Listings come and go: who asks for one asks while it is on offer, or soon after."""

from hashlib import shake_128

from mockserver.domain import Estate, Kind, MarketStatus
from mockserver.foundation.epoch import Epoch
from mockserver.world.activity_calendar import OFFICE
from mockserver.world.context import WorldContext
from mockserver.world.numbering import Spot
from mockserver.world.rng import Weights
from mockserver.world.timeline import DAY, HOUR, all_listed, estate_created, settled_by

GONE = frozenset({MarketStatus.SOLD, MarketStatus.RENTED, MarketStatus.WITHDRAWN})
STILL_ASKED_FOR = 14 * DAY
"""Seconds after the end of an offer in which portals still show it."""
STATUSES: Weights[MarketStatus] = Weights(
    {
        MarketStatus.AVAILABLE: 80,
        MarketStatus.UNDER_OFFER: 8,
        MarketStatus.SOLD: 8,
        MarketStatus.WITHDRAWN: 4,
    }
)
PORTION = 256
"""The number of listings whose statuses are drawn together, a byte each."""
_DRAWN = bytes(STATUSES.choices.index(STATUSES.at((byte + 0.5) / 256)) for byte in range(256))
"""By byte: the place of a status among the choices."""


def is_asked_for(estate: Estate, moment: Epoch) -> bool:
    """Tells whether anybody would ask for the listing then; the last change of one that is gone is its end."""
    return estate.created_at <= moment and (estate.status not in GONE or moment <= estate.updated_at + STILL_ASKED_FOR)


def was_asked_for(world: WorldContext, agency: int, position: int, moment: Epoch) -> bool:
    """Returns `is_asked_for` of a listing of the world, mostly without making it."""
    spot = world.numbering.spot(Kind.ESTATE, agency, position)
    if world.pins.at(Kind.ESTATE, agency, position):
        return is_asked_for(world.estate(agency, position), moment)
    if moment < all_listed(world) and moment < estate_created(world, agency, position):
        return False
    return not is_drawn_gone(world, agency, position) or moment <= estate_updated(world, spot) + STILL_ASKED_FOR


def last_asked_for(world: WorldContext, agency: int, position: int) -> Epoch | None:
    """Returns the last moment at which anybody asks for a listing; None for one that is still on offer."""
    estate = world.estate(agency, position)
    return estate.updated_at + STILL_ASKED_FOR if estate.status in GONE else None


def drawn_status(world: WorldContext, agency: int, position: int) -> MarketStatus:
    """Returns the status of a listing as if it were for sale: one to let is not sold but let."""
    portion, place = divmod(position, PORTION)
    return STATUSES.choices[world.remembered(drawn_statuses, agency, portion)[place]]


def is_drawn_gone(world: WorldContext, agency: int, position: int) -> bool:
    """Tells whether a listing that is not pinned is no longer on offer."""
    return drawn_status(world, agency, position) in GONE


def drawn_statuses(world: WorldContext, agency: int, portion: int) -> bytes:
    """Draws `drawn_status` of `PORTION` listings, each as its place among the choices of `STATUSES`."""
    return shake_128(f"{world.seed}/state/{agency}/{portion}".encode("ascii")).digest(PORTION).translate(_DRAWN)


def estate_updated(world: WorldContext, spot: Spot) -> Epoch:
    """Draws the moment of a listing's last change."""
    return change_of(world, spot, estate_created(world, spot.agency, spot.position))


def change_of(world: WorldContext, spot: Spot, created: Epoch) -> Epoch:
    """Returns `estate_updated` of a listing that was created at that moment."""
    end = min(world.origin - HOUR, settled_by(world, spot.agency, spot.position))
    return OFFICE.between(created, end, world.uniform("changed", Kind.ESTATE, spot.id))
