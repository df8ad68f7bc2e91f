"""Seeker Leads' operations, each a function named after its `operationId`."""

from dataclasses import replace

from mockserver.foundation.problems import excerpt
from mockserver.provider_api.auth.oauth2 import authenticate_client
from mockserver.provider_api.auth.oauth_errors import NO_STORE, access_denied
from mockserver.provider_api.auth.token_request import read_token_request
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.customer_leads import find_lead
from mockserver.provider_api.problem_details import no_resource
from mockserver.providers.seeker.addresses import PRODUCTION, audience_named, audiences_here
from mockserver.providers.seeker.auth import CLIENTS
from mockserver.providers.seeker.creation import create_lead
from mockserver.providers.seeker.leads import lead
from mockserver.providers.seeker.search import get_leads
from mockserver.providers.seeker.subscriptions import (
    create_subscription,
    delete_subscription,
    list_subscriptions,
    subscription_audit_by_id,
    update_subscription,
)
from mockserver.providers.seeker.wire import category_of

_NO_GRANT = (
    'Client is not authorized to access "{audience}". You need to create a "client-grant" associated to this API. '
    "See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants"
)
"""A real client logged the end of this message in October 2026; the full text is Auth0's."""
_LONGEST = 300
"""Characters of an audience that an error repeats."""


def get_lead_by_id(call: Call) -> Reply:
    """A lead of the customer, bare. Another customer's is not there, nor is one that nobody may keep any more."""
    enquiry, context = find_lead(call, call.params["leadId"]), call.view_context
    if enquiry is None or not category_of(enquiry, context):
        raise no_resource(call.params["leadId"])
    return Reply(lead(enquiry, context))


def issue_token(call: Call) -> Reply:
    """An access token for client credentials, for one of the two addresses."""
    request = read_token_request(call.body, call.header("authorization"))
    account = authenticate_client(call.sandbox.accounts["seeker"], request)
    audience = _audience(call, request.audience)
    if not account.scopes:
        words = _NO_GRANT.format(audience=excerpt(request.audience or audience, _LONGEST))
        raise access_denied(words, "This client is granted no scope; the admin API can grant it some.")
    return Reply(CLIENTS.issue_token(call, replace(request, audience=audience)), headers=NO_STORE)


def _audience(call: Call, named: str | None) -> str:
    """Returns the audience that the client names, under whatever address it knows it."""
    if named is None:
        if call.variant("token-audience") == "defaulted":
            return PRODUCTION
        words = "No audience parameter was provided, and no default audience has been configured"
        raise access_denied(words, f"audience is missing; here it is {audiences_here(call)}.")
    audience = audience_named(call, named)
    if audience is None:
        raise access_denied(f"Service not found: {excerpt(named, _LONGEST)}", f"audience is {audiences_here(call)}.")
    return audience


def openid_configuration(call: Call) -> Reply:
    """The addresses of tokens and keys (RFC 8414)."""
    return Reply(CLIENTS.openid_configuration(call))


def jwks(call: Call) -> Reply:
    """The public keys of tokens that are still good (RFC 7517)."""
    return Reply(CLIENTS.jwks(call))


__all__ = [
    "create_lead",
    "create_subscription",
    "delete_subscription",
    "get_lead_by_id",
    "get_leads",
    "issue_token",
    "jwks",
    "list_subscriptions",
    "openid_configuration",
    "subscription_audit_by_id",
    "update_subscription",
]
