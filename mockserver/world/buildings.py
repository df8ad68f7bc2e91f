"""A building is the physical side of an estate: kind, rooms, areas, age. Areas are in square metres everywhere."""

from collections.abc import Callable, Mapping
from functools import cache
from math import inf

from mockserver.domain import SUBTYPES, Commune, Condition, EstateType, Orientation, Transaction
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world.building_ages import draw_age, most_floors
from mockserver.world.rng import KeyedRandom, Weights
from mockserver.world.surroundings import Surroundings, has, is_dense
from mockserver.world.vineyards import HECTARE, VINEYARDS

TYPES: Weights[EstateType] = Weights(
    {
        EstateType.APARTMENT: 55,
        EstateType.HOUSE: 28,
        EstateType.PLOT: 6,
        EstateType.PARKING: 4,
        EstateType.OFFICE: 3,
        EstateType.TRADING: 3,
        EstateType.BUILDING: 1,
    }
)
RARE = (
    EstateType.GASTRONOMY_HOTEL,
    EstateType.STORAGE_PRODUCTION,
    EstateType.AGRICULTURE_FORESTRY,
    EstateType.SENIOR,
    EstateType.PROJECT,
)
"""Types that come in turn, at fixed positions: so a world of two agencies with 60 estates has them all."""
RARE_EVERY, RARE_AT = 20, 11
FLAT_ROOMS: Weights[int] = Weights({1: 18, 2: 27, 3: 27, 4: 17, 5: 8, 6: 3})
HOUSE_ROOMS: Weights[int] = Weights({3: 12, 4: 28, 5: 30, 6: 17, 7: 8, 8: 3, 9: 2})
FLATS: Weights[str] = Weights({"APARTMENT": 60, "GROUNDFLOOR": 12, "DUPLEX_OR_TRIPLEX": 12, "PENTHOUSE": 9, "LOFT": 7})
HOUSES: Weights[str] = Weights({"SINGLE_FAMILY_HOUSE": 40, "VILLA": 28, "TOWN_HOUSE": 16, "TERRACE_HOUSE": 16})
TOWN_HOUSES: Weights[str] = Weights({"TOWN_HOUSE": 1})
LARGE_FLATS = FLATS.without("LOFT")
PLOTS: dict[str | None, tuple[float, float]] = {
    "TOWN_HOUSE": (0.6, 1.2),
    "TERRACE_HOUSE": (1.1, 4),
    "FARMHOUSE": (4, 40),
}
"""The plot of a house, as a multiple of its area: a courtyard, a strip of garden, a meadow."""
WIDE_PLOT, DENSE_PLOT = (1.2, 11.2), (0.6, 1.2)
LOFT_ROOMS = 4
"""The most rooms into which anybody divides a workshop."""
SMALL_HOUSE = 110
"""Square metres: below them nobody builds a third floor."""
PLOT_SIZES: tuple[tuple[float, tuple[int, int]], ...] = (
    (2_500, (400, 2_500)),
    (4_000, (300, 1_200)),
    (inf, (200, 700)),
)
"""Square metres of building plots, by the price of flats below which they are that large."""
HECTARES: dict[str | None, tuple[int, int]] = {"WINERY": (3, 25), "GARDENING": (1, 6)}
FARM_HECTARES = (8, 80)
"""The land of a farm; vines and greenhouses need less of it."""
FACINGS = (
    *(Orientation.SOUTH, Orientation.SOUTH, Orientation.WEST, Orientation.EAST, Orientation.NORTH),
    *(Orientation.EAST_WEST, Orientation.SOUTH_NORTH, None),
)
HAVE_CELLAR, HAVE_PARKING = 0.55, 0.6
UNSTATED = 0.14
"""The share of the estates whose agency does not say the subtype."""


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
    facing: Orientation | None = None
    cellar: bool | None = None
    parking: bool | None = None


