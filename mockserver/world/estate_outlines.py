"""The outline of an estate has what others choose it by; it is drawn without the rest, at a tenth of the price."""

from mockserver.domain import Estate, EstateType, Kind, MarketStatus, Transaction
from mockserver.world.activity_calendar import OFFICE
from mockserver.world.availability import EstateOutline
from mockserver.world.buildings import TYPES, rare_type
from mockserver.world.context import WorldContext
from mockserver.world.numbering import Spot
from mockserver.world.rng import KeyedRandom, Weights
from mockserver.world.sites import Site, fitting_deal, fitting_type, site_of
from mockserver.world.timeline import HOUR, estate_created

HOMES: Weights[Transaction] = Weights(
    {
        Transaction.BUY: 70,
        Transaction.RENT: 22,
        Transaction.SEASONAL: 5,
        Transaction.LIFE_ANNUITY: 3,
    }
)
COMMERCE: Weights[Transaction] = Weights({Transaction.BUY: 70, Transaction.RENT: 30})
ONLY_SALE: Weights[Transaction] = Weights({Transaction.BUY: 1})
DEALS: dict[EstateType, Weights[Transaction]] = {
    EstateType.APARTMENT: HOMES,
    EstateType.HOUSE: HOMES,
    EstateType.PARKING: COMMERCE,
    EstateType.OFFICE: COMMERCE,
    EstateType.TRADING: COMMERCE,
    EstateType.GASTRONOMY_HOTEL: COMMERCE,
    EstateType.STORAGE_PRODUCTION: COMMERCE,
    EstateType.SENIOR: COMMERCE,
}
_STATUS_OF_SALES: Weights[MarketStatus] = Weights(
    {
        **{MarketStatus.AVAILABLE: 80, MarketStatus.UNDER_OFFER: 8},
        **{MarketStatus.SOLD: 8, MarketStatus.WITHDRAWN: 4},
    }
)
_STATUS_OF_RENTALS: Weights[MarketStatus] = Weights(
    {
        **{MarketStatus.AVAILABLE: 80, MarketStatus.UNDER_OFFER: 8},
        **{MarketStatus.RENTED: 8, MarketStatus.WITHDRAWN: 4},
    }
)
STATUSES: dict[Transaction, Weights[MarketStatus]] = {
    Transaction.BUY: _STATUS_OF_SALES,
    Transaction.LIFE_ANNUITY: _STATUS_OF_SALES,
    Transaction.RENT: _STATUS_OF_RENTALS,
    Transaction.SEASONAL: _STATUS_OF_RENTALS,
}


def estate_outline(world: WorldContext, spot: Spot) -> EstateOutline:
    """Draws the outline of the estate at a place of the world; a pinned one is made whole for it."""
    if world.pins.pinned and world.pins.at(Kind.ESTATE, spot.agency, spot.position):
        return outline_of(world.estate(spot.agency, spot.position))
    return draw_outline(world, world.rng(Kind.ESTATE, spot.id), spot)[0]


def outline_of(estate: Estate) -> EstateOutline:
    """Returns the outline of an estate that is there."""
    return EstateOutline(
        estate.created_at, estate.updated_at, estate.type, estate.transaction, estate.status, estate.commune
    )


def draw_outline(world: WorldContext, rng: KeyedRandom, spot: Spot) -> tuple[EstateOutline, Site]:
    """Draws an outline, and the site on which the estate stands, with the first random numbers of the estate."""
    created = estate_created(world, spot.agency, spot.position)
    near, where = rng.uniform(), rng.uniform()
    common = rng.weighted(TYPES)
    drawn = rare_type(world.numbering.index(spot.agency), spot.position) or common
    deal = rng.weighted(DEALS.get(drawn, ONLY_SALE))
    site = site_of(near, where, world.communes, world.home(spot.agency), drawn, deal)
    deal = fitting_deal(deal, site.commune)
    updated = OFFICE.between(created, world.origin - HOUR, rng.uniform())
    status = rng.weighted(STATUSES[deal])
    return EstateOutline(created, updated, fitting_type(drawn, site.commune), deal, status, site.commune.id), site
