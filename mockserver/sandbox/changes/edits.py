"""Leads change, and leads are withdrawn."""

from typing import Any

from mockserver.domain import Category, Enquiry, Kind, Person, Role, reached, replace
from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.changes.leads import lead_of, seeker_of
from mockserver.sandbox.changes.models import LeadPatch
from mockserver.sandbox.changes.people import changed, leads_of, profiles_of, put_person
from mockserver.sandbox.changes.refusal import ChangeRefused, agency_entity, checked_now
from mockserver.sandbox.sandbox import Sandbox

_LINKS = {"estate": Kind.ESTATE, "agent": Kind.AGENT}
_PLAIN = ("step", "category", "intention", "portal", "in_contacts", "contacted_at")


def update(sandbox: Sandbox, enquiry: Enquiry, patch: LeadPatch) -> Enquiry:
    """Changes what the patch names; `updated_at` is now, also of the person's other leads when the person changed.

    Raises ChangeRefused when the lead, the estate or the agent is not there, or the seeker was erased.
    """
    now, store = checked_now(sandbox), sandbox.store
    lead = lead_of(sandbox, enquiry.id)
    person, named = seeker_of(sandbox, lead), patch.model_fields_set
    if person.erased and named & {"seeker", "message"}:
        raise ChangeRefused(f"The seeker of lead {lead.id} was erased; nothing more can be said of them, or by them.")
    members = _members(sandbox, lead, patch, now)
    if "seeker" in named and (other := changed(person, patch.seeker)) != person:
        put_person(store, other, now, but=lead.id)
    result = replace(lead, **members, updated_at=now)
    store.put(Kind.ENQUIRY, result)
    return result


def withdraw(sandbox: Sandbox, enquiry: Enquiry) -> None:
    """Takes a lead away, for good. Raises ChangeRefused when it is not there any more.

    Its seeker stays, unless the agency knows them from nothing else: then it never took them into its contacts.
    """
    lead = lead_of(sandbox, enquiry.id)
    person = seeker_of(sandbox, lead)
    sandbox.store.remove(Kind.ENQUIRY, lead.id)
    if not lead.in_contacts and person.role is Role.SEEKER and not _is_known(sandbox, person):
        sandbox.store.remove(Kind.PERSON, person.id)


def _members(sandbox: Sandbox, lead: Enquiry, patch: LeadPatch, now: Epoch) -> dict[str, Any]:
    named = patch.model_fields_set
    members: dict[str, Any] = {name: getattr(patch, name) for name in _PLAIN if name in named}
    for name, kind in _LINKS.items():
        if name in named:
            id: int | None = getattr(patch, name)
            members[name] = None if id is None else agency_entity(sandbox, kind, id, lead.agency).id
    if "message" in named:
        members.update(message=patch.message or "", called=lead.called and not patch.message)
    if "step" in named:
        members.update(reached(replace(lead, **members), patch.step, now))
    if "category" in named:
        members.update(_of_category(lead, patch.category))
    return members


def _of_category(lead: Enquiry, category: Category) -> dict[str, Any]:
    """Removes the parts that only leads of another category have."""
    return {
        "estimation": lead.estimation if category is Category.ESTIMATION else None,
        "project": lead.project if category is Category.PROPERTY_SEARCH else None,
    }


def _is_known(sandbox: Sandbox, person: Person) -> bool:
    return bool(profiles_of(sandbox.store, person) or leads_of(sandbox.store, person))