def rare_type(agency_index: int, position: int) -> EstateType | None:
    """The type of the few estates that are something special; None for the others."""
    turn, rest = divmod(position, RARE_EVERY)
    return RARE[(turn + 3 * agency_index) % len(RARE)] if rest == RARE_AT else None


def draw_building(rng: KeyedRandom, type: EstateType, deal: Transaction, site: Commune, year_now: int) -> Building:
    """Draws an estate of that type as it would be offered in `year_now`, and as it would stand in that commune."""
    bare = _SHAPES[type](rng, site)
    if type in (EstateType.PLOT, EstateType.PARKING):
        return bare
    age = draw_age(rng, type, bare.subtype, deal, year_now)
    floors = bare.floors and min(bare.floors, most_floors(age.year))
    # The top floor stays the top floor.
    floor = floors if bare.subtype == "PENTHOUSE" else bare.floor and min(bare.floor, floors or bare.floor)
    return bare._replace(condition=age.condition, year=age.year, energy=age.energy, floors=floors, floor=floor)


def plot_sizes(commune: Commune) -> tuple[int, int]:
    """Returns the areas of the smallest and the largest building plot of a commune: the dearer, the smaller."""
    return next(sizes for below, sizes in PLOT_SIZES if commune.buy_m2 < below)


def with_comforts(building: Building, luck: float) -> Building:
    """Returns a home with what its texts may praise; one random number in [0, 1) tells all."""
    if building.type not in (EstateType.APARTMENT, EstateType.HOUSE):
        return building
    facing, rest = divmod(luck * len(FACINGS), 1)
    return building._replace(
        facing=FACINGS[int(facing)], cellar=rest < HAVE_CELLAR, parking=rest * 7 % 1 < HAVE_PARKING
    )


def _apartment(rng: KeyedRandom, site: Commune) -> Building:
    rooms = rng.weighted(FLAT_ROOMS)
    subtype = "STUDIO" if rooms == 1 else _subtype(rng, FLATS if rooms <= LOFT_ROOMS else LARGE_FLATS)
    floors = rng.between(1, 3) if subtype == "LOFT" else rng.between(3 if subtype == "PENTHOUSE" else 1, 9)
    floor = {"GROUNDFLOOR": 0, "PENTHOUSE": floors}.get(subtype or "", rng.between(0, floors))
    area = _around(rng, 12 + 17 * rooms)
    return Building(
        EstateType.APARTMENT, subtype, area, rooms=rooms, bedrooms=_bedrooms(rng, rooms), floor=floor, floors=floors
    )


def _house(rng: KeyedRandom, site: Commune) -> Building:
    rooms = rng.weighted(HOUSE_ROOMS)
    area, luck = _around(rng, 23 * rooms), rng.squared()
    subtype = _subtype(rng, _houses_of(site))
    narrowest, widest = PLOTS.get(subtype, DENSE_PLOT if is_dense(site) else WIDE_PLOT)
    plot = float(round(area * (narrowest + (widest - narrowest) * luck)))
    floors = rng.between(1, 2 if area < SMALL_HOUSE else 3)
    return Building(EstateType.HOUSE, subtype, area, plot, rooms=rooms, bedrooms=_bedrooms(rng, rooms), floors=floors)


def _houses_of(site: Commune) -> Weights[str]:
    """The subtypes of houses in a commune, and how common they are."""
    if is_dense(site):
        return TOWN_HOUSES
    alpine = has(site, Surroundings.MOUNTAIN) and len(site.department) == 2
    return _houses(farms=has(site, Surroundings.COUNTRYSIDE), chalets=alpine)


@cache
def _houses(*, farms: bool, chalets: bool) -> Weights[str]:
    rare = {**({"FARMHOUSE": 12.0} if farms else {}), **({"CHALET": 15.0} if chalets else {})}
    return Weights({**HOUSES, **rare})


