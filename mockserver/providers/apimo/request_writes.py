"""Requests that clients write: flat strings in, the structure of the read shape kept (seed 001, dossier apimo §2.3)."""

from collections.abc import Mapping
from typing import Any

from mockserver.domain import Kind, Place, SearchProfile, replace
from mockserver.foundation.dataclass_fields import field_defaults
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Violation, invalid, not_found
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.entity_bounds import are_long, check_texts
from mockserver.providers.apimo.catalogs import REQUEST_CATALOGS, check_ids
from mockserver.providers.apimo.json_values import filled, part, whole
from mockserver.providers.apimo.new_request import NewRequest
from mockserver.providers.apimo.request_members import applied_to_profile
from mockserver.providers.apimo.times import to_paris

_REQUIRED = ("contact", "user", "category", "country")


def create_request(call: Call) -> Reply:
    """Stores a new request; it is in the list, and is matched with the properties, at once."""
    _check_required(call)
    check_ids(call, REQUEST_CATALOGS)
    id, now = call.store.next_id(Kind.PROFILE), call.now
    request = NewRequest(call.params["agency_id"], now, call.raw_body, id, _places(call))
    if are_long(call.body):
        check_texts(call.body, request.make(Kind.PROFILE))
    call.store.defer(request, {Kind.PROFILE: id})
    receipt = _receipt(id, now, now)
    return Reply({"id": receipt["id"]} if call.variant("request-created") == "id-only" else receipt)


def update_request(call: Call) -> Reply:
    """Changes the members that the body names; under variant `update` = `replace` it empties the others."""
    profile = find_request(call)
    _check_required(call)
    check_ids(call, REQUEST_CATALOGS)
    if call.variant("update") == "replace":
        fixed = {"id", "agency", "created_at", "created_by"}
        blank = {"contact": None, "agent": None, "updated_by": None} | field_defaults(SearchProfile)
        blank["country"] = None
        profile = replace(profile, **{name: value for name, value in blank.items() if name not in fixed})
    updated_by = whole(call.body, "user") or profile.agent
    profile = replace(applied_to_profile(profile, call.body, _places(call)), updated_at=call.now, updated_by=updated_by)
    check_texts(call.body, profile)
    call.store.put(Kind.PROFILE, profile)
    return Reply(_receipt(profile.id, profile.created_at, profile.updated_at))


def _check_required(call: Call) -> None:
    """Raises `invalid` under variant `request-required` = `four-members` for a body that lacks one."""
    if call.variant("request-required") == "four-members":
        missing = [name for name in _REQUIRED if not (filled(call.body, name) or "").strip()]
        message = "`{}` is missing; it is required"
        if missing:
            raise invalid([Violation("body", f"/{name}", "required", message.format(name)) for name in missing])


def find_request(call: Call) -> SearchProfile:
    """The request that the path names. Raises `not_found`, also for one of another agency."""
    id, agency = call.params["request_id"], call.params["agency_id"]
    profile = call.store.get(Kind.PROFILE, id)
    if not isinstance(profile, SearchProfile) or profile.agency != agency:
        raise not_found(f"There is no request {id} at agency {agency}.")
    return profile


def _receipt(id: int, created: Epoch, updated: Epoch) -> dict[str, Any]:
    return {"id": id, "created_at": to_paris(created), "updated_at": to_paris(updated)}


def _places(call: Call) -> tuple[Place, ...] | None:
    """Returns the places of the body: free text with commas, or locations the way they are read."""
    if "locations" not in call.body:
        return None
    locations = call.body["locations"]
    if isinstance(locations, str):
        places = [_named(call, name.strip()) for name in locations.split(",") if name.strip()]
    else:
        places = [_place(call, entry) for entry in locations or ()]
    for place in places:
        if place.commune is None and not place.covers:
            call.notes.append(f"location {place.name!r} is not a town of this world; no property lies in it")
    return tuple(places)


def _named(call: Call, name: str, district: str | None = None) -> Place:
    communes = call.sandbox.world.communes
    commune = communes.find(name) if name else None
    if commune:
        return Place(commune=commune.id, name=commune.name, district=district)
    return Place(name=name, district=district, covers=tuple(part.id for part in communes.within(name)))


def _place(call: Call, entry: Mapping[str, Any]) -> Place:
    communes, city, district = call.sandbox.world.communes, part(entry, "city"), part(entry, "district")
    commune = communes.by_id.get(_id(city))
    quarter = filled(district, "name") or communes.district_name(_id(district))
    if commune:
        return Place(commune=commune.id, name=commune.name, district=quarter)
    return _named(call, filled(city, "name") or filled(part(entry, "region"), "name") or "", quarter)


def _id(named: Mapping[str, Any]) -> int:
    """The id of a place, 0 for none and for what is none."""
    text = filled(named, "id") or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
