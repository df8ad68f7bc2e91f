"""The outline of an estate has what others choose it by; it is drawn without the rest, at a tenth of the price."""

from mockserver.domain import Estate, EstateType, Kind, Transaction
from mockserver.world.buildings import TYPES, rare_type
from mockserver.world.context import WorldContext
from mockserver.world.numbering import Spot
from mockserver.world.rng import KeyedRandom, Weights
from mockserver.world.sites import EstateOutline, Site, fitting_deal, fitting_type, site_of

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


def estate_outline(world: WorldContext, spot: Spot) -> EstateOutline:
    """Draws the outline of the estate at a place of the world; a pinned one is made whole for it."""
    if world.pins.pinned and world.pins.at(Kind.ESTATE, spot.agency, spot.position):
        return outline_of(world.estate(spot.agency, spot.position))
    return draw_outline(world, world.rng(Kind.ESTATE, spot.id), spot)[0]


def outline_of(estate: Estate) -> EstateOutline:
    """Returns the outline of an estate that is there."""
    return EstateOutline(estate.type, estate.transaction, estate.commune)


def draw_outline(world: WorldContext, rng: KeyedRandom, spot: Spot) -> tuple[EstateOutline, Site]:
    """Draws an outline, and the site on which the estate stands, with the first random numbers of the estate."""
    near, where = rng.uniform(), rng.uniform()
    common = rng.weighted(TYPES)
    drawn = rare_type(world.numbering.index(spot.agency), spot.position) or common
    deal = rng.weighted(DEALS.get(drawn, ONLY_SALE))
    site = site_of(near, where, world.communes, world.home(spot.agency), drawn, deal)
    deal = fitting_deal(deal, site.commune)
    return EstateOutline(fitting_type(drawn, site.commune), deal, site.commune.id), site
