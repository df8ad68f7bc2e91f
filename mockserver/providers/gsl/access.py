"""Who may call GSL: OAuth2 client credentials, a bearer token that carries its scopes (seed 002, dossier gsl §2)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mockserver.domain import Epoch
from mockserver.problems import unauthorized
from mockserver.provider import Access, Call
from mockserver.sandbox import Account, Sandbox
from mockserver.security.keys import KeyRing
from mockserver.security.oauth2 import Authority, check_bearer
from mockserver.security.oauth_errors import insufficient_scope
from mockserver.settings import Settings

SCOPE = "laas:leads:get"
"""The only scope that is documented."""

AUDIENCE = "https://leads.api.groupeseloger.com"
"""No document names the audience; by the pattern of the sister APIs it is the API's base URL (inferred)."""


_SANDBOX = "https://sandbox.leads.api.groupeseloger.com"


def known_audiences(base_url: str) -> set[str]:
    """Every way in which a client may name the API, without a slash at the end: real, sandbox, or the fake's own."""
    return {host + version for host in (AUDIENCE, _SANDBOX, base_url) for version in ("", "/v2")}


def authenticate(header: str | None, sandbox: Sandbox, now: Epoch) -> Account:
    """The client that the token was given to, with the scopes that the token carries."""
    claims = check_bearer(header, authority_of(sandbox), now)
    account = sandbox.accounts["gsl"].get(claims.client)
    if account is None:
        raise unauthorized(f"Client {claims.client} is not known any more.", challenge='Bearer error="invalid_token"')
    return replace(account, scopes=claims.scopes)


def authorize(call: Call) -> None:
    """Every operation but the public ones needs the one scope."""
    if call.account is not None and SCOPE not in call.account.scopes:
        raise insufficient_scope("gsl", SCOPE)


def default_accounts(granted: Iterable[int]) -> list[Account]:
    """The one client that is there from the start."""
    return [Account("mock-gsl-client", "mock-gsl-secret", frozenset(granted), frozenset({SCOPE}), "RC-100001")]


def show(account: Account) -> dict[str, Any]:
    """The client's credentials in OAuth's words."""
    return {"client_id": account.user, "client_secret": account.secret, "scope": " ".join(sorted(account.scopes))}


def make_authority(sandbox: str, settings: Settings) -> Authority:
    """Keys and revocations of one sandbox."""
    keys = KeyRing.from_file(settings.signing_key) if settings.signing_key else KeyRing.development()
    return Authority("gsl", sandbox, keys, settings.token_lifetime, (AUDIENCE,))


def authority_of(sandbox: Sandbox) -> Authority:
    """What `make_authority` made for this sandbox."""
    authority: Authority = sandbox.authorities["gsl"]
    return authority


ACCESS = Access(authenticate, authorize, default_accounts, show, make_authority)
