"""The recipe makes an estimation: an owner's answers about their property, and the prices that follow from it."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from mockserver.domain import (
    Commune,
    ContactSituation,
    EstateType,
    Estimation,
    Intention,
    Orientation,
    Outlook,
    Person,
    Search,
    Spaces,
    TimeToMarket,
    Transaction,
)
from mockserver.world.building_ages import ERAS
from mockserver.world.business_types import draw_business
from mockserver.world.context import WorldContext
from mockserver.world.numbering import Spot
from mockserver.world.prices import share_of_flat
from mockserver.world.rng import KeyedRandom, Weights
from mockserver.world.rounding import round_amount, round_up_amount
from mockserver.world.surroundings import Surroundings, has
from mockserver.world.tables import table
from mockserver.world.text_matching import matter_of, pick_matching
from mockserver.world.topics import Topic

TIMES: Weights[TimeToMarket] = Weights(
    {
        TimeToMarket.NOW: 40,
        TimeToMarket.SOON: 25,
        TimeToMarket.LATER: 15,
        TimeToMarket.UNDECIDED: 20,
    }
)
HIGH = 6
"""Storeys: higher houses were built from 1949 on."""
LIFTED = 5
"""Floors from the fifth on have a lift."""
MODERN_ERAS = ERAS.without(*(years for years in ERAS if years[0] < 1949))
BALCONIES: Weights[int] = Weights({0: 45, 1: 45, 2: 10})
TERRACES: Weights[int] = Weights({0: 75, 1: 25})


def draw_estimation(world: WorldContext, spot: Spot, topic: Topic, seeker: Person, *, first: bool) -> Estimation:
    """Makes the estimation of the property that the topic's search describes, from random numbers of its own."""
    rng = KeyedRandom(world.seed, "estimation", spot.id)
    home = topic.search
    commune = world.communes.by_id[home.communes[0]]
    plan = _plan(rng, topic, seeker, first=first)
    shape = _SHAPES[home.types[0]](rng, int(home.area_min or 0), commune)
    eras = MODERN_ERAS if shape["floors"] > HIGH else ERAS
    shape = _with_lift(shape)
    return Estimation(
        **shape,
        calm=None if rng.chance(0.2) else rng.chance(0.75),
        construction_year=None if rng.chance(0.08) else rng.between(*rng.weighted(eras)),
        orientation=rng.pick(tuple(Orientation)) if rng.chance(0.7) else None,
        **plan,
        **_prices(rng, home, commune),
        # Whatever the provider means by it, the property of somebody who lives in it is not free.
        is_free=rng.chance(0.35) and plan["situation"] is not ContactSituation.OCCUPANT,
        **_where(world, rng, topic, seeker, plan["situation"], first=first),
        comment=_comment(rng, home, plan) if rng.chance(0.35) and not seeker.erased else None,
    )


def _comment(rng: KeyedRandom, home: Search, plan: dict[str, Any]) -> str | None:
    matter = matter_of(home)._replace(situation=plan["situation"], time=plan["time_to_market"])
    return pick_matching(rng, table("messages")["remarks"]["estimation"], matter)


MOST_STAIRS = 4
"""The floors of a building without a lift."""


def _apartment(rng: KeyedRandom, area: int, commune: Commune) -> dict[str, Any]:
    floors = rng.between(1, 9)
    balconies, terraces = rng.weighted(BALCONIES), rng.weighted(TERRACES)
    cellar = rng.chance(0.5)
    return {
        "spaces": Spaces(
            balcony=rng.between(3, 9) * balconies or None,
            terrace=rng.between(8, 30) * terraces or None,
            cellar=rng.between(3, 10) if cellar else None,
        ),
        "balconies": balconies,
        "terraces": terraces,
        "floor": rng.between(0, floors),
        "floors": floors,
        "elevator": rng.chance(0.35) or floors > MOST_STAIRS,
        "cellar": cellar,
        "outlook": _outlook(rng, commune),
        "garages": int(rng.chance(0.25)),
        "parkings": int(rng.chance(0.35)),
        "charges": round_amount(area * rng.between(12, 38)),
        "leaseback": rng.chance(0.04),
    }


def _house(rng: KeyedRandom, area: int, commune: Commune) -> dict[str, Any]:
    balconies, terraces = int(rng.chance(0.2)), rng.between(0, 2)
    cellar, outbuilding, terraced = rng.chance(0.45), rng.chance(0.3), rng.chance(0.2)
    return {
        "spaces": Spaces(
            balcony=rng.between(4, 10) * balconies or None,
            terrace=rng.between(10, 45) * terraces or None,
            cellar=rng.between(8, 40) if cellar else None,
            outbuilding=rng.between(6, 50) if outbuilding else None,
            plot=area + rng.between(20, 120) if terraced else round(area * (1.5 + 10 * rng.squared())),
        ),
        "balconies": balconies,
        "terraces": terraces,
        "floors": rng.between(1, 3),
        "cellar": cellar,
        "outlook": _outlook(rng, commune),
        "garages": rng.between(0, 2),
        "parkings": rng.between(0, 3),
        "outbuilding": outbuilding,
        "patio": rng.chance(0.15),
        "pool": rng.chance(0.05 if terraced else 0.2),
        "terraced": terraced,
    }


