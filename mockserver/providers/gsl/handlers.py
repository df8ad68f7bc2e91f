"""GSL's operations, each a function named after its `operationId`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mockserver.domain import Category, Estate, Kind
from mockserver.foundation.problems import not_found
from mockserver.provider_api.auth.oauth2 import discovery, grant_token
from mockserver.provider_api.auth.oauth_errors import NO_STORE
from mockserver.provider_api.auth.token_request import read_token_request
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.retention import is_unexpired
from mockserver.providers.gsl.auth import AUDIENCE, SCOPE, known_audiences, token_issuer_of
from mockserver.providers.gsl.leads import lead
from mockserver.providers.gsl.search import search
from mockserver.providers.gsl.unknown_members import add_unknown_members


def search_leads(call: Call) -> Reply:
    """Classified leads; whether this operation has the other categories too, nobody knows."""
    everything = call.variant("search-leads") == "all"
    return search(call, list(Category) if everything else [Category.CLASSIFIED])


def search_classified_leads(call: Call) -> Reply:
    """Classified leads, by the second route."""
    return search(call, [Category.CLASSIFIED])


def search_leads_by_classified(call: Call) -> Reply:
    """The leads of one listing of the customer, by its number."""
    number = call.params["classifiedId"]
    for agency in sorted(call.authenticated_account.agencies):
        estate = call.store.find(Kind.ESTATE, agency, "classified_number", number)
        if isinstance(estate, Estate):
            return search(call, [Category.CLASSIFIED], estate=estate.id)
    raise not_found(_gone(number))


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
    """One lead of the customer, bare, in the shape of its category. Another customer's lead is not there."""
    for agency in sorted(call.authenticated_account.agencies):
        enquiry = call.store.find(Kind.ENQUIRY, agency, "uuid", call.params["leadId"])
        if is_unexpired(enquiry, call.now):
            return Reply(lead(enquiry, call.view_context))
    raise not_found(_gone(call.params["leadId"]))


def issue_token(call: Call) -> Reply:
    """An access token for client credentials (RFC 6749 §4.4)."""
    request = read_token_request(call.body, call.header("authorization"))
    if request.audience is not None and request.audience.rstrip("/") in known_audiences(call.base_url):
        request = replace(request, audience=AUDIENCE)
    accounts = call.sandbox.accounts["gsl"]
    token = grant_token(token_issuer_of(call.sandbox), accounts, request, f"{call.base_url}/", call.now)
    body = {
        "access_token": token.access_token,
        "token_type": "Bearer",
        "expires_in": token.expires_in,
        "scope": token.scope,
    }
    return _reply(body, call, NO_STORE)


def openid_configuration(call: Call) -> Reply:
    """Where tokens and keys are (RFC 8414)."""
    path = {id: call.contract.operations[id].path for id in ("issueToken", "jwks")}
    return _reply(discovery(f"{call.base_url}/", [SCOPE], token_path=path["issueToken"], jwks_path=path["jwks"]), call)


def jwks(call: Call) -> Reply:
    """The public keys of tokens that are still good (RFC 7517)."""
    return _reply(token_issuer_of(call.sandbox).keys.jwks(call.now), call)


def _reply(body: dict[str, Any], call: Call, headers: Sequence[tuple[str, str]] = ()) -> Reply:
    """Documents of OAuth have additional members too, when the variant asks for them: the RFCs want them ignored."""
    return Reply(add_unknown_members(body, call.variant("additional-members")), headers=headers)


def _gone(id: object) -> str:
    return f"The resource you are trying to operate with doesn't exists: {id}."


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
