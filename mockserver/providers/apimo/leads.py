"""A lead as Apimo shows it (seed 000, dossier apimo §2.1)."""

from collections.abc import Mapping
from typing import Any

from mockserver.domain import Enquiry, Kind, Milestone, Person, PhoneKind, Search
from mockserver.provider_api.json_members import plain_number
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.apimo import codes
from mockserver.providers.apimo.json_values import ids, whole
from mockserver.providers.apimo.times import to_paris, to_paris_or_none

_NO_MILESTONES: Mapping[str, None] = {"opened": None, "assigned": None, "closed": None}


def lead_id(enquiry: Enquiry) -> int:
    """The `id` of a lead."""
    return enquiry.id


def lead(enquiry: Enquiry, context: ViewContext) -> dict[str, Any]:
    """The members of the published page, then those of the provider's OpenAPI example."""
    # Published examples write absent text both as "" and as null: here each lead sticks to one of the two.
    absent = "" if enquiry.id % 2 else None
    person = context.store.get(Kind.PERSON, enquiry.seeker)
    assert isinstance(person, Person)
    variants, hint = context.variants, enquiry.hint
    members: dict[str, Any] = {
        "id": enquiry.id,
        "parent": enquiry.parent,
        "provider": codes.provider_id(enquiry.portal),
        "type": str(codes.lead_type(enquiry.category, enquiry.intention)),
        "step": str(enquiry.step),
        "date": to_paris(enquiry.contacted_at),
        "reference": enquiry.reference,
        "lastname": person.lastname,
        "firstname": person.firstname,
        "email": person.email or absent,
        "phone": person.number(PhoneKind.LANDLINE) or absent,
        "fax": person.fax or absent,
        "mobile": person.number(PhoneKind.MOBILE) or absent,
        "language": person.language,
        "property": enquiry.estate,
        "contact": enquiry.seeker if enquiry.in_contacts else None,
        "request": enquiry.profile,
        "user": enquiry.agent,
        **_milestones(enquiry, dates_only=variants["lead-milestones"] == "dates"),
        "message": enquiry.message,
        "criteria": _criteria(enquiry.search, context),
        "created_at": to_paris(enquiry.created_at),
        "updated_at": to_paris(enquiry.updated_at),
        "agency": str(enquiry.agency),
        "start_at": enquiry.stay.start,
        "end_at": enquiry.stay.end,
        "method": None,
        "country": person.address.country,
        "referral": None,
        "subreferral": None,
        "property_address": hint.street,
        "property_address_more": hint.more,
        "property_zipcode": hint.postcode,
        "property_city": hint.city,
        "property_country": hint.country,
        "property_view_landscape": None,
        "property_view_type": None,
    }
    if enquiry.extras:
        members["criteria"].update(_written_criteria(enquiry.extras))
        members.update({name: value for name, value in enquiry.extras.items() if name in members})
    # One of two ids is a string; seed and OpenAPI disagree on which.
    text = "contact" if variants["lead-ids"] == "seed" else "provider"
    if members[text] is not None:
        members[text] = str(members[text])
    return members


def _milestones(enquiry: Enquiry, *, dates_only: bool) -> Mapping[str, Any]:
    opened, assigned, closed = enquiry.opened, enquiry.assigned, enquiry.closed
    if opened is assigned is closed is None:
        return _NO_MILESTONES
    show = _date if dates_only else _milestone
    return {"opened": show(opened), "assigned": show(assigned), "closed": show(closed)}


def _date(stone: Milestone | None) -> str | None:
    return None if stone is None else to_paris_or_none(stone.at)


def _milestone(stone: Milestone | None) -> dict[str, Any]:
    if stone is None:
        return {"date": None, "user": None}
    return {"date": to_paris_or_none(stone.at), "user": str(stone.agent) if stone.agent else None}


def _criteria(search: Search, context: ViewContext) -> dict[str, Any]:
    communes = context.world.communes.by_id
    return {
        "category": codes.CATEGORY[search.transaction] if search.transaction else None,
        "area": {"min": plain_number(search.area_min), "max": plain_number(search.area_max)},
        "room": {"min": search.rooms_min, "max": search.rooms_max},
        "price": {
            "min": plain_number(search.price_min),
            "max": plain_number(search.price_max),
            "currency": search.currency,
        },
        "cities": [{"id": str(id), "name": communes[id].name} for id in search.communes],
        "locations": [],
        "types": [codes.TYPE[type] for type in search.types if type in codes.TYPE],
        "subtype": None,
    }


def _written_criteria(extras: Mapping[str, Any]) -> dict[str, Any]:
    """Shows values that a write gave as catalog ids with those ids, even where the world cannot express them."""
    criteria: dict[str, Any] = {}
    if "property_category" in extras:
        criteria["category"] = whole(extras, "property_category")
    if "property_types" in extras:
        criteria["types"] = ids(extras, "property_types")
    if "property_subtype" in extras:
        criteria["subtype"] = whole(extras, "property_subtype")
    return criteria
