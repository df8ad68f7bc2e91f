"""OAuth2 client credentials: issuing tokens (RFC 6749 §4.4), and verifying bearer tokens (RFC 6750)."""

import hashlib
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import field
from hmac import compare_digest
from math import ceil
from typing import Any
from urllib.parse import urlsplit

import orjson

from mockserver.foundation.authorization import Authorization
from mockserver.foundation.caches import cached_when_short
from mockserver.foundation.clock import LAST_SECOND, iso
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.records import RecordCounter, RecordFormat, RecordTable
from mockserver.foundation.stateful import RecordedComponent
from mockserver.provider_api.auth import oauth_errors as refuse
from mockserver.provider_api.auth.keys import KeyRing
from mockserver.provider_api.auth.oauth_errors import TokenRefused
from mockserver.provider_api.auth.token_request import TokenRequest
from mockserver.sandbox.accounts import Account

CUSTOMER = "customer_id"
"""The claim with the provider's id of the customer; its real name is not known."""
REALM = "mockserver_realm"
"""Our claim that binds a token to one provider in one sandbox, since all of them share a key."""
GENERATION = "mockserver_generation"
"""Our claim with the number of times that the tokens of a client were revoked before; absent when it is 0."""

_SANDBOX_IN_PATH = late_pattern("^/~[^/]+/")
_MAX_VERIFIED = 1024
"""The most verified tokens in the cache; a client uses one token for a day."""
_MAX_TOKEN = 4096
"""The most characters of one of them."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new access token."""

    access_token: str = field(repr=False)
    expires_in: int
    """Seconds."""
    scope: str
    """The scopes of the token, sorted and separated by spaces; there may be fewer than requested."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a valid token."""

    client: str
    customer: str
    scopes: frozenset[str]
    expires: Epoch
    """The first second at which the token is no longer valid."""
    jti: str
    audiences: frozenset[str] = frozenset()
    """The audiences of the issuer that the token is for."""


class _VerifiedToken(NamedTuple):
    claims: Claims
    not_before: Epoch
    generation: int
    kid: str


_ISSUED: RecordFormat[None, int] = RecordFormat("issued")
_REVOKED: RecordFormat[str, bool] = RecordFormat("revoked/")
_GENERATION: RecordFormat[str, int] = RecordFormat("generation/")


