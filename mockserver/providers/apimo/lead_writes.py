"""Leads that clients write: 46 members, all of them possibly strings, kept so that nothing is lost (seed 000)."""

from collections.abc import Mapping
from typing import Any, TypeVar

from mockserver.domain import (
    Enquiry,
    Estate,
    Frozen,
    Kind,
    Person,
    Phone,
    PhoneKind,
    Role,
    Search,
    replace,
)
from mockserver.foundation.dataclass_fields import field_defaults, field_names
from mockserver.foundation.problems import Violation, invalid, not_found
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.entity_bounds import check_texts
from mockserver.provider_api.retention import is_unexpired
from mockserver.providers.apimo import codes
from mockserver.providers.apimo.catalogs import LEAD_CATALOGS, check_ids
from mockserver.providers.apimo.json_values import filled, ids, number, text, whole
from mockserver.providers.apimo.lead_links import estate_of, links
from mockserver.providers.apimo.times import from_paris, to_paris
from mockserver.sandbox.changes.people import put_person

_F = TypeVar("_F", bound=Frozen)

_TEXTS = (
    *("method", "referral", "subreferral", "area_unit"),
    *("property_category", "property_types", "property_location"),
)
"""Members of a write that the world cannot express, as texts."""

_NUMBERS = ("property_view_landscape", "property_view_type")
"""Members of a write that the world cannot express, as numbers."""


def create_lead(call: Call) -> Reply:
    """Stores a new lead and the person who sent it. The lead is in the list at once."""
    body: Mapping[str, Any] = call.body
    if call.variant("lead-required") == "reference-and-type" and whole(body, "type") is None:
        raise invalid([Violation("body", "/type", "required", "`type` is missing; it is required")])
    check_ids(call, LEAD_CATALOGS)
    reference = str(body["reference"])
    earlier = call.store.find(
        Kind.ENQUIRY, call.params["agency_id"], "source_key", (int(call.authenticated_account.user), reference)
    )
    if is_unexpired(earlier, call.now):
        if call.variant("duplicate-reference") == "refuse":
            message = f"`reference` {reference!r} was already used, for lead {earlier.id}"
            raise invalid([Violation("body", "/reference", "unique", message)])
        if call.variant("duplicate-reference") == "update":
            return _receipt(_change(call, earlier, body))
        call.notes.append(f"reference {reference!r} was used before: lead {earlier.id} is the parent of this one")
        return _receipt(_create(call, body, reference, earlier.id))
    return _receipt(_create(call, body, reference, None))


def update_lead(call: Call) -> Reply:
    """Changes the members that the body names; under variant `update` = `replace` it empties the others."""
    enquiry = call.store.get(Kind.ENQUIRY, call.params["lead_id"])
    if not is_unexpired(enquiry, call.now) or enquiry.agency != call.params["agency_id"]:
        raise not_found(f"There is no lead {call.params['lead_id']} at agency {call.params['agency_id']}.")
    check_ids(call, LEAD_CATALOGS)
    return _receipt(_change(call, enquiry, call.body))


def _receipt(enquiry: Enquiry) -> Reply:
    return Reply(
        {"id": enquiry.id, "created_at": to_paris(enquiry.created_at), "updated_at": to_paris(enquiry.updated_at)}
    )


def _create(call: Call, body: Mapping[str, Any], reference: str, parent: int | None) -> Enquiry:
    agency, now, store = call.params["agency_id"], call.now, call.store
    person_id = store.next_id(Kind.PERSON)
    blank = Person(id=person_id, agency=agency, created_at=now, updated_at=now, role=Role.SEEKER, language=None)
    store.put(Kind.PERSON, _person(blank, body))
    id = store.next_id(Kind.ENQUIRY)
    estate = estate_of(call, body)
    transaction = codes.TRANSACTION_OF.get(whole(body, "property_category") or 0) or (estate and estate.transaction)
    named = estate is not None or filled(body, "property_reference") is not None
    category = codes.category_of(whole(body, "type"), about_an_estate=named)
    enquiry = Enquiry(
        id=id,
        agency=agency,
        created_at=now,
        updated_at=now,
        contacted_at=now,
        uuid=call.sandbox.world.new_uuid(Kind.ENQUIRY, id),
        reference=reference,
        category=category,
        intention=codes.intention_of(category, transaction or None),
        portal=None,
        parent=parent,
        seeker=person_id,
        # Who sends a lead is the provider of it, whatever portal it came from before.
        extras={"provider": int(call.authenticated_account.user), "type": None},
    )
    enquiry = _applied(call, enquiry, body, estate)
    store.put(Kind.ENQUIRY, enquiry)
    return enquiry


def _change(call: Call, enquiry: Enquiry, body: Mapping[str, Any]) -> Enquiry:
    person = call.store.get(Kind.PERSON, enquiry.seeker)
    assert isinstance(person, Person)
    before = person
    if call.variant("update") == "replace":
        person, enquiry = replace(_emptied(person), language=None), _emptied(enquiry)
    changed = _person(person, body)
    enquiry = replace(_applied(call, enquiry, body, estate_of(call, body)), updated_at=call.now)
    check_texts(body, changed, enquiry)
    if changed != before:
        put_person(call.store, changed, call.now, but=enquiry.id)
    call.store.put(Kind.ENQUIRY, enquiry)
    return enquiry


_NEVER_EMPTIED = {
    "id",
    "agency",
    "created_at",
    "updated_at",
    "role",
    "uuid",
    "reference",
    "category",
    "intention",
    "asker",
    "portal",
}
_NEVER_EMPTIED |= {"parent", "seeker", "in_contacts", "contacted_at", "step", "opened", "assigned", "closed", "erased"}
_NEVER_EMPTIED |= {"estimation", "project", "called", "rental_file"}
_NEVER_EMPTIED |= {"gender", "company", "is_owner", "offers", "birth_date", "job", "comment"}
"""Members that an update never empties: no member of its body names them, or every lead must have them."""


def _emptied(entity: _F) -> _F:
    blank = {name: value for name, value in field_defaults(type(entity)).items() if name not in _NEVER_EMPTIED}
    if isinstance(entity, Enquiry) and "provider" in entity.extras:
        blank["extras"] = {"provider": entity.extras["provider"], "type": None}
    return replace(entity, **blank)


def _applied(call: Call, enquiry: Enquiry, body: Mapping[str, Any], estate: Estate | None) -> Enquiry:
    """The enquiry with what the body says; members that it does not name stay as they are."""
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
    update.update(links(call, enquiry, body, estate))
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


def _set(value: _F, body: Mapping[str, Any], prefix: str, names: Mapping[str, str]) -> _F:
    """The value with those members that the body names, as `prefix` + name."""
    members = {field: prefix + names.get(field, field) for field in field_names(type(value))}
    update = {field: filled(body, member) for field, member in members.items() if member in body}
    return replace(value, **update) if update else value


def _person(person: Person, body: Mapping[str, Any]) -> Person:
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
