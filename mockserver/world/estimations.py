"""The recipe for an estimation: what an owner says of their property, and the prices that follow from it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

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
from mockserver.world.buildings import ERAS
from mockserver.world.business_types import draw_business
from mockserver.world.numbering import Spot
from mockserver.world.prices import BY_TYPE
from mockserver.world.rng import Dice
from mockserver.world.tables import table
from mockserver.world.text_matching import matter_of, pick_fitting
from mockserver.world.topics import Topic

if TYPE_CHECKING:
    from mockserver.world.world import World

TIMES: dict[TimeToMarket, float] = {
    TimeToMarket.NOW: 40,
    TimeToMarket.SOON: 25,
    TimeToMarket.LATER: 15,
    TimeToMarket.UNDECIDED: 20,
}
BALCONIES: dict[int, float] = {0: 45, 1: 45, 2: 10}
TERRACES: dict[int, float] = {0: 75, 1: 25}


def draw_estimation(world: "World", spot: Spot, topic: Topic, seeker: Person) -> Estimation:
    """What goes with the property that the topic's search describes; on dice of its own."""
    dice = Dice(world.seed, "estimation", spot.id)
    own = topic.search
    commune = world.communes.by_id[own.communes[0]]
    plan = _plan(dice, topic.intention)
    matter = matter_of(own)._replace(situation=plan["situation"], time=plan["time_to_market"])
    comment = pick_fitting(dice, table("messages")["remarks"]["estimation"], matter)
    return Estimation(
        **_SHAPES[own.types[0]](dice, int(own.area_min or 0), commune),
        calm=None if dice.chance(0.2) else dice.chance(0.75),
        construction_year=None if dice.chance(0.08) else dice.between(*dice.weighted(ERAS)),
        orientation=dice.pick(tuple(Orientation)) if dice.chance(0.7) else None,
        **plan,
        **_prices(dice, own, commune),
        is_free=dice.chance(0.35),
        **_where(world, dice, topic, seeker),
        comment=comment if dice.chance(0.35) and not seeker.erased else None,
    )


def _apartment(dice: Dice, area: int, commune: Commune) -> dict[str, Any]:
    floors = dice.between(1, 9)
    balconies, terraces = dice.weighted(BALCONIES), dice.weighted(TERRACES)
    cellar = dice.chance(0.5)
    return {
        "spaces": Spaces(
            balcony=dice.between(3, 9) * balconies or None,
            terrace=dice.between(8, 30) * terraces or None,
            cellar=dice.between(3, 10) if cellar else None,
        ),
        "balconies": balconies,
        "terraces": terraces,
        "floor": dice.between(0, floors),
        "floors": floors,
        "elevator": dice.chance(0.9 if floors > 4 else 0.35),
        "cellar": cellar,
        "outlook": _outlook(dice, commune),
        "garages": int(dice.chance(0.25)),
        "parkings": int(dice.chance(0.35)),
        "charges": area * dice.between(12, 38),
        "leaseback": dice.chance(0.04),
    }


def _house(dice: Dice, area: int, commune: Commune) -> dict[str, Any]:
    balconies, terraces = int(dice.chance(0.2)), dice.between(0, 2)
    cellar, outbuilding, terraced = dice.chance(0.45), dice.chance(0.3), dice.chance(0.2)
    return {
        "spaces": Spaces(
            balcony=dice.between(4, 10) * balconies or None,
            terrace=dice.between(10, 45) * terraces or None,
            cellar=dice.between(8, 40) if cellar else None,
            outbuilding=dice.between(6, 50) if outbuilding else None,
            plot=area + dice.between(20, 120) if terraced else round(area * (1.5 + 10 * dice.share() ** 2)),
        ),
        "balconies": balconies,
        "terraces": terraces,
        "floors": dice.between(1, 3),
        "cellar": cellar,
        "outlook": _outlook(dice, commune),
        "garages": dice.between(0, 2),
        "parkings": dice.between(0, 3),
        "outbuilding": outbuilding,
        "patio": dice.chance(0.15),
        "pool": dice.chance(0.05 if terraced else 0.2),
        "terraced": terraced,
    }


def _premises(dice: Dice, area: int, commune: Commune, type: EstateType) -> dict[str, Any]:
    floors, cellar = dice.between(1, 6), dice.chance(0.3)
    return {
        "spaces": Spaces(cellar=dice.between(5, 40) if cellar else None),
        "floor": 0 if type is EstateType.TRADING else dice.between(0, floors),
        "floors": floors,
        "elevator": dice.chance(0.5) if type is EstateType.OFFICE else None,
        "cellar": cellar,
        "parkings": dice.between(0, 6),
        "charges": area * dice.between(15, 45),
        "leaseback": dice.chance(0.2),
        "business": draw_business(dice, type, sold=0.4),
    }


_SHAPES: Mapping[EstateType, Callable[[Dice, int, Commune], dict[str, Any]]] = {
    EstateType.APARTMENT: _apartment,
    EstateType.HOUSE: _house,
    EstateType.TRADING: lambda dice, area, commune: _premises(dice, area, commune, EstateType.TRADING),
    EstateType.OFFICE: lambda dice, area, commune: _premises(dice, area, commune, EstateType.OFFICE),
}


def _outlook(dice: Dice, commune: Commune) -> Outlook:
    """The sea is seen where there is one, a mountain likewise."""
    outlooks = table("outlooks")
    weights: dict[Outlook, float] = {
        Outlook.NONE: 35,
        Outlook.OPEN: 35,
        Outlook.COURTYARD: 20,
        Outlook.SEA: 25 if commune.insee in outlooks["sea"] else 0,
        Outlook.MOUNTAIN: 25 if commune.insee in outlooks["mountain"] else 0,
    }
    return dice.weighted(weights)


def _plan(dice: Dice, intention: Intention) -> dict[str, Any]:
    drawn = dice.weighted(TIMES)
    if intention is not Intention.SELL:
        return {"time_to_market": TimeToMarket.UNDECIDED, "situation": ContactSituation.LANDLORD}
    undecided = drawn is TimeToMarket.UNDECIDED
    return {"time_to_market": drawn, "situation": ContactSituation.OCCUPANT if undecided else ContactSituation.SELLER}


def _prices(dice: Dice, own: Search, commune: Commune) -> dict[str, Any]:
    """What the commune's level makes of the area; owners mostly hope for more."""
    lets = own.transaction is Transaction.RENT
    level, step = (commune.rent_m2, 5) if lets else (commune.buy_m2, 1_000)
    usual = (own.area_min or 0) * level * BY_TYPE.get(own.types[0], 1.0)
    estimated = max(round(usual * (0.85 + 0.3 * dice.share()) / step), 1) * step
    hoped = max(round(estimated * (0.95 + 0.25 * dice.share()) / step), 1) * step
    return {"estimated_price": estimated, "owner_price": hoped if dice.chance(0.8) else None}


def _where(world: "World", dice: Dice, topic: Topic, seeker: Person) -> dict[str, Any]:
    """Where the seeker lives: at their own address if they gave one, else mostly in the property."""
    elsewhere = dice.pick(world.communes.around(world.home(seeker.agency)))
    if seeker.erased:
        return {}
    if seeker.address.city:
        return {"user_city": seeker.address.city, "user_postcode": seeker.address.postcode}
    if topic.intention is Intention.SELL and dice.chance(0.75):
        return {"user_city": topic.hint.city, "user_postcode": topic.hint.postcode}
    return {"user_city": elsewhere.name, "user_postcode": elsewhere.postcodes[0]}
