"""The members of a written lead become those of an enquiry and of a person; each may be a string (seed 000)."""

from collections.abc import Mapping
from typing import Any, TypeVar

from mockserver.domain import Enquiry, Frozen, Person, Phone, PhoneKind, Search, replace
from mockserver.foundation.dataclass_fields import field_names
from mockserver.foundation.epoch import Epoch
from mockserver.providers.apimo import codes
from mockserver.providers.apimo.json_values import filled, ids, number, text, whole
from mockserver.providers.apimo.lead_links import Links, milestones
from mockserver.providers.apimo.times import from_paris

F = TypeVar("F", bound=Frozen)

_TEXTS = (
    *("method", "referral", "subreferral", "area_unit"),
    *("property_category", "property_types", "property_location"),
)
"""Members of a write that the world cannot express, as texts."""

_NUMBERS = ("property_view_landscape", "property_view_type")
"""Members of a write that the world cannot express, as numbers."""


def applied_to_enquiry(enquiry: Enquiry, body: Mapping[str, Any], links: Links, now: Epoch) -> Enquiry:
    """Returns the enquiry with what the body says; members that it does not name stay as they are.

    `links` are those of the body, found when it was written, which is `now`.
    """
    update: dict[str, Any] = {}
    if body.get("reference") is not None:
        update["reference"] = str(body["reference"])
    if filled(body, "date"):
        update["contacted_at"] = from_paris(str(body["date"]))
    if (step := whole(body, "step")) is not None:
        update["step"] = step
    if "message" in body:
        update["message"] = text(body, "message") or ""
    update["search"] = _search(enquiry.search, body)
    update["hint"] = _set(enquiry.hint, body, "property_", _ADDRESS)
    update["recipient"] = _set(enquiry.recipient, body, "recipient_", {})
    update["stay"] = _set(enquiry.stay, body, "", {"start": "start_at", "end": "end_at"})
    update.update(links.changes(enquiry))
    update.update(milestones(enquiry, body, now))
    update["extras"] = {**update.get("extras", enquiry.extras), **_extras(body)}
    return replace(enquiry, **update)


def _extras(body: Mapping[str, Any]) -> dict[str, Any]:
    extras: dict[str, Any] = {name: filled(body, name) for name in _TEXTS if name in body}
    extras.update({name: whole(body, name) for name in _NUMBERS if name in body})
    if "type" in body:
        # Written as " 1" or 1.0 it is still read as "1".
        type = whole(body, "type")
        extras["type"] = None if type is None else str(type)
    if subtypes := [whole(body, name) for name in ("property_subtype", "property_sybtype") if name in body]:
        extras["property_subtype"] = next((id for id in subtypes if id is not None), None)
    return extras


_ADDRESS = {"street": "address", "more": "address_more", "postcode": "zipcode"}


def _set(value: F, body: Mapping[str, Any], prefix: str, names: Mapping[str, str]) -> F:
    """The value with those members that the body names, as `prefix` + name."""
    members = {field: prefix + names.get(field, field) for field in field_names(type(value))}
    update = {field: filled(body, member) for field, member in members.items() if member in body}
    return replace(value, **update) if update else value


def applied_to_person(person: Person, body: Mapping[str, Any]) -> Person:
    """Returns the person with what the body says; members that it does not name stay as they are."""
    update: dict[str, Any] = {
        name: filled(body, name) for name in ("lastname", "firstname", "email", "fax") if name in body
    }
    if "language" in body:
        language = filled(body, "language")
        update["language"] = language.lower() if language else None
    if "title" in body:
        update["title"] = whole(body, "title")
    if "phone" in body or "mobile" in body:
        update["phones"] = _phones(person, body)
    address = _set(person.address, body, "", _ADDRESS)
    if address != person.address:
        update["address"] = address
    return replace(person, **update) if update else person


def _phones(person: Person, body: Mapping[str, Any]) -> tuple[Phone, ...]:
    numbers = {
        PhoneKind.MOBILE: filled(body, "mobile") if "mobile" in body else person.number(PhoneKind.MOBILE),
        PhoneKind.LANDLINE: filled(body, "phone") if "phone" in body else person.number(PhoneKind.LANDLINE),
    }
    return tuple(Phone(kind=kind, number=value) for kind, value in numbers.items() if value)


def _search(search: Search, body: Mapping[str, Any]) -> Search:
    update: dict[str, Any] = {}
    for field in ("area", "room", "bedroom", "price"):
        for end in ("min", "max"):
            if (member := f"{field}_{end}") in body:
                read = whole if field in ("room", "bedroom") else number
                update[member if field in ("area", "price") else f"{field}s_{end}"] = read(body, member)
    if "currency" in body:
        currency = filled(body, "currency")
        update["currency"] = currency.upper() if currency else None
    if "property_category" in body:
        update["transaction"] = codes.TRANSACTION_OF.get(whole(body, "property_category") or 0)
    if "property_types" in body:
        types = (codes.ESTATE_TYPE_OF.get(id) for id in ids(body, "property_types"))
        update["types"] = tuple(type for type in types if type)
    return replace(search, **update) if update else search
