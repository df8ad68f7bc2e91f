"""The price of an estate is the commune's level times area, kind and state of repair, in whole euro."""

from typing import NamedTuple

from mockserver.domain import Commune, Condition, EstateType, Transaction
from mockserver.world.buildings import Building
from mockserver.world.rng import KeyedRandom

BY_TYPE: dict[EstateType, float] = {
    EstateType.HOUSE: 0.95,
    EstateType.OFFICE: 0.8,
    EstateType.TRADING: 0.85,
    EstateType.BUILDING: 0.7,
    EstateType.PARKING: 0.4,
    EstateType.PLOT: 0.07,
    EstateType.GASTRONOMY_HOTEL: 0.75,
    EstateType.STORAGE_PRODUCTION: 0.3,
    EstateType.AGRICULTURE_FORESTRY: 0.5,
    EstateType.SENIOR: 0.9,
}
"""Against an apartment of the same area."""
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


class Price(NamedTuple):
    """`amount` as in `Estate.price`; `charges` a month."""

    amount: int | None
    fees: int | None
    charges: int | None


def draw_price(rng: KeyedRandom, transaction: Transaction, building: Building, commune: Commune) -> Price:
    """A price that the commune could know; None for the few that are "on request"."""
    luck = 0.85 + 0.35 * rng.uniform()
    factor = luck * BY_TYPE.get(building.type, 1.0) * BY_CONDITION.get(building.condition, 1.0)
    if transaction in (Transaction.BUY, Transaction.LIFE_ANNUITY):
        amount = _sale(building.area * commune.buy_m2 * factor, transaction)
        fees = int(amount * rng.between(3, 6) / 100) // 100 * 100 if rng.chance(0.6) else None
    else:
        amount = _rent(building.area * commune.rent_m2 * factor, transaction)
        fees = round(building.area * 11) if transaction is Transaction.RENT else None
    published = None if rng.chance(ON_REQUEST) else amount
    return Price(published, fees if published else None, _charges(rng, building))


def _sale(amount: float, transaction: Transaction) -> int:
    share = BOUQUET if transaction is Transaction.LIFE_ANNUITY else 1
    return max(round(amount * share / 1_000), 2) * 1_000


def _rent(amount: float, transaction: Transaction) -> int:
    share = WEEKS if transaction is Transaction.SEASONAL else 1
    return max(round(amount * share / 5), 4) * 5


def _charges(rng: KeyedRandom, building: Building) -> int | None:
    """Shared costs of a building with several owners."""
    if building.type is not EstateType.APARTMENT:
        return None
    return round(building.area * (1.0 + 2.2 * rng.uniform()))
