"""Leads that clients write: 46 members, all of them possibly strings, kept so that nothing is lost (seed 000)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from mockserver.domain import Enquiry, Frozen, Kind, Person, replace
from mockserver.foundation.dataclass_fields import field_defaults
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Violation, invalid, not_found
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.entity_bounds import check_texts
from mockserver.provider_api.retention import is_unexpired
from mockserver.providers.apimo.catalogs import LEAD_CATALOGS, check_ids
from mockserver.providers.apimo.json_values import whole
from mockserver.providers.apimo.lead_links import find_links
from mockserver.providers.apimo.lead_members import applied_to_enquiry, applied_to_person
from mockserver.providers.apimo.new_lead import NewLead
from mockserver.providers.apimo.times import to_paris
from mockserver.sandbox.changes.people import put_person

_F = TypeVar("_F", bound=Frozen)


def create_lead(call: Call) -> Reply:
    """Stores a new lead and the person who sent it. The lead is in the list at once."""
    body: Mapping[str, Any] = call.body
    if call.variant("lead-required") == "reference-and-type" and whole(body, "type") is None:
        raise invalid([Violation("body", "/type", "required", "`type` is missing; it is required")])
    check_ids(call, LEAD_CATALOGS)
    reference = str(body["reference"])
    source_key = (int(call.authenticated_account.user), reference)
    earlier = call.store.find(Kind.ENQUIRY, call.params["agency_id"], "source_key", source_key)
    if is_unexpired(earlier, call.now):
        if call.variant("duplicate-reference") == "refuse":
            message = f"`reference` {reference!r} was already used, for lead {earlier.id}"
            raise invalid([Violation("body", "/reference", "unique", message)])
        if call.variant("duplicate-reference") == "update":
            return _change(call, earlier, body)
        call.notes.append(f"reference {reference!r} was used before: lead {earlier.id} is the parent of this one")
        return _create(call, body, source_key, earlier.id)
    return _create(call, body, source_key, None)


def update_lead(call: Call) -> Reply:
    """Changes the members that the body names; under variant `update` = `replace` it empties the others."""
    enquiry = call.store.get(Kind.ENQUIRY, call.params["lead_id"])
    if not is_unexpired(enquiry, call.now) or enquiry.agency != call.params["agency_id"]:
        raise not_found(f"There is no lead {call.params['lead_id']} at agency {call.params['agency_id']}.")
    check_ids(call, LEAD_CATALOGS)
    return _change(call, enquiry, call.body)


_paris_time = lru_cache(16)(to_paris)
"""Many leads are written in the same second."""


def _receipt(id: int, created: Epoch, updated: Epoch) -> Reply:
    created_at = _paris_time(created)
    updated_at = created_at if updated == created else to_paris(updated)
    return Reply({"id": id, "created_at": created_at, "updated_at": updated_at})


def _create(call: Call, body: Mapping[str, Any], source_key: tuple[int, str], parent: int | None) -> Reply:
    """Stores what was written as it came: person and enquiry are made of it when somebody looks."""
    now, store = call.now, call.store
    person_id, id = store.next_id(Kind.PERSON), store.next_id(Kind.ENQUIRY)
    lead = NewLead(
        call.params["agency_id"],
        now,
        call.raw_body,
        ids=(person_id, id),
        source_key=source_key,
        parent=parent,
        links=find_links(call, body, person_id),
        new_uuid=call.sandbox.world.new_uuid,
    )
    store.defer(lead, {Kind.PERSON: person_id, Kind.ENQUIRY: id})
    return _receipt(id, now, now)


def _change(call: Call, enquiry: Enquiry, body: Mapping[str, Any]) -> Reply:
    person = call.store.get(Kind.PERSON, enquiry.seeker)
    assert isinstance(person, Person)
    before = person
    if call.variant("update") == "replace":
        person, enquiry = replace(_emptied(person), language=None), _emptied(enquiry)
    changed = applied_to_person(person, body)
    enquiry = replace(applied_to_enquiry(enquiry, body, find_links(call, body), call.now), updated_at=call.now)
    check_texts(body, changed, enquiry)
    if changed != before:
        put_person(call.store, changed, call.now, but=enquiry.id)
    call.store.put(Kind.ENQUIRY, enquiry)
    return _receipt(enquiry.id, enquiry.created_at, enquiry.updated_at)


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
