"""The details of a search profile that an agency notes beyond the criteria; ids are of Apimo's catalogs."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from mockserver.domain import Category, Enquiry, EstateType, Transaction
from mockserver.foundation.patterns import late_pattern
from mockserver.world.context import WorldContext
from mockserver.world.rng import KeyedRandom, Weights
from mockserver.world.search_criteria import HOMES

NOTED = 0.22
"""The share of profiles in which each detail is noted, where it may be."""
INTERNET = "6"
"""Catalog `referral`."""
OFTEN = {"floor": 0.4, "services": 0.3, "coordinates": 0.35, "tags": 0.35}
"""Details that fewer profiles may have are noted more often."""
LUXURY = 900_000
"""Euro: from here on buyers expect the second standing."""
_SUBTYPES: dict[EstateType, tuple[str, ...]] = {
    EstateType.APARTMENT: ("5",),
    EstateType.HOUSE: ("18", "14", "25", "70"),
    EstateType.PLOT: ("2",),
    EstateType.PARKING: ("59", "22", "43"),
    EstateType.TRADING: ("62", "33"),
    EstateType.OFFICE: ("36",),
}
"""Of `property_subtype`: 5 flat, 18 house, 14 villa, 25 town house, 70 single-storey; 2 building plot; 59 box, 22
garage, 43 parking; 62 boutique, 33 business premises; 36 office."""
_SERVICES: dict[EstateType, tuple[int, ...]] = {
    EstateType.APARTMENT: (6, 7, 8, 9, 60, 75),
    EstateType.HOUSE: (2, 4, 11, 16, 75),
    EstateType.OFFICE: (4, 64, 65, 75),
    EstateType.TRADING: (4, 63, 80),
    EstateType.PARKING: (16, 37),
}
"""Of `property_service`: 6 lift, 7 caretaker, 8 double glazing, 9 interphone, 60 door code, 75 fibre; 2 fireplace,
4 air conditioning, 11 pool, 16 electric gate; 63 metal shutter, 64 and 65 networks, 80 fire alarm; 37 cameras."""
_PROXIMITIES = (1, 4, 7, 9, 11, 14, 15)
"""Of `property_proximity`: bus, shops, centre, doctor, station, park, supermarket."""
_BEACH, _SCHOOL = 6, 5
_LANDSCAPES = (4, 8, 11, 12)
"""Of `property_view_landscape`: greenery, town, park, garden."""
_SEA = 1
_CONDITIONS: dict[Transaction, Weights[int]] = {
    Transaction.BUY: Weights({3: 50, 6: 30, 1: 20}),
    Transaction.RENT: Weights({3: 65, 6: 35}),
}
"""Of `property_condition`: 3 good, 6 excellent, 1 to refresh."""
_ACTIVITIES = {
    **{"Boulangerie-pâtisserie": 2, "Épicerie fine": 30, "Boucherie": 24, "Crêperie": 3, "Bar à vins": 5},
    **{"Tabac-presse": 7, "Fleuriste": 6, "Institut de beauté": 37, "Salon de coiffure": 36, "Cuisiniste": 52},
    **{"Literie": 52, "Librairie": 44, "Magasin de cycles": 72, "Prêt-à-porter": 8, "Chaussures": 39},
    **{"Pharmacie": 9, "Opticien": 16, "Agence web": 35, "Maintenance informatique": 35},
    **{"Commissionnaire de transport": 45, "Auto-école": 45, "Cabinet d’infirmières": 1},
    **{"Cabinet de kinésithérapie": 1},
}
"""Of `property_activity`, by the activity that the lead names."""
_SECOND_HOME = late_pattern("vacances|secondaire|second home")
_CHILDREN = late_pattern("enfants|école")


def draw_details(world: WorldContext, rng: KeyedRandom, enquiry: Enquiry) -> dict[str, Any]:
    """Draws the details in the types in which they are read; many profiles have two or three, and some none."""
    drawn = {name: draw(world, rng, enquiry) for name, draw in _DETAILS.items() if rng.chance(OFTEN.get(name, NOTED))}
    return {name: value for name, value in {**drawn, **_activities(enquiry)}.items() if value}


def _standing(world: WorldContext, rng: KeyedRandom, enquiry: Enquiry) -> int | None:
    """Catalog `property_standing`: 1 high, 2 luxury, 5 normal."""
    if _is_bare(enquiry):
        return None
    return 2 if (enquiry.search.price_max or 0) >= LUXURY else rng.pick((1, 5))


def _condition(world: WorldContext, rng: KeyedRandom, enquiry: Enquiry) -> int | None:
    return None if _is_bare(enquiry) else rng.weighted(_CONDITIONS[enquiry.search.transaction or Transaction.BUY])


def _availability(world: WorldContext, rng: KeyedRandom, enquiry: Enquiry) -> int:
    """Catalog `property_availability`: 1 free, 4 to be agreed; who rents moves in."""
    return 1 if enquiry.search.transaction is Transaction.RENT else rng.pick((1, 4))


def _is_bare(enquiry: Enquiry) -> bool:
    types = enquiry.search.types
    return not types or types[0] in (EstateType.PLOT, EstateType.PARKING)


def _is_home(enquiry: Enquiry) -> bool:
    return enquiry.category is Category.PROPERTY_SEARCH and HOMES.issuperset(enquiry.search.types)


def _furnished(world: WorldContext, rng: KeyedRandom, enquiry: Enquiry) -> str | None:
    """Catalog `property_subcategory`: 21 unfurnished, 22 furnished, and 1 a single unit of those for sale."""
    if not _is_home(enquiry):
        return None
    return rng.pick(("21", "21", "22")) if enquiry.search.transaction is Transaction.RENT else "1"


def _subtype(world: WorldContext, rng: KeyedRandom, enquiry: Enquiry) -> str | None:
    """A flat of one room is a studio (6)."""
    types = enquiry.search.types
    if len(types) != 1:
        return None
    studio = types[0] is EstateType.APARTMENT and enquiry.search.rooms_max == 1
    return "6" if studio else rng.pick(_SUBTYPES.get(types[0], (None,)))


def _view(world: WorldContext, rng: KeyedRandom, enquiry: Enquiry) -> dict[str, int | None] | None:
    """Catalog `property_view_type`: 3 open, 4 panoramic; the sea where there is one."""
    if not _is_home(enquiry):
        return None
    shore = set(enquiry.search.communes) <= world.communes.by_the_sea
    landscape = _SEA if shore and rng.chance(0.6) else rng.pick((*_LANDSCAPES, None))
    return {"type": rng.pick((3, 4, 3)), "landscape": landscape}


def _floor(world: WorldContext, rng: KeyedRandom, enquiry: Enquiry) -> dict[str, Any] | None:
    """From a floor on, or the top floor (2 of catalog `property_floor`)."""
    if enquiry.search.types != (EstateType.APARTMENT,):
        return None
    if rng.chance(0.3):
        return {"operator": "1", "type": 2, "value": None}
    return {"operator": "2", "type": None, "value": rng.between(1, 3)}


def _proximities(world: WorldContext, rng: KeyedRandom, enquiry: Enquiry) -> list[int]:
    if not _is_home(enquiry):
        return []
    near = {rng.pick(_PROXIMITIES) for _ in range(rng.between(1, 3))}
    if _CHILDREN.search(enquiry.message):
        near.add(_SCHOOL)
    if set(enquiry.search.communes) <= world.communes.by_the_sea and rng.chance(0.3):
        near.add(_BEACH)
    return sorted(near)


def _services(world: WorldContext, rng: KeyedRandom, enquiry: Enquiry) -> list[int]:
    types = enquiry.search.types
    if len(types) != 1 or types[0] not in _SERVICES:
        return []
    return sorted({rng.pick(_SERVICES[types[0]]) for _ in range(rng.between(1, 2))})


def _tags(world: WorldContext, rng: KeyedRandom, enquiry: Enquiry) -> list[int]:
    """Catalog `tags`: 2 main home, 3 second home, 14 bought to let."""
    if not _is_home(enquiry):
        return []
    if enquiry.project and enquiry.project.investment:
        return [14]
    return [3 if _SECOND_HOME.search(enquiry.message) else 2]


def _coordinates(world: WorldContext, rng: KeyedRandom, enquiry: Enquiry) -> dict[str, Any] | None:
    """A circle around the only town, if it is; no source shows the members (assumed), the radius is in kilometres."""
    if len(enquiry.search.communes) != 1:
        return None
    town = world.communes.by_id[enquiry.search.communes[0]]
    return {"latitude": town.lat, "longitude": town.lon, "radius": rng.pick((2, 5, 10))}


def _activities(enquiry: Enquiry) -> dict[str, list[int]]:
    business = enquiry.project.commercial.business if enquiry.project and enquiry.project.commercial else None
    activity = _ACTIVITIES.get(business.activity or "") if business else None
    return {"activities": [activity]} if activity else {}


_DETAILS: Mapping[str, Callable[[WorldContext, KeyedRandom, Enquiry], Any]] = MappingProxyType(
    {
        "subcategory": _furnished,
        "subtype": _subtype,
        "referral": lambda world, rng, enquiry: INTERNET,
        "standing": _standing,
        "condition": _condition,
        "availability": _availability,
        "view": _view,
        "floor": _floor,
        "proximities": _proximities,
        "services": _services,
        "tags": _tags,
        "coordinates": _coordinates,
    }
)
"""The recipes of details, by member."""