class TokenIssuer(RecordedComponent):
    """Issues and verifies the tokens of one provider in one sandbox.

    Two issuers with the same history issue the same tokens. It is a `StatefulComponent` with the records `issued`, the
    number of issued tokens, `revoked/JTI` for each revoked one, `generation/CLIENT`, and those of its keys.
    """

    def __init__(
        self, provider: str, sandbox: str, keys: KeyRing, lifetime: int = 86_400, audiences: tuple[str, ...] = ()
    ) -> None:
        self.provider = provider
        self.keys = keys
        self.lifetime = lifetime
        self.audiences = audiences or (provider,)
        """The possible audiences of a token; the first is the default."""
        self._realm = f"{provider}/{sandbox}"
        self._verified: dict[str, _VerifiedToken] = {}
        self._accepts_expired = False
        self._issued = RecordCounter(_ISSUED, 0)
        self._revoked = RecordTable(_REVOKED)
        self._generations = RecordTable(_GENERATION)
        super().__init__(self._issued, self._revoked, self._generations, *keys.tables)

    def issue(
        self, account: Account, scopes: frozenset[str], audience: str | None, issuer: str, now: Epoch
    ) -> IssuedToken:
        """Returns a new token for the account. The caller has checked that the scopes are granted."""
        number = self._issued.count()
        scope = " ".join(sorted(scopes))
        unique = f"{self._realm}/{account.user}/{now}/{number}"
        claims = {
            "iss": _with_slash(issuer),
            "sub": f"{account.user}@clients",
            "aud": audience or self.audiences[0],
            "iat": now,
            "exp": now + self.lifetime,
            "azp": account.user,
            "gty": "client-credentials",
            "scope": scope,
            "jti": hashlib.sha256(unique.encode()).hexdigest()[:32],
            CUSTOMER: account.customer,
            REALM: self._realm,
        }
        if generation := self._generations.get(account.user):
            claims[GENERATION] = generation
        return IssuedToken(self.keys.sign(claims), self.lifetime, scope)

    def rotate_key(self, now: Epoch) -> list[str]:
        """Signs with another key from now on, and returns the ids of all valid keys, the new one first.

        Tokens of the old key stay good until they expire. Raises `TooManyKeys`.
        """
        self.keys.rotate(now, self.lifetime)
        return [key["kid"] for key in self.keys.jwks(now)["keys"]]

    def verify(self, token: str, now: Epoch) -> Claims:
        """Returns the claims of a token that is valid at `now`. Raises `TokenRefused`. Caches verified signatures."""
        verified = self._verified.get(token) or self._verify_signature(token, now)
        claims = verified.claims
        self.keys.need(verified.kid, now)
        # No leeway: the clock is virtual, and a test that stops it one second early must see the difference.
        if now >= claims.expires and not self._accepts_expired:
            raise TokenRefused(f"The token expired at {iso(claims.expires)}; it is {iso(now)} now.")
        if now < verified.not_before:
            raise TokenRefused(f"The token is not valid before {iso(verified.not_before)}; it is {iso(now)} now.")
        if claims.jti in self._revoked or verified.generation != self._generations.get(claims.client, 0):
            raise TokenRefused("The token was revoked; request another.")
        return claims

    def accept_expired(self) -> None:
        """Accepts tokens whose time is over from now on, in this process."""
        self._accepts_expired = True

    def revoke(self, token_or_jti: str) -> None:
        """Refuses one token from now on. Expired ones count, too, since a clock that is set back makes them valid."""
        self._revoked[_jti(token_or_jti)] = True

    def revoke_client(self, client: str) -> None:
        """Refuses every token that was issued to the client so far. The client may request new ones."""
        self._generations[client] = self._generations.get(client, 0) + 1

    def reset(self) -> None:
        """Forgets all issued and revoked tokens and later keys; a token of the first key is valid until it expires."""
        super().reset()
        self.keys.reset()

    def _verify_signature(self, token: str, now: Epoch) -> _VerifiedToken:
        kid, payload = self.keys.open(token, now)
        not_before, generation = _moment(payload, "nbf", default=0), payload.get(GENERATION, 0)
        verified = _VerifiedToken(self._read(payload), not_before, generation, kid)
        if len(self._verified) >= _MAX_VERIFIED:
            del self._verified[next(iter(self._verified))]
        if len(token) <= _MAX_TOKEN:
            self._verified[token] = verified
        return verified

    def _read(self, payload: Mapping[str, Any]) -> Claims:
        if _text(payload, REALM) != self._realm:
            raise TokenRefused(f"The token is of another provider or sandbox; this is {self._realm}.")
        if not _is_issuer(_text(payload, "iss"), self.provider):
            raise TokenRefused(f"The issuer (iss) is not this provider; its path ends in /{self.provider}/.")
        aud = payload.get("aud")
        audiences = frozenset(name for name in self.audiences if name in (aud if isinstance(aud, list) else [aud]))
        if not audiences:
            raise TokenRefused(f"The token is for another audience (aud); here it is {' or '.join(self.audiences)}.")
        _moment(payload, "iat")
        client = _text(payload, "azp")
        if _text(payload, "sub") != f"{client}@clients" or _text(payload, "gty") != "client-credentials":
            raise TokenRefused("The token is not one for client credentials (sub, azp, gty).")
        scopes = frozenset(_text(payload, "scope").split())
        return Claims(
            client, _text(payload, CUSTOMER), scopes, _moment(payload, "exp"), _text(payload, "jti"), audiences
        )


def grant_token(
    token_issuer: TokenIssuer,
    accounts: Mapping[str, Account],
    request: TokenRequest,
    issuer: str,
    now: Epoch,
    *,
    unasked: bool = True,
) -> IssuedToken:
    """Returns the token for a request. `accounts` are by client id. Raises `OAuthProblem`.

    With `unasked`, a request that names no scope gets all that the client is granted (RFC 6749 §3.3 leaves it to the
    server); otherwise it gets none.
    """
    account = authenticate_client(accounts, request)
    # RFC 6749 has no audience; a provider with its own refusal (Auth0: 403 access_denied) checks it before this call.
    if request.audience is not None and request.audience not in token_issuer.audiences:
        raise refuse.invalid_request(f"There is no such audience; send {' or '.join(token_issuer.audiences)}, or none.")
    return token_issuer.issue(
        account, _granted(account, request.scopes, unasked=unasked), request.audience, issuer, now
    )


