"""Requests that clients write: flat strings in, the structure of the read shape kept (seed 001, dossier apimo §2.3)."""

from collections.abc import Mapping
from typing import Any

from mockserver.domain import Kind, Place, RoomWish, SearchProfile, replace
from mockserver.foundation.dataclass_fields import field_defaults
from mockserver.foundation.problems import Violation, invalid, not_found
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.entity_bounds import check_texts
from mockserver.providers.apimo import codes
from mockserver.providers.apimo.catalogs import REQUEST_CATALOGS, check_ids
from mockserver.providers.apimo.json_values import filled, flag, ids, number, part, text, whole
from mockserver.providers.apimo.times import to_paris

_TEXTS = ("subcategory", "subtype", "referral", "subreferral", "sector", "zone")
_WHOLES = ("standing", "condition", "availability")
_REQUIRED = ("contact", "user", "category", "country")
_ID_LISTS = ("proximities", "services", "activities", "tags")


def create_request(call: Call) -> Reply:
    """Stores a new request; it is in the list, and is matched with the properties, at once."""
    _check_required(call)
    check_ids(call, REQUEST_CATALOGS)
    user = whole(call.body, "user")
    blank = SearchProfile(
        id=call.store.next_id(Kind.PROFILE),
        agency=call.params["agency_id"],
        created_at=call.now,
        updated_at=call.now,
        contact=None,
        agent=None,
        created_by=user,
        updated_by=user,
        country=None,
    )
    profile = _applied(call, blank)
    check_texts(call.body, profile)
    call.store.put(Kind.PROFILE, profile)
    receipt = _receipt(profile)
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
    profile = replace(_applied(call, profile), updated_at=call.now, updated_by=updated_by)
    check_texts(call.body, profile)
    call.store.put(Kind.PROFILE, profile)
    return Reply(_receipt(profile))


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


def _receipt(profile: SearchProfile) -> dict[str, Any]:
    return {"id": profile.id, "created_at": to_paris(profile.created_at), "updated_at": to_paris(profile.updated_at)}


def _applied(call: Call, profile: SearchProfile) -> SearchProfile:
    """The profile with what the body says; members that it does not name stay as they are."""
    body: Mapping[str, Any] = call.body
    update: dict[str, Any] = {}
    _put_scalars(body, profile, update)
    _put_ranges(body, profile, update)
    if "types" in body:
        types = (codes.ESTATE_TYPE_OF.get(id) for id in ids(body, "types"))
        update["types"] = tuple(type for type in types if type)
    if "category" in body:
        update["transaction"] = codes.TRANSACTION_OF.get(whole(body, "category") or 0)
    if "locations" in body:
        update["places"] = _places(call, body["locations"])
    if "areas" in body:
        update["areas"] = _wishes(body["areas"])
    # A new category or new types replace those of an earlier write.
    stale = {name for name in ("category", "types") if name in body}
    extras = {name: value for name, value in profile.extras.items() if name not in stale}
    update["extras"] = {**extras, **_extras(body)}
    return replace(profile, **update)


def _put_scalars(body: Mapping[str, Any], profile: SearchProfile, update: dict[str, Any]) -> None:
    for name in ("active", "auto", "validated"):
        if name in body:
            update[name] = flag(body, name, getattr(profile, name))
    for name in ("contact", "ranking", "rooms", "bedrooms"):
        if name in body:
            update[name] = whole(body, name)
    if "user" in body:
        update["agent"] = whole(body, "user")
    for name, default in (("rooms_operator", profile.rooms_operator), ("margin", profile.margin)):
        if name in body:
            update[name] = whole(body, name) if filled(body, name) else default
    for name in ("comment", "free_criteria"):
        if name in body:
            update[name] = text(body, name) or ""
    if "last_action" in body:
        update["last_action"] = filled(body, "last_action")
    if "country" in body:
        update["country"] = (filled(body, "country") or "").upper()


def _put_ranges(body: Mapping[str, Any], profile: SearchProfile, update: dict[str, Any]) -> None:
    for name in ("area", "price"):
        for end in ("min", "max"):
            if end in part(body, name):
                update[f"{name}_{end}"] = number(part(body, name), end)
    if currency := filled(part(body, "price"), "currency"):
        update["currency"] = currency.upper()


def _places(call: Call, locations: Any) -> tuple[Place, ...]:
    """Free text with commas, or locations the way they are read."""
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


def _wishes(areas: Any) -> tuple[RoomWish, ...]:
    """Ids of rooms, or the array the way it is read."""
    if not isinstance(areas, list):
        return tuple(RoomWish(type=id) for id in ids({"areas": areas}, "areas"))
    return tuple(_wish(entry) for entry in areas)


def _wish(entry: Any) -> RoomWish:
    if not isinstance(entry, Mapping):
        return RoomWish(type=int(entry))
    return RoomWish(
        type=whole(entry, "type") or 0, number=whole(entry, "number") or 1, area_min=number(entry, "area_min")
    )


def _extras(body: Mapping[str, Any]) -> dict[str, Any]:
    """Members that matching does not use, in the types in which they are read."""
    extras: dict[str, Any] = {name: filled(body, name) for name in _TEXTS if name in body}
    extras.update({name: whole(body, name) for name in _WHOLES if name in body})
    extras.update({name: ids(body, name) for name in _ID_LISTS if name in body})
    if (category := whole(body, "category")) and category not in codes.TRANSACTION_OF:
        extras["category"] = str(category)
    if any(id not in codes.ESTATE_TYPE_OF for id in ids(body, "types")):
        extras["types"] = [str(id) for id in ids(body, "types")]
    extras.update(_nested(body))
    return extras


def _nested(body: Mapping[str, Any]) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    if "emailing" in body:
        emailing = part(body, "emailing")
        extras["emailing"] = {
            "subscription": filled(emailing, "subscription") or "1",
            "last_at": filled(emailing, "last_at"),
        }
    if "view" in body:
        view = part(body, "view")
        extras["view"] = {"type": whole(view, "type"), "landscape": whole(view, "landscape")}
    if "floor" in body:
        floor = part(body, "floor")
        extras["floor"] = {
            "operator": str(whole(floor, "operator") or 1),
            "type": whole(floor, "type"),
            "value": whole(floor, "value"),
        }
    if "coordinates" in body:
        extras["coordinates"] = body["coordinates"]
    if "tags_customized" in body:
        tags = body["tags_customized"] or []
        extras["tags_customized"] = [
            {"comment": (text(tag, "comment") or "") if isinstance(tag, Mapping) else tag} for tag in tags
        ]
    return extras
