"""The price of an estate is the commune's level times area, kind and state of repair, in whole euro."""

from math import inf

from mockserver.domain import Commune, Condition, EstateType, Transaction
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world.buildings import Building
from mockserver.world.rng import KeyedRandom
from mockserver.world.vineyards import HECTARE, VINEYARDS

BY_TYPE: dict[EstateType, float] = {
    EstateType.HOUSE: 0.95,
    EstateType.OFFICE: 0.8,
    EstateType.TRADING: 0.85,
    EstateType.BUILDING: 0.7,
    EstateType.PARKING: 0.4,
    EstateType.GASTRONOMY_HOTEL: 0.75,
    EstateType.STORAGE_PRODUCTION: 0.3,
    EstateType.AGRICULTURE_FORESTRY: 0.5,
    EstateType.SENIOR: 0.9,
}
"""Against an apartment of the same area; `share_of_flat` has what depends on the town."""
DEAREST_LAND, DEAR_TOWN = 0.25, 4_000
"""The most that a building plot costs, against a flat of its area, and the price of flats from which on it does."""
FIELD = 4
"""The price of a hectare of fields, as a multiple of that of a square metre of a flat nearby."""
BY_CONDITION: dict[Condition | None, float] = {
    Condition.NEW: 1.2,
    Condition.EXCELLENT: 1.1,
    Condition.TO_REFRESH: 0.9,
    Condition.TO_RENOVATE: 0.78,
}
WEEKS = 0.55
"""A week in season, as a share of a month's rent."""
BOUQUET = 0.35
"""The sum that is paid at once for a life annuity, as a share of the sale price."""
ON_REQUEST = 0.02
Steps = tuple[tuple[float, int], ...]
"""The step of amounts below a limit, by ascending limits."""
SALE_STEPS: Steps = (
    *((20_000, 500), (300_000, 1_000), (1_000_000, 5_000), (3_000_000, 10_000), (10_000_000, 50_000)),
    (inf, 100_000),
)
RENT_STEPS: Steps = ((1_000, 5), (2_000, 10), (10_000, 50), (100_000, 100), (inf, 1_000))


class Price(NamedTuple):
    """`amount` as in `Estate.price`; `charges` a month."""

    amount: int | None
    fees: int | None
    charges: int | None


def draw_price(rng: KeyedRandom, transaction: Transaction, building: Building, commune: Commune) -> Price:
    """A price that the commune could know; None for the few that are "on request"."""
    luck = 0.85 + 0.35 * rng.uniform()
    factor = luck * share_of_flat(building.type, commune.buy_m2) * BY_CONDITION.get(building.condition, 1.0)
    if transaction in (Transaction.BUY, Transaction.LIFE_ANNUITY):
        share = BOUQUET if transaction is Transaction.LIFE_ANNUITY else 1
        amount = rounded(building.area * commune.buy_m2 * factor * share + luck * _land(building, commune), SALE_STEPS)
        fees = int(amount * rng.between(3, 6) / 100) // 100 * 100 if rng.chance(0.6) else None
    else:
        share = WEEKS if transaction is Transaction.SEASONAL else 1
        amount = rounded(building.area * commune.rent_m2 * factor * share, RENT_STEPS)
        fees = round(building.area * 11) if transaction is Transaction.RENT else None
    published = None if rng.chance(ON_REQUEST) else amount
    return Price(published, fees if published else None, _charges(rng, building, transaction))


def share_of_flat(type: EstateType, buy_m2: float) -> float:
    """Returns the price of a square metre of that type against one of a flat, where flats are sold at `buy_m2` euro."""
    if type is EstateType.PLOT:
        dearness = min(buy_m2 / DEAR_TOWN, 1)
        return DEAREST_LAND * dearness * dearness
    return BY_TYPE.get(type, 1.0)


def _land(building: Building, commune: Commune) -> float:
    """Returns what the fields or vines of a farm are worth, in euro."""
    if building.type is not EstateType.AGRICULTURE_FORESTRY or not building.plot_area:
        return 0
    vines = VINEYARDS.get(commune.department, 0) if building.subtype == "WINERY" else 0
    return building.plot_area / HECTARE * max(commune.buy_m2 * FIELD, vines)


def rounded(amount: float, steps: Steps) -> int:
    """Rounds euro to the step of their size, as people do; never to nothing."""
    step = next(step for below, step in steps if amount < below)
    return max(round(amount / step), 1) * step


def _charges(rng: KeyedRandom, building: Building, transaction: Transaction) -> int | None:
    """Shared costs of a building with several owners; a holidaymaker pays none apart from the rent."""
    if building.type is not EstateType.APARTMENT or transaction is Transaction.SEASONAL:
        return None
    return round(building.area * (1.0 + 2.2 * rng.uniform()) / 5) * 5
