"""Offers: the members of an estate by which others choose it, without the rest."""

from mockserver.domain.estate import Estate, EstateType, MarketStatus, Transaction
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.named_tuple import NamedTuple


class OfferKind(NamedTuple):
    """The type, the deal and the status of an estate; the first criteria by which others choose it."""

    type: EstateType
    transaction: Transaction
    status: MarketStatus


class OfferDetails(NamedTuple):
    """The members of an estate that decide how well it fits a search, named as those of `Estate`; 200 bytes."""

    id: int
    created_at: Epoch
    updated_at: Epoch
    type: EstateType
    transaction: Transaction
    status: MarketStatus
    commune: int
    price: int | None
    area: float
    rooms: int | None
    bedrooms: int | None


def details_of(estate: Estate) -> OfferDetails:
    """Returns the details of an estate that is there."""
    return OfferDetails(*(getattr(estate, name) for name in OfferDetails._fields))


def offer_of(estate: Estate) -> OfferKind:
    """Returns the offer of an estate that is there."""
    return OfferKind(estate.type, estate.transaction, estate.status)
