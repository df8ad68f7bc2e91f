"""A written lead has links to property, contact, request and agent, and milestones (dossier apimo §7)."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from mockserver.domain import Enquiry, Estate, Kind, Milestone, Transaction, reached
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch
from mockserver.provider_api.call import Call
from mockserver.providers.apimo.json_values import filled, whole
from mockserver.providers.apimo.times import from_paris

_LINKS = {"user": (Kind.AGENT, "agent"), "request": (Kind.PROFILE, "profile"), "property": (Kind.ESTATE, "estate")}
_LINKING = frozenset({*_LINKS, "property_reference", "contact"})
_MILESTONES = ("opened", "assigned", "closed")


def _estate_of(call: Call, body: Mapping[str, Any]) -> Estate | None:
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


@dataclass(frozen=True, slots=True)
class Links:
    """The links of a body: those that there are at the agency when it is written."""

    estate: int | None = None
    transaction: Transaction | None = None
    """The kind of offer of that estate."""
    others: Mapping[str, int | None] = field(default_factory=dict)
    """Ids of agent, search profile and estate, by member of an enquiry; None cuts the link."""
    names_contact: bool = False
    contact: int | None = None
    """The person whom the body names as the contact, or None for "no contact"."""

    @property
    def estate_of_enquiry(self) -> int | None:
        """The estate of a new enquiry with these links."""
        return self.others.get("estate") if self.estate is None else self.estate

    def changes(self, enquiry: Enquiry) -> dict[str, Any]:
        """Returns changes of an enquiry: links that there are, and those that are cut; others stay as they are.

        The contact is the person who sent the lead, unless a write names another one of the agency.
        """
        changes: dict[str, Any] = dict(self.others)
        if self.estate is not None:
            changes["estate"] = self.estate
        if self.names_contact:
            id = self.contact
            other = {"contact": id} if id not in (None, enquiry.seeker) else {}
            extras = {name: value for name, value in enquiry.extras.items() if name != "contact"}
            changes.update(in_contacts=id is not None, extras={**extras, **other})
        return changes


NO_LINKS = Links()
"""The links of a body that names none."""


def find_links(call: Call, body: Mapping[str, Any], sender: int | None = None) -> Links:
    """Returns the links of a body; of what is not at the agency the journal has a note.

    `sender` is the id of the person who sends it, who may not be there yet.
    """
    if body.keys().isdisjoint(_LINKING):
        return NO_LINKS
    estate = _estate_of(call, body)
    others: dict[str, int | None] = {}
    for member, (kind, name) in _LINKS.items():
        if member not in body:
            continue
        id = whole(body, member)
        if id is None or _of_agency(call, kind, id):
            others[name] = id
        else:
            call.notes.append(f"{member} {id} is not one of agency {call.params['agency_id']}; ignored")
    contact = whole(body, "contact")
    names_contact = "contact" in body
    if contact not in (None, sender) and not _of_agency(call, Kind.PERSON, contact):
        call.notes.append(f"contact {contact} is not one of agency {call.params['agency_id']}; ignored")
        names_contact = False
    transaction = None if estate is None else estate.transaction
    return Links(None if estate is None else estate.id, transaction, others, names_contact, contact)


def milestones(enquiry: Enquiry, body: Mapping[str, Any], now: Epoch) -> dict[str, Any]:
    """Returns milestones of the body, and those that a new step implies, now and by the agent of the lead (assumed)."""
    changes: dict[str, Any] = {name: _milestone(body[name]) for name in _MILESTONES if name in body}
    implied = reached(enquiry, whole(body, "step") or 0, now)
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
