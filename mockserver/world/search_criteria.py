"""Recipes for the criteria of searches: of what seekers look for, and of the property that they have."""

from functools import cache

from mockserver.domain import Commune, Estate, EstateType, Search, Transaction
from mockserver.world.buildings import plot_sizes
from mockserver.world.communes import Communes
from mockserver.world.context import WorldContext
from mockserver.world.prices import share_of_flat
from mockserver.world.rng import KeyedRandom, Weights
from mockserver.world.rounding import round_amount, round_down_area, round_up_amount
from mockserver.world.surroundings import is_dense

BOUGHT_TYPES: Weights[tuple[EstateType, ...]] = Weights(
    {
        (EstateType.APARTMENT,): 50,
        (EstateType.HOUSE,): 28,
        (EstateType.APARTMENT, EstateType.HOUSE): 15,
        (EstateType.PLOT,): 5,
        (EstateType.PARKING,): 2,
    }
)
RENTED_TYPES = BOUGHT_TYPES.without((EstateType.PLOT,))
"""Nobody asks an agency for a plot to rent."""
ISLAND = "L'Île"
"""The beginning of the name of an island off the coast."""
PREMISES = (EstateType.TRADING, EstateType.OFFICE)
HOMES = frozenset({EstateType.APARTMENT, EstateType.HOUSE})
MARGINS_OF_BUDGETS = (1.0, 1.05, 1.1)
"""The budgets of those who ask for a listing, as shares of its price, before they are rounded up."""
MOST_ABOVE = 1.2
"""The highest share after they are: who would round further up names the next round amount above the price."""
_ROOMS: dict[tuple[EstateType, ...], tuple[int, int]] = {(EstateType.APARTMENT,): (1, 5), (EstateType.HOUSE,): (3, 6)}
ROOM_AREA = 21
"""Square metres that a search counts for each room."""


def types_at(share: float, transaction: Transaction) -> tuple[EstateType, ...]:
    """Returns what a share [0, 1) of those who search looks for."""
    return (RENTED_TYPES if transaction is Transaction.RENT else BOUGHT_TYPES).at(share)


def draw_criteria(
    world: WorldContext, rng: KeyedRandom, agency: int, transaction: Transaction, types: tuple[EstateType, ...]
) -> Search:
    """A search around the agency's town that the price level there could answer. Only homes have rooms."""
    towns = _mainland(world.communes, world.home(agency).id)
    if types == (EstateType.PLOT,):
        # Nobody looks for a plot among streets.
        open_towns = tuple(town for town in towns if not is_dense(town))
        types, towns = (types, open_towns) if open_towns else ((EstateType.HOUSE,), towns)
    first = rng.between(0, len(towns) - 1)
    places = tuple(dict.fromkeys((first + step) % len(towns) for step in range(rng.between(1, 3))))
    rooms = rng.between(*_ROOMS.get(types, (2, 5))) if HOMES.issuperset(types) else None
    area = rooms * ROOM_AREA if rooms else (15 if types == (EstateType.PARKING,) else _plot(rng, towns[first]))
    budget = _budget(rng, types, transaction, area, towns[first].buy_m2, towns[first].rent_m2)
    # Where one value is given, the page fills `spaceMin`, `numberOfRoomsMin` and `amountMax` (dossier seeker §3.12).
    bounded = rng.chance(0.85)
    return Search(
        transaction=transaction,
        types=types,
        communes=tuple(towns[place].id for place in places),
        area_min=float(round_down_area(area)) if bounded else None,
        area_max=float(round_down_area(area * 2)) if rng.chance(0.3) and bounded else None,
        rooms_min=rooms,
        rooms_max=rooms + 2 if rooms and rng.chance(0.25) else None,
        bedrooms_min=rooms - 1 if rooms and rooms > 1 and rng.chance(0.5) else None,
        price_min=float(round_amount(budget / 2)) if rng.chance(0.2) else None,
        price_max=float(budget),
        currency="EUR",
    )


@cache
def _mainland(communes: Communes, home: int) -> tuple[Commune, ...]:
    """Leaves islands out of the towns around: nobody looks for a home there and on the mainland at once."""
    towns = communes.around(communes.by_id[home])
    return tuple(town for town in towns if not town.name.startswith(ISLAND)) or towns


def criteria_like(estate: Estate, room: float, *, sized: bool) -> Search:
    """Makes the search of somebody who asks for this estate; `room` is one of the margins, `sized` asks for an area."""
    ceiling = float(_named_budget(estate.price, room)) if estate.price else None
    return Search(
        transaction=estate.transaction,
        types=(estate.type,),
        communes=(estate.commune,),
        area_min=float(round_down_area(estate.area * 0.9)) if sized else None,
        rooms_min=max(estate.rooms - 1, 1) if estate.rooms else None,
        price_max=ceiling,
        currency="EUR" if ceiling else None,
    )


def _named_budget(price: int, room: float) -> int:
    budget = round_up_amount(price * room)
    return budget if budget <= price * MOST_ABOVE else round_up_amount(price)


def draw_own_home(world: WorldContext, rng: KeyedRandom, agency: int, transaction: Transaction) -> Search:
    """The seeker's own property, told as a search whose minimum and maximum are the same; no price."""
    type = rng.pick((EstateType.APARTMENT, EstateType.HOUSE))
    rooms = rng.between(1, 5) if type is EstateType.APARTMENT else rng.between(3, 7)
    area = float(rooms * rng.between(17, 27) + 10)
    bedrooms = max(rooms - 1, 0)
    return Search(
        transaction=transaction,
        types=(type,),
        communes=(rng.pick(world.communes.around(world.home(agency))).id,),
        area_min=area,
        area_max=area,
        rooms_min=rooms,
        rooms_max=rooms,
        bedrooms_min=bedrooms,
        bedrooms_max=bedrooms,
    )


def draw_premises_criteria(world: WorldContext, rng: KeyedRandom, agency: int, transaction: Transaction) -> Search:
    """A search for a shop or an office in one of the agency's towns."""
    commune = rng.pick(world.communes.around(world.home(agency)))
    area = rng.between(6, 40) * 5
    types = (rng.pick(PREMISES),)
    return Search(
        transaction=transaction,
        types=types,
        communes=(commune.id,),
        area_min=float(area),
        area_max=float(round_down_area(area * 2)) if rng.chance(0.5) else None,
        price_max=float(_budget(rng, types, transaction, area, commune.buy_m2, commune.rent_m2)),
        currency="EUR",
    )


def draw_own_premises(world: WorldContext, rng: KeyedRandom, agency: int, transaction: Transaction) -> Search:
    """As `draw_own_home`, for a shop or an office."""
    area = float(rng.between(25, 300))
    return Search(
        transaction=transaction,
        types=(rng.pick(PREMISES),),
        communes=(rng.pick(world.communes.around(world.home(agency))).id,),
        area_min=area,
        area_max=area,
    )


def _plot(rng: KeyedRandom, town: Commune) -> int:
    """Draws the least area (square metres) of a building plot that the town may have; it is half of the largest."""
    least, most = plot_sizes(town)
    return rng.between(least // 50, most // 100) * 50


def _budget(
    rng: KeyedRandom, types: tuple[EstateType, ...], transaction: Transaction, area: int, buy: float, rent: float
) -> int:
    """Euro, a month for a rental."""
    level = rent if transaction is Transaction.RENT else buy
    return round_amount(area * level * share_of_flat(types[0], buy) * (0.95 + 0.35 * rng.uniform()))
