"""A building is the physical side of an estate: kind, rooms, areas, age. Areas are in square metres everywhere."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from mockserver.domain import SUBTYPES, Condition, EstateType
from mockserver.world.rng import KeyedRandom

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


def draw_building(rng: KeyedRandom, type: EstateType, year_now: int) -> Building:
    """A coherent estate of that type as it would be offered in `year_now`."""
    bare = _SHAPES[type](rng)
    if type in (EstateType.PLOT, EstateType.PARKING):
        return bare
    condition = Condition.NEW if type is EstateType.PROJECT else rng.weighted(CONDITIONS)
    year = year_now if condition is Condition.NEW else rng.between(*rng.weighted(ERAS))
    return bare._replace(condition=condition, year=year, energy=_energy(rng, year))


def _apartment(rng: KeyedRandom) -> Building:
    rooms = rng.weighted(FLAT_ROOMS)
    subtype = "STUDIO" if rooms == 1 else _subtype(rng, EstateType.APARTMENT, without="STUDIO")
    floors = rng.between(1, 9)
    floor = {"GROUNDFLOOR": 0, "PENTHOUSE": floors}.get(subtype or "", rng.between(0, floors))
    area = _around(rng, 12 + 17 * rooms)
    return Building(
        EstateType.APARTMENT, subtype, area, rooms=rooms, bedrooms=_bedrooms(rng, rooms), floor=floor, floors=floors
    )


def _house(rng: KeyedRandom) -> Building:
    rooms = rng.weighted(HOUSE_ROOMS)
    area = _around(rng, 23 * rooms)
    plot = float(round(area * (1.2 + 10 * rng.uniform() ** 2)))
    subtype = _subtype(rng, EstateType.HOUSE)
    floors = rng.between(1, 3)
    return Building(EstateType.HOUSE, subtype, area, plot, rooms=rooms, bedrooms=_bedrooms(rng, rooms), floors=floors)


def _plot(rng: KeyedRandom) -> Building:
    area = float(rng.between(25, 300) * 10)
    return Building(EstateType.PLOT, _subtype(rng, EstateType.PLOT), area, area)


def _parking(rng: KeyedRandom) -> Building:
    return Building(EstateType.PARKING, _subtype(rng, EstateType.PARKING), float(rng.between(10, 18)))


def _office(rng: KeyedRandom) -> Building:
    rooms = rng.between(1, 8)
    subtype = _subtype(rng, EstateType.OFFICE)
    return Building(EstateType.OFFICE, subtype, _around(rng, 20 * rooms), rooms=rooms, floor=rng.between(0, 6))


def _trading(rng: KeyedRandom) -> Building:
    return Building(EstateType.TRADING, _subtype(rng, EstateType.TRADING), float(rng.between(25, 320)), floor=0)


def _building(rng: KeyedRandom) -> Building:
    area = float(rng.between(18, 110) * 10)
    return Building(EstateType.BUILDING, None, area, round(area / 2), floors=rng.between(2, 5))


def _gastronomy(rng: KeyedRandom) -> Building:
    type = EstateType.GASTRONOMY_HOTEL
    return Building(type, _subtype(rng, type), float(rng.between(60, 900)), floor=0, floors=rng.between(1, 4))


def _storage(rng: KeyedRandom) -> Building:
    type, area = EstateType.STORAGE_PRODUCTION, float(rng.between(15, 200) * 10)
    return Building(type, _subtype(rng, type), area, area * 2, floor=0)


def _agriculture(rng: KeyedRandom) -> Building:
    type = EstateType.AGRICULTURE_FORESTRY
    return Building(type, _subtype(rng, type), float(rng.between(15, 60) * 10), float(rng.between(2, 80) * 10_000))


def _senior(rng: KeyedRandom) -> Building:
    type, rooms = EstateType.SENIOR, rng.between(1, 3)
    floors = rng.between(2, 5)
    floor = rng.between(0, floors)
    return Building(
        type, _subtype(rng, type), _around(rng, 14 + 15 * rooms), None, rooms, rooms - 1, floor=floor, floors=floors
    )


def _project(rng: KeyedRandom) -> Building:
    """The smallest flat of a programme that is still to be built."""
    type, rooms = EstateType.PROJECT, rng.between(2, 4)
    return Building(
        type, _subtype(rng, type), _around(rng, 12 + 17 * rooms), None, rooms, rooms - 1, floors=rng.between(2, 7)
    )


_SHAPES: Mapping[EstateType, Callable[[KeyedRandom], Building]] = {
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


def _subtype(rng: KeyedRandom, type: EstateType, without: str | None = None) -> str | None:
    """Draws a subtype of the type; one in seven agencies does not say any."""
    choices = [subtype for subtype in SUBTYPES[type] if subtype != without]
    return None if rng.chance(0.14) else rng.pick(choices)


def _around(rng: KeyedRandom, usual: int) -> float:
    """Square metres near what is usual; one in four was measured to the decimetre."""
    area = usual * (0.82 + 0.4 * rng.uniform())
    return round(area, 1) if rng.chance(0.25) else float(round(area))


def _bedrooms(rng: KeyedRandom, rooms: int) -> int:
    """All rooms but the living room, or but two."""
    return max(rooms - (2 if rooms > 3 and rng.chance(0.3) else 1), 0)


def _energy(rng: KeyedRandom, year: int) -> str | None:
    """The DPE class; a few have none yet."""
    usual = next(classes for since, classes in ENERGY_SINCE if year >= since)
    return None if rng.chance(0.04) else rng.pick(usual)
