"""What an estate physically is: kind, rooms, areas, age. Square metres everywhere."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from mockserver.domain import SUBTYPES, Condition, EstateType
from mockserver.world.rng import Dice

TYPES: dict[EstateType, float] = {
    EstateType.APARTMENT: 55,
    EstateType.HOUSE: 28,
    EstateType.PLOT: 6,
    EstateType.PARKING: 4,
    EstateType.OFFICE: 3,
    EstateType.TRADING: 3,
    EstateType.BUILDING: 1,
}
RARE = (
    EstateType.GASTRONOMY_HOTEL,
    EstateType.STORAGE_PRODUCTION,
    EstateType.AGRICULTURE_FORESTRY,
    EstateType.SENIOR,
    EstateType.PROJECT,
)
"""Types that come in turn, at fixed positions: so a world of two agencies with 60 estates has them all."""
RARE_EVERY, RARE_AT = 20, 11
FLAT_ROOMS: dict[int, float] = {1: 18, 2: 27, 3: 27, 4: 17, 5: 8, 6: 3}
HOUSE_ROOMS: dict[int, float] = {3: 12, 4: 28, 5: 30, 6: 17, 7: 8, 8: 3, 9: 2}
CONDITIONS: dict[Condition, float] = {
    Condition.NEW: 6,
    Condition.EXCELLENT: 18,
    Condition.GOOD: 49,
    Condition.TO_REFRESH: 18,
    Condition.TO_RENOVATE: 9,
}
ERAS: dict[tuple[int, int], float] = {
    (1850, 1914): 15,
    (1920, 1948): 12,
    (1949, 1974): 30,
    (1975, 1989): 18,
    (1990, 2005): 13,
    (2006, 2020): 12,
}
ENERGY_SINCE: tuple[tuple[int, str], ...] = (
    (2013, "AABB"),
    (2006, "BCCD"),
    (1989, "CDDE"),
    (1949, "DDEF"),
    (0, "DEFG"),
)
"""The energy classes that houses built since a year mostly have."""


class Building(NamedTuple):
    """The physical side of an estate; None where it has no such thing."""

    type: EstateType
    subtype: str | None
    area: float
    plot_area: float | None = None
    rooms: int | None = None
    bedrooms: int | None = None
    floor: int | None = None
    floors: int | None = None
    year: int | None = None
    condition: Condition | None = None
    energy: str | None = None


def rare_type(agency_index: int, position: int) -> EstateType | None:
    """The type of the few estates that are something special; None for the others."""
    turn, rest = divmod(position, RARE_EVERY)
    return RARE[(turn + 3 * agency_index) % len(RARE)] if rest == RARE_AT else None


def draw_building(dice: Dice, type: EstateType, year_now: int) -> Building:
    """A coherent estate of that type as it would be offered in `year_now`."""
    bare = _SHAPES[type](dice)
    if type in (EstateType.PLOT, EstateType.PARKING):
        return bare
    condition = Condition.NEW if type is EstateType.PROJECT else dice.weighted(CONDITIONS)
    year = year_now if condition is Condition.NEW else dice.between(*dice.weighted(ERAS))
    return bare._replace(condition=condition, year=year, energy=_energy(dice, year))


def _apartment(dice: Dice) -> Building:
    rooms = dice.weighted(FLAT_ROOMS)
    subtype = "STUDIO" if rooms == 1 else _subtype(dice, EstateType.APARTMENT, without="STUDIO")
    floors = dice.between(1, 9)
    floor = {"GROUNDFLOOR": 0, "PENTHOUSE": floors}.get(subtype or "", dice.between(0, floors))
    area = _around(dice, 12 + 17 * rooms)
    return Building(
        EstateType.APARTMENT, subtype, area, rooms=rooms, bedrooms=_bedrooms(dice, rooms), floor=floor, floors=floors
    )


def _house(dice: Dice) -> Building:
    rooms = dice.weighted(HOUSE_ROOMS)
    area = _around(dice, 23 * rooms)
    plot = float(round(area * (1.2 + 10 * dice.share() ** 2)))
    subtype = _subtype(dice, EstateType.HOUSE)
    floors = dice.between(1, 3)
    return Building(EstateType.HOUSE, subtype, area, plot, rooms=rooms, bedrooms=_bedrooms(dice, rooms), floors=floors)


def _plot(dice: Dice) -> Building:
    area = float(dice.between(25, 300) * 10)
    return Building(EstateType.PLOT, _subtype(dice, EstateType.PLOT), area, area)


def _parking(dice: Dice) -> Building:
    return Building(EstateType.PARKING, _subtype(dice, EstateType.PARKING), float(dice.between(10, 18)))


def _office(dice: Dice) -> Building:
    rooms = dice.between(1, 8)
    subtype = _subtype(dice, EstateType.OFFICE)
    return Building(EstateType.OFFICE, subtype, _around(dice, 20 * rooms), rooms=rooms, floor=dice.between(0, 6))


def _trading(dice: Dice) -> Building:
    return Building(EstateType.TRADING, _subtype(dice, EstateType.TRADING), float(dice.between(25, 320)), floor=0)


def _building(dice: Dice) -> Building:
    area = float(dice.between(18, 110) * 10)
    return Building(EstateType.BUILDING, None, area, round(area / 2), floors=dice.between(2, 5))


def _gastronomy(dice: Dice) -> Building:
    type = EstateType.GASTRONOMY_HOTEL
    return Building(type, _subtype(dice, type), float(dice.between(60, 900)), floor=0, floors=dice.between(1, 4))


def _storage(dice: Dice) -> Building:
    type, area = EstateType.STORAGE_PRODUCTION, float(dice.between(15, 200) * 10)
    return Building(type, _subtype(dice, type), area, area * 2, floor=0)


def _agriculture(dice: Dice) -> Building:
    type = EstateType.AGRICULTURE_FORESTRY
    return Building(type, _subtype(dice, type), float(dice.between(15, 60) * 10), float(dice.between(2, 80) * 10_000))


def _senior(dice: Dice) -> Building:
    type, rooms = EstateType.SENIOR, dice.between(1, 3)
    floors = dice.between(2, 5)
    floor = dice.between(0, floors)
    return Building(
        type, _subtype(dice, type), _around(dice, 14 + 15 * rooms), None, rooms, rooms - 1, floor=floor, floors=floors
    )


def _project(dice: Dice) -> Building:
    """The smallest flat of a programme that is still to be built."""
    type, rooms = EstateType.PROJECT, dice.between(2, 4)
    return Building(
        type, _subtype(dice, type), _around(dice, 12 + 17 * rooms), None, rooms, rooms - 1, floors=dice.between(2, 7)
    )


_SHAPES: Mapping[EstateType, Callable[[Dice], Building]] = {
    EstateType.APARTMENT: _apartment,
    EstateType.HOUSE: _house,
    EstateType.PLOT: _plot,
    EstateType.PARKING: _parking,
    EstateType.OFFICE: _office,
    EstateType.TRADING: _trading,
    EstateType.BUILDING: _building,
    EstateType.GASTRONOMY_HOTEL: _gastronomy,
    EstateType.STORAGE_PRODUCTION: _storage,
    EstateType.AGRICULTURE_FORESTRY: _agriculture,
    EstateType.SENIOR: _senior,
    EstateType.PROJECT: _project,
}


def _subtype(dice: Dice, type: EstateType, without: str | None = None) -> str | None:
    """One of the type's; one in seven agencies does not say."""
    choices = [subtype for subtype in SUBTYPES[type] if subtype != without]
    return None if dice.chance(0.14) else dice.pick(choices)


def _around(dice: Dice, usual: int) -> float:
    """Square metres near what is usual; one in four was measured to the decimetre."""
    area = usual * (0.82 + 0.4 * dice.share())
    return round(area, 1) if dice.chance(0.25) else float(round(area))


def _bedrooms(dice: Dice, rooms: int) -> int:
    """All rooms but the living room, or but two."""
    return max(rooms - (2 if rooms > 3 and dice.chance(0.3) else 1), 0)


def _energy(dice: Dice, year: int) -> str | None:
    """The DPE class; a few have none yet."""
    usual = next(classes for since, classes in ENERGY_SINCE if year >= since)
    return None if dice.chance(0.04) else dice.pick(usual)
