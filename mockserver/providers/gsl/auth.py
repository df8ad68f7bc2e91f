"""Who may call GSL: OAuth2 client credentials, a bearer token that carries its scopes (seed 002, dossier gsl §2)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import unauthorized
from mockserver.foundation.settings import Settings
from mockserver.provider_api.auth.authorization import Authorization
from mockserver.provider_api.auth.keys import KeyRing
from mockserver.provider_api.auth.oauth2 import TokenIssuer, check_bearer, client_of
from mockserver.provider_api.auth.oauth_errors import insufficient_scope
from mockserver.provider_api.auth.token_request import client_in
from mockserver.provider_api.call import Call
from mockserver.provider_api.provider import ProviderAuth
from mockserver.sandbox.sandbox import Account, Sandbox

SCOPE = "laas:leads:get"
"""The only scope that is documented."""

AUDIENCE = "https://leads.api.groupeseloger.com"
"""No document names the audience; by the pattern of the sister APIs it is the API's base URL (inferred)."""


_SANDBOX = "https://sandbox.leads.api.groupeseloger.com"


def known_audiences(base_url: str) -> set[str]:
    """Every way in which a client may name the API, without a slash at the end: real, sandbox, or the fake's own."""
    return {host + version for host in (AUDIENCE, _SANDBOX, base_url) for version in ("", "/v2")}


def authenticate(authorization: Authorization, sandbox: Sandbox, now: Epoch) -> Account:
    """The client that the token was given to, with the scopes that the token carries."""
    claims = check_bearer(authorization, token_issuer_of(sandbox), now)
    account = sandbox.accounts["gsl"].get(claims.client)
    if account is None:
        raise unauthorized(f"Client {claims.client} is not known any more.", challenge='Bearer error="invalid_token"')
    return replace(account, scopes=claims.scopes)


def authorize(call: Call) -> None:
    """Every operation but the public ones needs the one scope."""
    if call.account is not None and SCOPE not in call.account.scopes:
        raise insufficient_scope("gsl", SCOPE)


def make_accounts(sandbox: str, granted: Iterable[int]) -> list[Account]:
    """One client: the published one, or one that follows from the id of the sandbox."""
    if sandbox == "default":
        return [_account("mock-gsl-client", "mock-gsl-secret", granted)]
    secret = blake2b(sandbox.encode(), digest_size=20, person=b"gsl").hexdigest()
    return [_account(f"mock-gsl-client.{sandbox}", secret, granted)]


def parse_credentials(given: Mapping[str, Any], granted: Iterable[int]) -> Account:
    """From `{client_id, client_secret, scope?, agencies?}`."""
    client, secret = given.get("client_id"), given.get("client_secret")
    if not (isinstance(client, str) and client and isinstance(secret, str) and secret):
        raise ValueError("`client_id` and `client_secret`, both text, are needed")
    scopes = frozenset(str(given.get("scope", SCOPE)).split())
    return replace(_account(client, secret, given.get("agencies", granted)), scopes=scopes)


def _account(client: str, secret: str, agencies: Iterable[int]) -> Account:
    return Account(client, secret, frozenset(agencies), frozenset({SCOPE}), "RC-100001")


def claimed_client(authorization: Authorization, body: bytes) -> str | None:
    """The client of a bearer token, of HTTP Basic or of a token request; nothing is verified."""
    return client_of(authorization) or authorization.user or client_in(body)


def describe_credentials(account: Account) -> dict[str, Any]:
    """The client's credentials in OAuth's words."""
    return {"client_id": account.user, "client_secret": account.secret, "scope": " ".join(sorted(account.scopes))}


def make_token_issuer(sandbox: str, settings: Settings) -> TokenIssuer:
    """Keys and revocations of one sandbox."""
    return TokenIssuer("gsl", sandbox, KeyRing.from_file(settings.signing_key), settings.token_lifetime, (AUDIENCE,))


def token_issuer_of(sandbox: Sandbox) -> TokenIssuer:
    """What `make_authority` made for this sandbox."""
    token_issuer: TokenIssuer = sandbox.token_issuers["gsl"]
    return token_issuer


AUTH = ProviderAuth(
    authenticate,
    authorize,
    make_accounts,
    parse_credentials,
    describe_credentials,
    claimed_user=claimed_client,
    challenge='Bearer realm="gsl", error="invalid_token"',
    make_token_issuer=make_token_issuer,
    urls=lambda base_url: {"token_url": f"{base_url}/oauth/token"},
)
