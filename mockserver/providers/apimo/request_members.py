"""The members of a written request become those of a search profile (seed 001, dossier apimo §2.3)."""

from collections.abc import Mapping
from typing import Any

from mockserver.domain import Place, RoomWish, SearchProfile, replace
from mockserver.providers.apimo import codes
from mockserver.providers.apimo.json_values import filled, flag, ids, number, part, text, whole

_TEXTS = ("subcategory", "subtype", "referral", "subreferral", "sector", "zone")
_WHOLES = ("standing", "condition", "availability")
_ID_LISTS = ("proximities", "services", "activities", "tags")


def applied_to_profile(
    profile: SearchProfile, body: Mapping[str, Any], places: tuple[Place, ...] | None
) -> SearchProfile:
    """Returns the profile with what the body says; members that it does not name stay as they are.

    `places` are those of the body, None where it names none.
    """
    update: dict[str, Any] = {}
    _put_scalars(body, profile, update)
    _put_ranges(body, profile, update)
    if "types" in body:
        types = (codes.ESTATE_TYPE_OF.get(id) for id in ids(body, "types"))
        update["types"] = tuple(type for type in types if type)
    if "category" in body:
        update["transaction"] = codes.TRANSACTION_OF.get(whole(body, "category") or 0)
    if places is not None:
        update["places"] = places
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
