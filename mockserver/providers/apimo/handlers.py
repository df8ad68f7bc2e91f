"""Apimo's operations, each a function named after its `operationId`. What only some of them need is imported there."""

from typing import TYPE_CHECKING

from mockserver.domain import Estate, Kind, OfferKind
from mockserver.foundation.lazy_exports import lazy_exports
from mockserver.foundation.problems import not_found
from mockserver.foundation.slices import look_at_the_time
from mockserver.provider_api.call import Call, Reply
from mockserver.providers.apimo.codes import STEP_STATUS
from mockserver.providers.apimo.leads import lead
from mockserver.providers.apimo.paging import list_entities, list_values
from mockserver.sandbox.store import Store

if TYPE_CHECKING:
    from mockserver.providers.apimo.catalogs import get_catalog, list_catalogs
    from mockserver.providers.apimo.crossings import list_property_crossings, list_request_crossings
    from mockserver.providers.apimo.lead_writes import create_lead, update_lead
    from mockserver.providers.apimo.request_writes import create_request, update_request

_MODULES = {
    "create_lead": "lead_writes",
    "create_request": "request_writes",
    "get_catalog": "catalogs",
    "list_catalogs": "catalogs",
    "list_property_crossings": "crossings",
    "list_request_crossings": "crossings",
    "update_lead": "lead_writes",
    "update_request": "request_writes",
}


def list_leads(call: Call) -> Reply:
    """The leads of an agency."""
    return list_entities(call, Kind.ENQUIRY, lead)


def list_requests(call: Call) -> Reply:
    """The search requests of an agency."""
    from mockserver.providers.apimo.requests import request

    return list_entities(call, Kind.PROFILE, request)


def list_contacts(call: Call) -> Reply:
    """The owners and the seekers that an agency has taken into its contacts."""
    from mockserver.providers.apimo.people import contact

    agency = call.params["agency_id"]
    unlinked = call.store.derived(f"apimo/unlinked/{agency}", lambda: _unlinked(call, agency))
    return list_entities(call, Kind.PERSON, contact, hidden=unlinked)


def _unlinked(call: Call, agency: int) -> set[int]:
    """Returns the seekers of whom no lead is linked to a contact yet: some of those whose leads are in hand, or new."""
    store = call.store
    written = store.written_with(Kind.ENQUIRY, agency, "in_contacts", False)
    ids = [*store.in_hand(Kind.ENQUIRY, agency), *written]
    seekers = call.walk("unlinked", ids, lambda id: _unlinked_seeker(store, agency, id))
    return {seeker for seeker in seekers if seeker is not None}


def _unlinked_seeker(store: Store, agency: int, id: int) -> int | None:
    """Returns the seeker of a lead, unless one of the seeker's leads is linked."""
    look_at_the_time()
    link = store.contact_link(id)
    if link is None or link.in_contacts:
        return None
    leads = store.candidates(Kind.ENQUIRY, agency, "seeker", link.seeker)
    is_linked = any(store.contact_link(lead) == (link.seeker, True) for lead in leads)
    return None if is_linked else link.seeker


def list_users(call: Call) -> Reply:
    """The people who work at an agency."""
    from mockserver.providers.apimo.people import user

    return list_entities(call, Kind.AGENT, user)


def list_agencies(call: Call) -> Reply:
    """The agencies that the account was granted."""
    from mockserver.providers.apimo.people import agency

    context = call.view_context
    agencies = [call.sandbox.world.agencies[id] for id in sorted(call.authenticated_account.agencies)]
    return list_values(call, [(entry.updated_at, agency(entry, context)) for entry in agencies])


def list_properties(call: Call) -> Reply:
    """The properties of an agency, by step and status if asked for."""
    from mockserver.providers.apimo.properties import property_

    step, statuses, group = call.params.get("step"), call.params.get("status"), call.params.get("group")
    if step is None and call.variant("properties-without-step") == "in-progress":
        step = 1
    if step is None and statuses is None and group is None:
        return list_entities(call, Kind.ESTATE, property_)

    def keep(offer: OfferKind) -> bool:
        of_estate, status = STEP_STATUS[offer.status]
        fits = step in (None, of_estate) and (statuses is None or status in statuses)
        return fits and group in (None, 1)  # every property of the world is in database group 1

    agency = call.params["agency_id"]
    return list_entities(call, Kind.ESTATE, property_, only=lambda: call.store.estates_on_offer(agency, keep))


def get_property(call: Call) -> Reply:
    """A property, bare or wrapped as variant `property-envelope` says."""
    from mockserver.providers.apimo.properties import property_

    id, agency_id = call.params["property_id"], call.params["agency_id"]
    estate = call.store.get(Kind.ESTATE, id)
    if not isinstance(estate, Estate) or estate.agency != agency_id:
        raise not_found(f"There is no property {id} at agency {agency_id}.")
    members = property_(estate, call.view_context)
    return Reply(members if call.variant("property-envelope") == "bare" else {"property": members})


__all__ = [
    "create_lead",
    "create_request",
    "get_catalog",
    "get_property",
    "list_agencies",
    "list_catalogs",
    "list_contacts",
    "list_leads",
    "list_properties",
    "list_property_crossings",
    "list_request_crossings",
    "list_requests",
    "list_users",
    "update_lead",
    "update_request",
]

__getattr__ = lazy_exports("mockserver.providers.apimo", _MODULES)