def _plot(rng: KeyedRandom, site: Commune) -> Building:
    least, most = plot_sizes(site)
    area = float(rng.between(least // 10, most // 10) * 10)
    return Building(EstateType.PLOT, _any_subtype(rng, EstateType.PLOT), area, area)


def _parking(rng: KeyedRandom, site: Commune) -> Building:
    return Building(EstateType.PARKING, _any_subtype(rng, EstateType.PARKING), float(rng.between(10, 18)))


def _office(rng: KeyedRandom, site: Commune) -> Building:
    rooms = rng.between(1, 8)
    subtype = _any_subtype(rng, EstateType.OFFICE)
    return Building(EstateType.OFFICE, subtype, _around(rng, 20 * rooms), rooms=rooms, floor=rng.between(0, 6))


def _trading(rng: KeyedRandom, site: Commune) -> Building:
    return Building(EstateType.TRADING, _any_subtype(rng, EstateType.TRADING), float(rng.between(25, 320)), floor=0)


def _building(rng: KeyedRandom, site: Commune) -> Building:
    area = float(rng.between(18, 110) * 10)
    return Building(EstateType.BUILDING, None, area, float(round(area / 2)), floors=rng.between(2, 5))


def _gastronomy(rng: KeyedRandom, site: Commune) -> Building:
    type = EstateType.GASTRONOMY_HOTEL
    subtype = _any_subtype(rng, type)
    hotel = subtype == "HOTEL"
    area = float(rng.between(30, 90) * 10 if hotel else rng.between(60, 260))
    return Building(type, subtype, area, floor=0, floors=rng.between(2, 4) if hotel else rng.between(1, 2))


def _storage(rng: KeyedRandom, site: Commune) -> Building:
    type, area = EstateType.STORAGE_PRODUCTION, float(rng.between(15, 200) * 10)
    return Building(type, _any_subtype(rng, type), area, area * 2, floor=0)


def _agriculture(rng: KeyedRandom, site: Commune) -> Building:
    type = EstateType.AGRICULTURE_FORESTRY
    drawn = _any_subtype(rng, type)
    subtype = "FARM_RANCH" if drawn == "WINERY" and site.department not in VINEYARDS else drawn
    area, hectares = float(rng.between(15, 60) * 10), rng.between(*HECTARES.get(subtype, FARM_HECTARES))
    return Building(type, subtype, area, float(hectares * HECTARE))


def _senior(rng: KeyedRandom, site: Commune) -> Building:
    type, rooms = EstateType.SENIOR, rng.between(1, 3)
    floors = rng.between(2, 5)
    floor = rng.between(0, floors)
    area = _around(rng, 14 + 15 * rooms)
    return Building(type, _any_subtype(rng, type), area, None, rooms, rooms - 1, floor=floor, floors=floors)


def _project(rng: KeyedRandom, site: Commune) -> Building:
    """The smallest flat of a programme that is still to be built."""
    type, rooms = EstateType.PROJECT, rng.between(2, 4)
    area = _around(rng, 12 + 17 * rooms)
    return Building(type, _any_subtype(rng, type), area, None, rooms, rooms - 1, floors=rng.between(2, 7))


_SHAPES: Mapping[EstateType, Callable[[KeyedRandom, Commune], Building]] = {
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


def _subtype(rng: KeyedRandom, weights: Weights[str]) -> str | None:
    return None if rng.chance(UNSTATED) else rng.weighted(weights)


def _any_subtype(rng: KeyedRandom, type: EstateType) -> str | None:
    return None if rng.chance(UNSTATED) else rng.pick(SUBTYPES[type])


def _around(rng: KeyedRandom, usual: int) -> float:
    """Square metres near what is usual; one in four was measured to the decimetre."""
    area = usual * (0.82 + 0.4 * rng.uniform())
    return round(area, 1) if rng.chance(0.25) else float(round(area))


def _bedrooms(rng: KeyedRandom, rooms: int) -> int:
    """All rooms but the living room, or but two."""
    return max(rooms - (2 if rooms > 3 and rng.chance(0.3) else 1), 0)
