"""Listings come and go: who asks for one asks while it is on offer, or soon after."""

from typing import NamedTuple

from mockserver.domain import Estate, EstateType, MarketStatus, Transaction
from mockserver.foundation.epoch import Epoch
from mockserver.world.activity_calendar import DAY

GONE = frozenset({MarketStatus.SOLD, MarketStatus.RENTED, MarketStatus.WITHDRAWN})
STILL_ASKED_FOR = 14 * DAY
"""Seconds after the end of an offer in which portals still show it."""


class EstateOutline(NamedTuple):
    """The members of an estate by which others choose it, the same as in the whole estate."""

    created_at: Epoch
    updated_at: Epoch
    type: EstateType
    transaction: Transaction
    status: MarketStatus
    commune: int


def is_asked_for(estate: Estate | EstateOutline, moment: Epoch) -> bool:
    """Tells whether anybody would ask for the listing then; the last change of one that is gone is its end."""
    return estate.created_at <= moment and (estate.status not in GONE or moment <= estate.updated_at + STILL_ASKED_FOR)
