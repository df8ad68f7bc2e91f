"""The year, the state of repair and the energy class of a building agree with each other, and with the offer."""

from collections.abc import Mapping

from mockserver.domain import Condition, EstateType, Transaction
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world.rng import KeyedRandom, Weights

ERAS: Weights[tuple[int, int]] = Weights(
    {
        (1850, 1914): 15,
        (1920, 1948): 12,
        (1949, 1974): 30,
        (1975, 1989): 18,
        (1990, 2005): 13,
        (2006, 2020): 12,
    }
)
ERAS_OF: Mapping[str | None, Weights[tuple[int, int]]] = {
    "FARMHOUSE": Weights({(1800, 1914): 80, (1920, 1948): 20}),
    "LOFT": Weights({(1880, 1914): 50, (1920, 1948): 40, (1949, 1960): 10}),
    "TOWN_HOUSE": Weights({(1850, 1914): 50, (1920, 1948): 30, (1949, 1974): 20}),
    "PENTHOUSE": Weights({(1965, 1989): 50, (1990, 2020): 50}),
    "WAREHOUSE_HALL": Weights({(1949, 1974): 30, (1975, 1989): 40, (1990, 2020): 30}),
    "LOGISTICS_CENTER": Weights({(1975, 1989): 40, (1990, 2020): 60}),
    "CHALET": Weights({(1949, 1974): 40, (1975, 1989): 30, (1990, 2020): 30}),
}
"""The eras of what was built at some time only; farms and workshops of old that are lived in today."""
NEVER_NEW = frozenset({"FARMHOUSE", "LOFT", "TOWN_HOUSE"})
USED = frozenset({EstateType.BUILDING, EstateType.AGRICULTURE_FORESTRY, EstateType.GASTRONOMY_HOTEL})
"""What is sold with its tenants, its land or its customers was there before."""
REFRESHED_BEFORE, RENOVATED_BEFORE = 2010, 1990
"""Nobody has to refresh, or renovate, what was built since."""
BUILDING_TIME = 2
"""Years from the first sale of a programme to its delivery."""
CONDITIONS: Mapping[Transaction, Weights[Condition]] = {
    Transaction.BUY: Weights(
        {
            Condition.NEW: 6,
            Condition.EXCELLENT: 18,
            Condition.GOOD: 49,
            Condition.TO_REFRESH: 17,
            Condition.TO_RENOVATE: 10,
        }
    ),
    Transaction.RENT: Weights({Condition.NEW: 6, Condition.EXCELLENT: 18, Condition.GOOD: 68, Condition.TO_REFRESH: 8}),
    Transaction.SEASONAL: Weights({Condition.EXCELLENT: 40, Condition.GOOD: 60}),
    Transaction.LIFE_ANNUITY: Weights({Condition.EXCELLENT: 8, Condition.GOOD: 62, Condition.TO_REFRESH: 30}),
}
ENERGY_SINCE: tuple[tuple[int, str], ...] = (
    (2013, "AABB"),
    (2006, "BCCD"),
    (1989, "CDDE"),
    (1949, "DDEF"),
    (0, "DEFG"),
)
"""The energy classes (DPE) that houses built since a year mostly have."""
BEST_REPAIRED = "BCCD"
"""Whoever renovates a home insulates it."""
LEAST_TO_LET = "F"
"""Homes of class G are no longer let since 2025 (loi Climat et résilience)."""
FLOORS_UNTIL: tuple[tuple[int, int], ...] = ((1948, 6), (1974, 9), (9999, 8))
"""The floors of the highest buildings that stand in the towns of our table, by the last year of an era."""


class BuildingAge(NamedTuple):
    """The energy class is None for the few that have none yet."""

    year: int
    condition: Condition
    energy: str | None


def draw_age(rng: KeyedRandom, type: EstateType, subtype: str | None, deal: Transaction, year_now: int) -> BuildingAge:
    """Draws the age of what is offered in `year_now`; a programme is yet to be built."""
    drawn = Condition.NEW if type is EstateType.PROJECT else rng.weighted(CONDITIONS[deal])
    if drawn is Condition.NEW and subtype not in NEVER_NEW and type not in USED:
        year = year_now + (BUILDING_TIME if type is EstateType.PROJECT else 0)
        return BuildingAge(year, drawn, _energy(rng, "AAAB"))
    year = rng.between(*rng.weighted(ERAS_OF.get(subtype, ERAS)))
    condition = _possible_condition(drawn, year)
    classes = next(classes for since, classes in ENERGY_SINCE if year >= since)
    if condition is Condition.EXCELLENT:
        classes = "".join(map(min, classes, BEST_REPAIRED))
    if deal is Transaction.RENT:
        classes = classes.replace("G", LEAST_TO_LET)
    return BuildingAge(year, condition, _energy(rng, classes))


def most_floors(year: int) -> int:
    """Returns the floors of the highest buildings of that year, with lifts or without."""
    return next(floors for last, floors in FLOORS_UNTIL if year <= last)


def _possible_condition(drawn: Condition, year: int) -> Condition:
    """Returns the state of repair; what is young is in a good one, what is old and as new was renovated."""
    if drawn is Condition.NEW:
        return Condition.EXCELLENT
    latest = {Condition.TO_REFRESH: REFRESHED_BEFORE, Condition.TO_RENOVATE: RENOVATED_BEFORE}.get(drawn, year + 1)
    return drawn if year < latest else Condition.GOOD


def _energy(rng: KeyedRandom, classes: str) -> str | None:
    """Draws a class; a few have none yet."""
    return None if rng.chance(0.04) else rng.pick(classes)
