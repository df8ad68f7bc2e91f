"""GSL's authentication is OAuth2 client credentials: a bearer token carries its scopes (seed 002, dossier gsl §2)."""

from typing import Any

from mockserver.provider_api.auth.client_credentials import ClientCredentials
from mockserver.provider_api.auth.own_addresses import path_below
from mockserver.provider_api.call import Call
from mockserver.sandbox.accounts import Account

SCOPE = "laas:leads:get"
"""The only scope that is documented."""
AUDIENCE = "https://leads.api.groupeseloger.com"
"""No document names the audience; by the pattern of the sister APIs it is the API's base URL (inferred)."""
_SANDBOX = "https://sandbox.leads.api.groupeseloger.com"

HOSTS = ("leads.api.groupeseloger.com", "sandbox.leads.api.groupeseloger.com")
"""The real hosts. That of the token endpoint is not known; here it is at the others' `/oauth/token`, too."""
_VERSIONS = ("", "/v2")

CLIENTS = ClientCredentials("gsl", frozenset({SCOPE}), (AUDIENCE,))


def is_our_audience(audience: str, base_url: str) -> bool:
    """Tells whether a client names the API by any of its addresses: real, sandbox, or that of this server."""
    if audience.rstrip("/") in {host + version for host in (AUDIENCE, _SANDBOX) for version in _VERSIONS}:
        return True
    return path_below(audience, base_url, "gsl", real_hosts=HOSTS) in _VERSIONS


def authorize(call: Call) -> None:
    """Every operation but the public ones needs the one scope."""
    CLIENTS.require_scope(call, SCOPE)


def describe_credentials(account: Account) -> dict[str, Any]:
    """Returns the client's credentials in OAuth's words."""
    return {"client_id": account.user, "client_secret": account.secret, "scope": " ".join(sorted(account.scopes))}


AUTH = CLIENTS.auth(authorize, describe_credentials)
