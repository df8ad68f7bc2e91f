"""A property as Apimo shows it, with the types that clients met (dossier apimo §2.7)."""

from typing import Any

from mockserver.domain import Agent, Estate, EstateType, Kind, MarketStatus, Transaction
from mockserver.provider_api.json_members import plain_number
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.apimo import codes
from mockserver.providers.apimo.people import user
from mockserver.providers.apimo.property_details import details
from mockserver.providers.apimo.times import to_paris

_PERIOD = {Transaction.RENT: 4, Transaction.SEASONAL: 2}
"""Catalog `property_period`: a month, a week."""


def property_(estate: Estate, context: ViewContext) -> dict[str, Any]:
    """The property; numbers that look like numbers here and like strings there are so on purpose."""
    agent = context.store.get(Kind.AGENT, estate.agent)
    step, status = codes.STEP_STATUS[estate.status]
    return {
        "id": estate.id,
        # Two clients met a number, a third a string.
        "reference": int(estate.reference) if _is_number(estate.reference) else estate.reference,
        "agency": estate.agency,
        "user": user(agent, context) if isinstance(agent, Agent) else None,
        "step": step,
        "status": status,
        "group": 1,
        "parent": None,
        "ranking": None,
        "category": codes.CATEGORY[estate.transaction],
        "subcategory": _subcategory(estate),
        "name": None,
        "type": codes.property_type(estate.type),
        "subtype": codes.SUBTYPE.get(estate.subtype or ""),
        "agreement": {
            "type": 1,
            "reference": estate.mandate,
            "start_at": estate.mandate_from,
            "end_at": estate.mandate_to,
        },
        **_place(estate, context),
        **_size(estate),
        "price": _price(estate),
        "owner": str(estate.owner),
        "condition": codes.CONDITION[estate.condition] if estate.condition else None,
        "standing": None,
        "availability": _availability(estate),
        "available_at": None,
        "delivered_at": None,
        "activities": [],
        "orientations": codes.ORIENTATIONS[estate.facing] if estate.facing else [],
        "services": _services(estate),
        "proximities": [],
        "tags": [],
        "tags_customized": [],
        "pictures": [_picture(estate, rank) for rank in range(1, estate.pictures + 1)],
        "medias": [],
        "documents": [],
        "comments": [_comment(estate)],
        "areas": _areas(estate),
        "regulations": _regulations(estate),
        "financial": [],
        **details(estate, context),
        "created_at": to_paris(estate.created_at),
        "created_by": str(estate.agent),
        "updated_at": to_paris(estate.updated_at),
        "updated_by": str(estate.agent),
    }


def _place(estate: Estate, context: ViewContext) -> dict[str, Any]:
    commune = context.world.communes.by_id[estate.commune]
    district = context.world.communes.district_id(commune.id, estate.district)
    return {
        "address": estate.street,
        "address_more": None,
        "publish_address": estate.publish_address,
        "country": "FR",
        "region": None,
        "city": {"id": commune.id, "name": estate.city, "zipcode": estate.postcode},
        "district": {"id": district, "name": estate.district} if district else None,
        "longitude": estate.lon,
        "latitude": estate.lat,
        "radius": 0 if estate.publish_address else 500,
        "altitude": None,
    }


def _size(estate: Estate) -> dict[str, Any]:
    built = estate.construction_year is not None
    return {
        "area": {"unit": 1, "value": plain_number(estate.area), "total": None, "weighted": None},
        "plot": {"net_floor": None, "serviced_plot": True} if estate.plot_area else None,
        "rooms": estate.rooms,
        "bedrooms": estate.bedrooms,
        "sleeps": (estate.bedrooms or 1) * 2 if estate.transaction is Transaction.SEASONAL else None,
        "construction": {"method": [], "construction_year": str(estate.construction_year)} if built else None,
        "floor": _floor(estate),
    }