def authenticate_client(accounts: Mapping[str, Account], request: TokenRequest) -> Account:
    """Returns the account whose credentials the request has. Raises `OAuthProblem`."""
    account = accounts.get(request.client_id)
    if account is None or not compare_digest(account.secret.encode(), request.client_secret.encode()):
        where = "the index page of this server shows those that work; each sandbox has its own."
        detail = f"The client id or the client secret is wrong; {where}"
        raise refuse.invalid_client(detail, by_header=request.by_header)
    return account


def check_bearer(authorization: Authorization, token_issuer: TokenIssuer, now: Epoch) -> Claims:
    """Returns the claims of the token that a call has. Raises a 401 `Problem`, which never repeats the header."""
    realm = token_issuer.provider
    if authorization.is_missing:
        raise refuse.no_token(realm, "There is no Authorization header; send `Bearer` and an access token.")
    if authorization.scheme != "bearer":
        other = "HTTP Basic" if authorization.scheme == "basic" else "not Bearer"
        raise refuse.no_token(realm, f"The Authorization scheme is {other}; send `Bearer` and an access token.")
    if not authorization.token:
        raise refuse.no_token(realm, "There is no token after `Bearer`; request one from the token endpoint.")
    try:
        return token_issuer.verify(authorization.token, now)
    except TokenRefused as refused:
        raise refuse.invalid_token(realm, refused.reason) from None


def client_of(authorization: Authorization) -> str | None:
    """Returns the client that a bearer token names, without verifying the token."""
    client = _unverified(authorization.token).get("azp") if authorization.scheme == "bearer" else None
    return client if isinstance(client, str) else None


def _granted(account: Account, requested: frozenset[str] | None, *, unasked: bool) -> frozenset[str]:
    if requested is None:
        return account.scopes if unasked else frozenset()
    if not (granted := requested & account.scopes):
        scopes = " ".join(sorted(account.scopes)) or "no scope"
        comma = " Blanks stand between them, and no commas." if any("," in name for name in requested) else ""
        detail = f"Nothing of that is granted to this client; {scopes} is. Names are case sensitive.{comma}"
        raise refuse.invalid_scope(detail)
    return granted


def _text(payload: Mapping[str, Any], name: str) -> str:
    value = payload.get(name)
    if not isinstance(value, str):
        raise TokenRefused(f"The claim {name} is missing, or is not text.")
    return value


def _moment(payload: Mapping[str, Any], name: str, *, default: Epoch | None = None) -> Epoch:
    """Returns a NumericDate (RFC 7519 §2) in whole seconds, rounded up, which is exact for a clock of whole seconds."""
    value = payload.get(name, default)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LAST_SECOND:
        return ceil(value)
    raise TokenRefused(f"The claim {name} is missing, or is not in seconds since the epoch.")


def _is_issuer(iss: str, provider: str) -> bool:
    """Returns whether an issuer is this provider, with any host name; on a port of its own, a provider has no path."""
    try:
        url = urlsplit(iss)
    except ValueError:
        return False
    path = without_sandbox(url.path)
    return url.scheme in ("http", "https") and (path == "/" or path.endswith(f"/{provider}/"))


def without_sandbox(path: str) -> str:
    """Returns the path of a URL without the sandbox that it may begin with."""
    return _SANDBOX_IN_PATH.sub("/", path)


def _jti(token_or_jti: str) -> str:
    return str(_unverified(token_or_jti).get("jti", token_or_jti))


@cached_when_short(256, 4096)
def _unverified(token: str) -> Mapping[str, Any]:
    """Returns the claims of a token without verifying its signature; none when it is no token."""
    try:
        claims = orjson.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    except (ValueError, IndexError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _with_slash(issuer: str) -> str:
    return issuer.rstrip("/") + "/"
