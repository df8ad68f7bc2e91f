"""The site of an estate is a commune near the agency, or for a few homes a place to which people go on holiday."""

from collections.abc import Sequence
from functools import cache

from mockserver.domain import Commune, EstateType, Transaction
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world.communes import Communes
from mockserver.world.surroundings import Surroundings, has, is_dense, is_visited

IN_TOWN = 0.85
"""The share of an agency's estates that stand in its own towns."""
NEIGHBOURS_KM = 40
FARMS_KM = 110
"""An agency takes on a farm further away than a flat."""
NEAREST = 2
"""The towns with farmland among which a farm stands."""
HOLIDAY = 0.25
"""The share of the homes elsewhere that are for holidays, and may be anywhere at the sea or in the mountains."""
HOLIDAY_DEALS = (Transaction.BUY, Transaction.SEASONAL)
HOMES = (EstateType.APARTMENT, EstateType.HOUSE)


class EstateOutline(NamedTuple):
    """The members of an estate by which others choose it, the same as in the whole estate."""

    type: EstateType
    transaction: Transaction
    commune: int


class Site(NamedTuple):
    """The commune of an estate; `holiday` tells that it is a holiday home, which its texts say."""

    commune: Commune
    holiday: bool = False


def site_of(near: float, where: float, communes: Communes, home: Commune, type: EstateType, deal: Transaction) -> Site:
    """Returns the site of an estate of an agency whose town is `home`; two random numbers in [0, 1) decide."""
    if type is EstateType.AGRICULTURE_FORESTRY:
        farmland = _farmland(communes, home.id)
        return Site(_at(farmland, where) if farmland else home)
    if near < IN_TOWN:
        return Site(_at(communes.around(home), where))
    if (near - IN_TOWN) / (1 - IN_TOWN) < HOLIDAY and type in HOMES and deal in HOLIDAY_DEALS:
        return Site(_at(_resorts(communes, home.region), where), holiday=True)
    return Site(_at(_neighbours(communes, home.id), where))


@cache
def _farmland(communes: Communes, home: int) -> Sequence[Commune]:
    near = communes.near(communes.by_id[home], FARMS_KM)
    return [town for town in near if has(town, Surroundings.COUNTRYSIDE)][:NEAREST]


@cache
def _neighbours(communes: Communes, home: int) -> Sequence[Commune]:
    return communes.near(communes.by_id[home], NEIGHBOURS_KM)


@cache
def _resorts(communes: Communes, region: str) -> Sequence[Commune]:
    """The places with holiday homes outside a region."""
    return [town for town in communes.all if has(town, Surroundings.RESORT) and town.region != region]


def fitting_type(type: EstateType, commune: Commune) -> EstateType:
    """Returns the type, or what stands in a commune without empty plots instead."""
    return EstateType.PARKING if type is EstateType.PLOT and is_dense(commune) else type


def fitting_deal(deal: Transaction, commune: Commune) -> Transaction:
    """Returns the deal, or a lease where nobody goes on holiday."""
    return Transaction.RENT if deal is Transaction.SEASONAL and not is_visited(commune) else deal


def _at(towns: Sequence[Commune], share: float) -> Commune:
    return towns[int(share * len(towns))]
