"""Seeker Leads' operations, each a function named after its `operationId`."""

from dataclasses import replace

from mockserver.domain import Kind
from mockserver.foundation.problems import not_found
from mockserver.provider_api.auth.oauth2 import authenticate_client, discovery, grant_token
from mockserver.provider_api.auth.oauth_errors import NO_STORE, access_denied
from mockserver.provider_api.auth.token_request import read_token_request
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.retention import is_unexpired
from mockserver.providers.seeker.addresses import PRODUCTION, audience_named
from mockserver.providers.seeker.auth import SCOPES, token_issuer_of
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
"""A client met its end in October 2026; the whole sentence is that of the service that it looks like."""


def get_lead_by_id(call: Call) -> Reply:
    """One lead of the customer, bare. Another customer's is not there, nor is one that nobody may keep any more."""
    context = call.view_context
    for agency in sorted(call.authenticated_account.agencies):
        enquiry = call.store.find(Kind.ENQUIRY, agency, "uuid", call.params["leadId"])
        if is_unexpired(enquiry, call.now) and category_of(enquiry, context):
            return Reply(lead(enquiry, context))
    raise not_found(f"The resource you are trying to operate with doesn't exists: {call.params['leadId']}.")


def issue_token(call: Call) -> Reply:
    """An access token for client credentials, for one of the two addresses."""
    request = read_token_request(call.body, call.header("authorization"))
    accounts = call.sandbox.accounts["seeker"]
    account = authenticate_client(accounts, request)
    audience = _audience(call, request.audience)
    if not account.scopes:
        raise access_denied(_NO_GRANT.format(audience=request.audience or audience))
    request = replace(request, audience=audience)
    token = grant_token(token_issuer_of(call.sandbox), accounts, request, f"{call.base_url}/", call.now)
    body = {
        "access_token": token.access_token,
        "token_type": "Bearer",
        "expires_in": token.expires_in,
        "scope": token.scope,
    }
    return Reply(body, headers=NO_STORE)


def _audience(call: Call, named: str | None) -> str:
    """The one that the client names, under whatever address it knows it."""
    if named is None:
        if call.variant("token-audience") == "defaulted":
            return PRODUCTION
        raise access_denied("No audience parameter was provided, and no default audience has been configured")
    audience = audience_named(call, named)
    if audience is None:
        raise access_denied(f"Service not found: {named}")
    return audience


def openid_configuration(call: Call) -> Reply:
    """Where tokens and keys are (RFC 8414)."""
    path = {id: call.contract.operations[id].path for id in ("issueToken", "jwks")}
    document = discovery(f"{call.base_url}/", SCOPES, token_path=path["issueToken"], jwks_path=path["jwks"])
    return Reply(document)


def jwks(call: Call) -> Reply:
    """The public keys of tokens that are still good (RFC 7517)."""
    return Reply(token_issuer_of(call.sandbox).keys.jwks(call.now))


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
