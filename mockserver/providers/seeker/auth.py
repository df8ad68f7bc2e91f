"""Who may call Seeker Leads: OAuth2 client credentials, a token for one of two addresses (dossier seeker §7)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Problem, forbidden, too_many_requests, unauthorized
from mockserver.foundation.settings import Settings
from mockserver.provider_api.auth.authorization import Authorization
from mockserver.provider_api.auth.keys import KeyRing
from mockserver.provider_api.auth.oauth2 import TokenIssuer, check_bearer, client_of
from mockserver.provider_api.auth.token_request import client_in
from mockserver.provider_api.call import Call
from mockserver.provider_api.provider import ProviderAuth
from mockserver.providers.seeker.addresses import PRODUCTION, audience_called
from mockserver.providers.seeker.addresses import SANDBOX as SANDBOX_ADDRESS
from mockserver.sandbox.sandbox import Account, Sandbox

READ, CREATE, SUBSCRIBE = "seeker-leads:leads:get", "seeker-leads:leads:create", "seeker-leads:webhooks:manage"
SCOPES = frozenset({READ, CREATE, SUBSCRIBE})
"""Nobody knows the names (assumed, in the spelling of the predecessor's); that there are some, a client found out."""
_NEEDS = {"createLead": CREATE, "getLeads": READ, "getLeadById": READ}

_MOST, _WINDOWS = 10, 5
"""The documented limit: so many requests, in each of so many windows of a second."""
_THREE_PARTS = re.compile(r"[^/\s]+/[^/\s]+ [^/\s]+/[^/\s]+ [^/\s]+/[^/\s]+")
"""The sister's pattern of a User-Agent."""


def authenticate(authorization: Authorization, sandbox: Sandbox, now: Epoch) -> Account:
    """The client that the token was given to, with the scopes that the token carries."""
    claims = check_bearer(authorization, token_issuer_of(sandbox), now)
    account = sandbox.accounts["seeker"].get(claims.client)
    if account is None:
        raise unauthorized(f"Client {claims.client} is not known any more.", challenge='Bearer error="invalid_token"')
    if sandbox.variants["seeker"]["rate-limit"] == "documented":
        _count(account, sandbox, now)
    return replace(account, scopes=claims.scopes)


def authorize(call: Call) -> None:
    """The User-Agent, when the variant wants one; then the token: whether it is for this address, and its scopes."""
    _check_user_agent(call)
    if call.account is None:
        return
    claims = check_bearer(call.authorization, token_issuer_of(call.sandbox), call.now)
    wanted = audience_called(call)
    if wanted not in claims.audiences:
        detail = f"The token is for {' and '.join(sorted(claims.audiences))}, and this is {wanted}; request another."
        raise unauthorized(detail, challenge='Bearer realm="seeker", error="invalid_token"')
    needed = _NEEDS.get(call.operation.id, SUBSCRIBE)
    if needed not in call.account.scopes:
        raise bad_scope(needed)


def bad_scope(needed: str) -> Problem:
    """403: what a client met with a token that it had got before the right was opened."""
    detail = f"The token does not carry the scope {needed}; when the right was opened since, request another token."
    challenge = f'Bearer realm="seeker", error="insufficient_scope", scope="{needed}"'
    return Problem(403, "bad_scope", detail, headers=[("www-authenticate", challenge)])


def _check_user_agent(call: Call) -> None:
    rule, given = call.variant("user-agent"), call.header("user-agent") or ""
    if rule == "present" and not given.strip():
        raise forbidden("There is no User-Agent; send one such as YourApp/1.0.")
    if rule == "three-parts" and not _THREE_PARTS.fullmatch(given):
        raise forbidden(
            f"User-Agent is {given[:80]!r}; three pairs are needed, such as YourApp/1.0 lib/2.1 Python/3.11."
        )


def _count(account: Account, sandbox: Sandbox, now: Epoch) -> None:
    window = int(sandbox.clock.time() * _WINDOWS)
    calls = sandbox.store.bump(f"seeker/rate/{account.user}/{window}", until=now + 1, now=now)
    if calls > _MOST:
        raise too_many_requests(f"These are more than {_MOST} requests in 200 ms.", retry_after=1)


def make_accounts(sandbox: str, granted: Iterable[int]) -> list[Account]:
    """One client: the published one, or one that follows from the id of the sandbox."""
    if sandbox == "default":
        return [_account("mock-seeker-client", "mock-seeker-secret", granted)]
    secret = blake2b(sandbox.encode(), digest_size=20, person=b"seeker").hexdigest()
    return [_account(f"mock-seeker-client.{sandbox}", secret, granted)]


def parse_credentials(given: Mapping[str, Any], granted: Iterable[int]) -> Account:
    """From `{client_id, client_secret, scope?, agencies?}`. An empty scope is a client without any right to the API."""
    client, secret = given.get("client_id"), given.get("client_secret")
    if not (isinstance(client, str) and client and isinstance(secret, str) and secret):
        raise ValueError("`client_id` and `client_secret`, both text, are needed")
    scopes = frozenset(str(given["scope"]).split()) if "scope" in given else SCOPES
    return replace(_account(client, secret, given.get("agencies", granted)), scopes=scopes)


def _account(client: str, secret: str, agencies: Iterable[int]) -> Account:
    return Account(client, secret, frozenset(agencies), SCOPES, "RC-100001")


def claimed_client(authorization: Authorization, body: bytes) -> str | None:
    """The client of a bearer token, of HTTP Basic or of a token request; nothing is verified."""
    return client_of(authorization) or authorization.user or client_in(body)


def describe_credentials(account: Account) -> dict[str, Any]:
    """The client's credentials in OAuth's words; the scopes only where they are not all there are."""
    shown = {"client_id": account.user, "client_secret": account.secret, "audience": PRODUCTION}
    return shown if account.scopes == SCOPES else {**shown, "scope": " ".join(sorted(account.scopes))}


def make_token_issuer(sandbox: str, settings: Settings) -> TokenIssuer:
    """Keys and revocations of one sandbox."""
    keys = KeyRing.from_file(settings.signing_key)
    return TokenIssuer("seeker", sandbox, keys, settings.token_lifetime, (PRODUCTION, SANDBOX_ADDRESS))


def token_issuer_of(sandbox: Sandbox) -> TokenIssuer:
    """What `make_authority` made for this sandbox."""
    token_issuer: TokenIssuer = sandbox.token_issuers["seeker"]
    return token_issuer


AUTH = ProviderAuth(
    authenticate,
    authorize,
    make_accounts,
    parse_credentials,
    describe_credentials,
    claimed_user=claimed_client,
    challenge='Bearer realm="seeker", error="invalid_token"',
    make_token_issuer=make_token_issuer,
    urls=lambda base_url: {"token_url": f"{base_url}/oauth/token"},
)