def _floor(estate: Estate) -> dict[str, Any] | None:
    if estate.floor is None:
        return None
    floors = None if estate.floors is None else str(estate.floors)
    # Catalog property_floor: 1 is the ground floor, 3 the first, 25 the first below ground.
    type = 1 if estate.floor == 0 else estate.floor + 2 if 0 < estate.floor <= 20 else None
    return {"type": type, "value": estate.floor, "levels": None, "floors": floors}


def _price(estate: Estate) -> dict[str, Any]:
    return {
        "value": estate.price,
        "max": None,
        "fees": estate.fees,
        "unit": None,
        "period": _PERIOD.get(estate.transaction),
        "hide": estate.price is None,
        "inventory": None,
        "deposit": estate.price if estate.transaction is Transaction.RENT else None,
        "currency": "EUR",
        "commission": None,
    }


def _availability(estate: Estate) -> str:
    """Catalog `property_availability`: 1 free, 2 let, 3 occupied, as who sells for an annuity, bought or kept it."""
    if estate.transaction is Transaction.LIFE_ANNUITY or estate.status in (MarketStatus.SOLD, MarketStatus.WITHDRAWN):
        return "3"
    return "2" if estate.status is MarketStatus.RENTED or estate.type is EstateType.BUILDING else "1"


def _subcategory(estate: Estate) -> int | None:
    """Catalog `property_subcategory`: 21 unfurnished, 22 furnished, 31 holidays, 52 sold with its occupant."""
    if estate.transaction is Transaction.LIFE_ANNUITY:
        return 52
    if estate.transaction is Transaction.SEASONAL:
        return 31
    if estate.transaction is Transaction.RENT and estate.furnished is not None:
        return 22 if estate.furnished else 21
    return None


def _picture(estate: Estate, rank: int) -> dict[str, Any]:
    return {
        "id": estate.id * 100 + rank,
        "rank": rank,
        # A domain that is reserved for examples: nothing is fetched from a real host by mistake.
        "url": f"https://media.example.com/pictures/{estate.id}/{rank}.jpg",
        "width_max": 1920,
        "height_max": 1280,
        "internet": "1",
        "print": "1",
        "panorama": False,
        "child": "0",
        "comments": [],
    }


def _comment(estate: Estate) -> dict[str, Any]:
    return {
        "language": "fr",
        "title": estate.title,
        "subtitle": None,
        "hook": None,
        "comment": estate.description,
        "comment_full": None,
    }


def _areas(estate: Estate) -> list[dict[str, Any]]:
    """Catalog `property_areas`: 1 bedroom, 2 living room, 5 parking, 6 cellar, 51 land; only land has its size."""
    areas: list[dict[str, Any]] = [{"type": 1, "number": estate.bedrooms}] if estate.bedrooms else []
    areas += [{"type": type, "number": 1} for type, there in _single_areas(estate) if there]
    if estate.plot_area:
        areas.append({"type": 51, "number": 1, "area": plain_number(estate.plot_area)})
    return [{"area": None, "flooring": None, **area} for area in areas]


def _single_areas(estate: Estate) -> tuple[tuple[int, object], ...]:
    return (2, estate.rooms), (5, estate.parking), (6, estate.cellar)


def _services(estate: Estate) -> list[int]:
    """Catalog `property_service`: 47 furnished, 48 linens, which whoever lets by the week supplies, 75 fibre."""
    if estate.transaction is Transaction.SEASONAL:
        return [47, 48]
    return ([47] if estate.furnished else []) + ([75] if estate.type is EstateType.OFFICE else [])


def _regulations(estate: Estate) -> list[dict[str, Any]]:
    """Catalog `property_regulation`: 1 is the energy class."""
    return [{"type": 1, "value": estate.energy, "date": None, "graph": None}] if estate.energy else []


def _is_number(reference: str) -> bool:
    # A leading zero, or more digits than a client's number holds, would not survive being a number.
    return reference.isdecimal() and reference.isascii() and not reference.startswith("0") and len(reference) < 10
