"""GSL's operations, each a function named after its `operationId`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mockserver.domain import Category, Kind
from mockserver.provider_api.auth.oauth_errors import NO_STORE
from mockserver.provider_api.auth.token_request import read_token_request
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.customer_leads import find_lead, find_of_customer
from mockserver.provider_api.problem_details import no_resource
from mockserver.providers.gsl.auth import AUDIENCE, CLIENTS, is_our_audience
from mockserver.providers.gsl.leads import lead
from mockserver.providers.gsl.search import search
from mockserver.providers.gsl.unknown_members import add_unknown_members

_OTHER_LISTS = (
    "these are classified leads alone (variant gsl.search-leads); agencies, estimations and projects have lists of "
    "their own below /v2/leads"
)
"""The note on a search that by its address looks like one of all leads."""


def search_leads(call: Call) -> Reply:
    """Classified leads; whether this operation has the other categories too, nobody knows."""
    if call.variant("search-leads") == "all":
        return search(call, list(Category))
    call.notes.append(_OTHER_LISTS)
    return search(call, [Category.CLASSIFIED])


def search_classified_leads(call: Call) -> Reply:
    """Classified leads, by the second route."""
    return search(call, [Category.CLASSIFIED])


def search_leads_by_classified(call: Call) -> Reply:
    """The leads of one listing of the customer, by its number."""
    estate = find_of_customer(call, Kind.ESTATE, "classified_number", call.params["classifiedId"])
    if estate is None:
        raise no_resource(call.params["classifiedId"])
    return search(call, [Category.CLASSIFIED], estate=estate.id)


def search_agency_leads(call: Call) -> Reply:
    """Leads that concern the agency and no listing."""
    return search(call, [Category.AGENCY])


def search_estimation_leads(call: Call) -> Reply:
    """Leads of owners who want to know what their property is worth."""
    return search(call, [Category.ESTIMATION])


def search_project_leads(call: Call) -> Reply:
    """Leads that describe what is looked for."""
    return search(call, [Category.PROPERTY_SEARCH])


def get_lead_by_id(call: Call) -> Reply:
    """A lead of the customer, bare, in the shape of its category. Another customer's lead is not there."""
    enquiry = find_lead(call, call.params["leadId"])
    if enquiry is None:
        raise no_resource(call.params["leadId"])
    return Reply(lead(enquiry, call.view_context))


def issue_token(call: Call) -> Reply:
    """An access token for client credentials (RFC 6749 §4.4)."""
    request = read_token_request(call.body, call.header("authorization"))
    if request.audience is not None and is_our_audience(request.audience, call.base_url):
        request = replace(request, audience=AUDIENCE)
    return _reply(CLIENTS.issue_token(call, request), call, NO_STORE)


def openid_configuration(call: Call) -> Reply:
    """The addresses of tokens and keys (RFC 8414)."""
    return _reply(CLIENTS.openid_configuration(call), call)


def jwks(call: Call) -> Reply:
    """The public keys of tokens that are still good (RFC 7517)."""
    return _reply(CLIENTS.jwks(call), call)


def _reply(body: dict[str, Any], call: Call, headers: Sequence[tuple[str, str]] = ()) -> Reply:
    """Documents of OAuth have additional members too, when the variant asks for them: the RFCs want them ignored."""
    return Reply(add_unknown_members(body, call.variant("additional-members")), headers=headers)


__all__ = [
    "get_lead_by_id",
    "issue_token",
    "jwks",
    "openid_configuration",
    "search_agency_leads",
    "search_classified_leads",
    "search_estimation_leads",
    "search_leads",
    "search_leads_by_classified",
    "search_project_leads",
]
