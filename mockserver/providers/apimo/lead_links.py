"""A written lead has links to property, contact, request and agent, and milestones (dossier apimo §7)."""

from collections.abc import Mapping
from typing import Any

from mockserver.domain import Enquiry, Estate, Kind, Milestone, reached
from mockserver.foundation.epoch import Epoch
from mockserver.provider_api.call import Call
from mockserver.providers.apimo.json_values import filled, whole
from mockserver.providers.apimo.times import from_paris

_LINKS = {"user": (Kind.AGENT, "agent"), "request": (Kind.PROFILE, "profile"), "property": (Kind.ESTATE, "estate")}
_MILESTONES = ("opened", "assigned", "closed")


def estate_of(call: Call, body: Mapping[str, Any]) -> Estate | None:
    """Returns the estate of the body: by id, which a client calls the reliable way, or by the agency's reference."""
    estate = _of_agency(call, Kind.ESTATE, whole(body, "property"))
    if isinstance(estate, Estate):
        return estate
    if reference := filled(body, "property_reference"):
        estate = call.store.find(Kind.ESTATE, call.params["agency_id"], "reference", reference)
        if isinstance(estate, Estate):
            return estate
        call.notes.append(
            f"property_reference {reference!r} is not one of agency {call.params['agency_id']}; kept as text"
        )
    return None


def links(call: Call, enquiry: Enquiry, body: Mapping[str, Any], estate: Estate | None) -> dict[str, Any]:
    """Changes of the enquiry: links are set when they exist at the agency, cut by null, and else left as they are."""
    changes: dict[str, Any] = {}
    for member, (kind, field) in _LINKS.items():
        if member not in body:
            continue
        id = whole(body, member)
        if id is None or _of_agency(call, kind, id):
            changes[field] = id
        else:
            call.notes.append(f"{member} {id} is not one of agency {call.params['agency_id']}; ignored")
    if estate is not None:
        changes["estate"] = estate.id
    return {**changes, **_contact(call, enquiry, body), **_milestones(call, enquiry, body)}


def _contact(call: Call, enquiry: Enquiry, body: Mapping[str, Any]) -> dict[str, Any]:
    """The contact is the person who sent the lead, unless a write names another one of the agency."""
    if "contact" not in body:
        return {}
    id = whole(body, "contact")
    if id is not None and not _of_agency(call, Kind.PERSON, id):
        call.notes.append(f"contact {id} is not one of agency {call.params['agency_id']}; ignored")
        return {}
    other = {"contact": id} if id not in (None, enquiry.seeker) else {}
    extras = {name: value for name, value in enquiry.extras.items() if name != "contact"}
    return {"in_contacts": id is not None, "extras": {**extras, **other}}


def _milestones(call: Call, enquiry: Enquiry, body: Mapping[str, Any]) -> dict[str, Any]:
    """Returns milestones of the body, and those that a new step implies, now and by the agent of the lead (assumed)."""
    changes: dict[str, Any] = {name: _milestone(body[name]) for name in _MILESTONES if name in body}
    implied = reached(enquiry, whole(body, "step") or 0, call.now)
    return {**implied, **changes}


def _milestone(value: Any) -> Milestone | None:
    """An object with date and user; or the date alone, as variant `lead-milestones` shows it."""
    if not value:
        return None
    if isinstance(value, str):
        return Milestone(at=from_paris(value))
    date = filled(value, "date")
    at: Epoch | None = from_paris(date) if date else None
    return Milestone(at=at, agent=whole(value, "user"))


def _of_agency(call: Call, kind: Kind, id: int | None) -> Any:
    """The entity with that id, if it is of the agency in the path."""
    entity = None if id is None else call.store.get(kind, id)
    return entity if entity is not None and entity.agency == call.params["agency_id"] else None
