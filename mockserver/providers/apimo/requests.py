"""A search request as Apimo shows it: 43 members with their mixed types (seed 001, dossier apimo §2.3)."""

from typing import Any

from mockserver.domain import Place, SearchProfile
from mockserver.foundation.records import as_json
from mockserver.provider_api.json_members import plain_number
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.apimo import codes
from mockserver.providers.apimo.times import to_paris


def request(profile: SearchProfile, context: ViewContext) -> dict[str, Any]:
    """The 43 members, in the order of the published example."""
    category = codes.CATEGORY[profile.transaction] if profile.transaction else ""
    members = {
        "id": profile.id,
        "active": profile.active,
        "contact": _id(profile.contact),
        "user": _id(profile.agent),
        "ranking": profile.ranking,
        "last_action": profile.last_action,
        "auto": profile.auto,
        "validated": profile.validated,
        "emailing": {"subscription": "1", "last_at": None},
        "category": str(category),
        "subcategory": None,
        "types": [str(codes.TYPE[type]) for type in profile.types if type in codes.TYPE],
        "subtype": None,
        "referral": None,
        "subreferral": None,
        "country": profile.country or "",
        "locations": [_location(place, context) for place in profile.places],
        "coordinates": None,
        "sector": None,
        "zone": None,
        "rooms_operator": str(profile.rooms_operator),
        "rooms": profile.rooms,
        "bedrooms": profile.bedrooms,
        "standing": None,
        "view": {"type": None, "landscape": None},
        "condition": None,
        "availability": None,
        "margin": str(profile.margin),
        "area": {"min": _text(profile.area_min), "max": _text(profile.area_max), "unit": "1"},
        "price": {"min": _text(profile.price_min), "max": _text(profile.price_max), "currency": profile.currency},
        "floor": {"operator": "1", "type": None, "value": None},
        "areas": [{**as_json(wish), "area_min": plain_number(wish.area_min)} for wish in profile.areas],
        "proximities": [],
        "services": [],
        "activities": [],
        "tags": [],
        "tags_customized": [],
        "comment": profile.comment,
        "free_criteria": profile.free_criteria,
        "created_at": to_paris(profile.created_at),
        "created_by": _id(profile.created_by),
        "updated_at": to_paris(profile.updated_at),
        "updated_by": _id(profile.updated_by),
    }
    members.update(profile.extras)
    return members


def _location(place: Place, context: ViewContext) -> dict[str, Any]:
    # A place that we do not know keeps its name, with an id that no city or district has.
    city = {"id": str(place.commune or 0), "name": place.name}
    district = context.world.communes.district_id(place.commune or 0, place.district) or 0
    named = {"id": str(district), "name": place.district} if place.district else None
    return {"region": None, "city": city, "district": named}


def _id(id: int | None) -> str:
    return "" if id is None else str(id)


def _text(value: float | None) -> str | None:
    """A number as a string, without `.0`."""
    return None if value is None else f"{value:.9f}".rstrip("0").rstrip(".")