def _premises(rng: KeyedRandom, area: int, commune: Commune, type: EstateType) -> dict[str, Any]:
    floors, cellar = rng.between(1, 6), rng.chance(0.3)
    return {
        "spaces": Spaces(cellar=rng.between(5, 40) if cellar else None),
        "floor": 0 if type is EstateType.TRADING else rng.between(0, floors),
        "floors": floors,
        "elevator": rng.chance(0.5) if type is EstateType.OFFICE else None,
        "cellar": cellar,
        "parkings": rng.between(0, 6),
        "charges": round_amount(area * rng.between(15, 45)),
        "leaseback": rng.chance(0.2),
        "business": draw_business(rng, type, area, sold=0.4),
    }


_SHAPES: Mapping[EstateType, Callable[[KeyedRandom, int, Commune], dict[str, Any]]] = {
    EstateType.APARTMENT: _apartment,
    EstateType.HOUSE: _house,
    EstateType.TRADING: lambda rng, area, commune: _premises(rng, area, commune, EstateType.TRADING),
    EstateType.OFFICE: lambda rng, area, commune: _premises(rng, area, commune, EstateType.OFFICE),
}


def _with_lift(shape: dict[str, Any]) -> dict[str, Any]:
    """Returns the shape with a lift where somebody would have to climb to the fifth floor, or higher."""
    return {**shape, "elevator": True} if shape.get("floor", 0) >= LIFTED or shape["floors"] > HIGH else shape


def _outlook(rng: KeyedRandom, commune: Commune) -> Outlook:
    """The sea is seen where there is one, a mountain likewise."""
    return rng.weighted(_outlooks(has(commune, Surroundings.SEA), has(commune, Surroundings.MOUNTAIN)))


@cache
def _outlooks(sea: bool, mountain: bool) -> Weights[Outlook]:
    return Weights(
        {
            Outlook.NONE: 35,
            Outlook.OPEN: 35,
            Outlook.COURTYARD: 20,
            **({Outlook.SEA: 25.0} if sea else {}),
            **({Outlook.MOUNTAIN: 25.0} if mountain else {}),
        }
    )


def _plan(rng: KeyedRandom, topic: Topic, seeker: Person, *, first: bool) -> dict[str, Any]:
    """Draws the plan; only who may live in the property has none, which is the first that they asked about."""
    drawn = rng.weighted(TIMES)
    if topic.intention is not Intention.SELL:
        return {"time_to_market": TimeToMarket.UNDECIDED, "situation": ContactSituation.LANDLORD}
    undecided = drawn is TimeToMarket.UNDECIDED
    if undecided and not (first and _may_live_there(topic, seeker)):
        return {"time_to_market": TimeToMarket.LATER, "situation": ContactSituation.SELLER}
    return {"time_to_market": drawn, "situation": ContactSituation.OCCUPANT if undecided else ContactSituation.SELLER}


def _prices(rng: KeyedRandom, home: Search, commune: Commune) -> dict[str, Any]:
    """The estimate follows from the area and the commune's price level; owners mostly hope for more."""
    lets = home.transaction is Transaction.RENT
    level, step = (commune.rent_m2, 5) if lets else (commune.buy_m2, 1_000)
    usual = (home.area_min or 0) * level * share_of_flat(home.types[0], commune.buy_m2)
    estimated = max(round(usual * (0.85 + 0.3 * rng.uniform()) / step), 1) * step
    hoped = round_up_amount(estimated * (0.95 + 0.14 * rng.uniform()))
    return {"estimated_price": estimated, "owner_price": hoped if rng.chance(0.8) else None}


def _may_live_there(topic: Topic, seeker: Person) -> bool:
    return seeker.address.country in (None, "FR") and seeker.address.city in (None, topic.hint.city)


def _where(
    world: WorldContext, rng: KeyedRandom, topic: Topic, seeker: Person, situation: ContactSituation, *, first: bool
) -> dict[str, Any]:
    """The seeker lives at their own address if they gave one, else mostly in the property."""
    elsewhere = rng.pick(world.communes.around(world.home(seeker.agency)))
    if seeker.erased or seeker.address.country not in (None, "FR"):
        return {}
    if seeker.address.city:
        return {"user_city": seeker.address.city, "user_postcode": seeker.address.postcode}
    if not first:
        return {}
    if situation is ContactSituation.OCCUPANT or (topic.intention is Intention.SELL and rng.chance(0.75)):
        return {"user_city": topic.hint.city, "user_postcode": topic.hint.postcode}
    return {"user_city": elsewhere.name, "user_postcode": elsewhere.postcodes[0]}
