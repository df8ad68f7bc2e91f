"""OAuth2 client credentials: who gets a token (RFC 6749 §4.4), and whether one that comes back is good (RFC 6750)."""

import hashlib
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hmac import compare_digest
from math import ceil
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson

from mockserver.foundation.clock import LAST_SECOND, iso
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.stateful import Keep
from mockserver.provider_api.auth import oauth_errors as refuse
from mockserver.provider_api.auth.keys import KeyRing
from mockserver.provider_api.auth.oauth_errors import TokenRefused
from mockserver.provider_api.auth.token_request import GRANT, TokenRequest
from mockserver.sandbox.accounts import Account

CUSTOMER = "customer_id"
"""The claim with the provider's id of the customer; its real name is not known."""
REALM = "mockserver_realm"
"""Our claim that ties a token to one provider in one sandbox: all of them share a key."""
GENERATION = "mockserver_generation"
"""Our claim that counts how often the tokens of a client were revoked before; absent while they never were."""

_SANDBOX_IN_PATH = re.compile("^/~[^/]+/")
_MAX_KNOWN = 1024
"""How many verified tokens are remembered; a client uses one for a day."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A fresh access token."""

    access_token: str = field(repr=False)
    expires_in: int
    """Seconds."""
    scope: str
    """The scopes that it carries, sorted, with a space between; may be fewer than asked for."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says of the call."""

    client: str
    customer: str
    scopes: frozenset[str]
    expires: Epoch
    """The first second at which it is no longer good."""
    jti: str
    audiences: frozenset[str] = frozenset()
    """Those of the authority's that it is for."""


class _Known(NamedTuple):
    claims: Claims
    not_before: Epoch
    generation: int
    kid: str


class TokenIssuer:
    """Issues and verifies the tokens of one provider in one sandbox. A `StatefulComponent`.

    Two with the same past issue the same tokens.
    """

    def __init__(
        self, provider: str, sandbox: str, keys: KeyRing, lifetime: int = 86_400, audiences: tuple[str, ...] = ()
    ) -> None:
        self.provider = provider
        self.keys = keys
        self.lifetime = lifetime
        self.audiences = audiences or (provider,)
        """Those that a token may be for; the first is the default."""
        self.keep: Keep | None = None
        self._realm = f"{provider}/{sandbox}"
        self._known: dict[str, _Known] = {}
        self.reset()

    def issue(
        self, account: Account, scopes: frozenset[str], audience: str | None, issuer: str, now: Epoch
    ) -> IssuedToken:
        """A token for the account. It carries the scopes as they are: whether they are granted is asked before."""
        self._issued += 1
        if self.keep:
            self.keep("issued", self._issued)
        scope = " ".join(sorted(scopes))
        unique = f"{self._realm}/{account.user}/{now}/{self._issued}"
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

    def verify(self, token: str, now: Epoch) -> Claims:
        """What the token says, when it is good at `now`. Raises `TokenRefused`. A second look costs no signature."""
        known = self._known.get(token) or self._remember(token, now)
        claims = known.claims
        self.keys.need(known.kid, now)
        # No leeway: the clock is ours, and a test that stops it one second early must see the difference.
        if now >= claims.expires:
            raise TokenRefused(f"The token expired at {iso(claims.expires)}; it is {iso(now)} now.")
        if now < known.not_before:
            raise TokenRefused(f"The token is not valid before {iso(known.not_before)}; it is {iso(now)} now.")
        if claims.jti in self._revoked or known.generation != self._generations.get(claims.client, 0):
            raise TokenRefused("The token was revoked; request another.")
        return claims

    def revoke(self, token_or_jti: str) -> None:
        """Refuses one token from now on. It is not verified: one that expired here may be good again, by the clock."""
        jti = _jti(token_or_jti)
        self._revoked.add(jti)
        if self.keep:
            self.keep(f"revoked/{jti}", True)

    def revoke_client(self, client: str) -> None:
        """Refuses every token that the client got so far. It may request new ones."""
        self._generations[client] = generation = self._generations.get(client, 0) + 1
        if self.keep:
            self.keep(f"generation/{client}", generation)

    def dump(self) -> Mapping[str, Any]:
        """How many were issued, the revoked ones by `revoked/jti`, generations by `generation/client`."""
        records: dict[str, Any] = {"issued": self._issued} if self._issued else {}
        records.update({f"revoked/{jti}": True for jti in self._revoked})
        records.update({f"generation/{client}": generation for client, generation in self._generations.items()})
        return records

    def load(self, key: str, value: Any | None) -> None:
        """See `StatefulComponent.load`."""
        kind, _, name = key.partition("/")
        if kind == "issued":
            self._issued = value or 0
        elif kind == "generation":
            self._generations.pop(name, None)
            if value is not None:
                self._generations[name] = value
        elif value is None:
            self._revoked.discard(name)
        else:
            self._revoked.add(name)

    def reset(self) -> None:
        """As if no token had ever been issued; one that was is good again until it expires."""
        self._issued = 0
        self._revoked: set[str] = set()
        self._generations: dict[str, int] = {}

    def _remember(self, token: str, now: Epoch) -> _Known:
        kid, payload = self.keys.open(token, now)
        known = _Known(self._read(payload), _moment(payload, "nbf", default=0), payload.get(GENERATION, 0), kid)
        if len(self._known) >= _MAX_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[token] = known
        return known

    def _read(self, payload: Mapping[str, Any]) -> Claims:
        if _text(payload, REALM) != self._realm:
            raise TokenRefused(f"The token is of another provider or sandbox; this is {self._realm}.")
        if not _is_issuer(_text(payload, "iss"), self.provider):
            raise TokenRefused(f"The issuer (iss) is not this provider; its path ends in /{self.provider}/.")
        aud = payload.get("aud")
        audiences = frozenset(known for known in self.audiences if known in (aud if isinstance(aud, list) else [aud]))
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
    token_issuer: TokenIssuer, accounts: Mapping[str, Account], request: TokenRequest, issuer: str, now: Epoch
) -> IssuedToken:
    """The token that the request gets. `accounts` are by client id. Raises `OAuthProblem`."""
    account = authenticate_client(accounts, request)
    # RFC 6749 knows no audience; a provider with a refusal of its own (Auth0: 403 access_denied) asks before us.
    if request.audience is not None and request.audience not in token_issuer.audiences:
        raise refuse.invalid_request(f"There is no such audience; send {' or '.join(token_issuer.audiences)}, or none.")
    return token_issuer.issue(account, _granted(account, request.scopes), request.audience, issuer, now)


def authenticate_client(accounts: Mapping[str, Account], request: TokenRequest) -> Account:
    """The account whose credentials the request has. Raises `OAuthProblem`."""
    account = accounts.get(request.client_id)
    if account is None or not compare_digest(account.secret.encode(), request.client_secret.encode()):
        detail = "The client id or the client secret is wrong; the index page `/` shows those that work."
        raise refuse.invalid_client(detail, by_header=request.by_header)
    return account


def check_bearer(header: str | None, token_issuer: TokenIssuer, now: Epoch) -> Claims:
    """The claims of an `Authorization` header. Raises a 401 `Problem`, which never repeats what was sent."""
    realm = token_issuer.provider
    if not header:
        raise refuse.no_token(realm, "There is no Authorization header; send `Bearer` and an access token.")
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        said = "HTTP Basic" if scheme.lower() == "basic" else "not Bearer"
        raise refuse.no_token(realm, f"The Authorization scheme is {said}; send `Bearer` and an access token.")
    token = token.strip()
    if not token:
        raise refuse.no_token(realm, "There is no token after `Bearer`; request one from the token endpoint.")
    try:
        return token_issuer.verify(token, now)
    except TokenRefused as refused:
        raise refuse.invalid_token(realm, refused.reason) from None


def client_of(header: str | None) -> str | None:
    """The client that the bearer token of an `Authorization` header claims to be of; nothing is verified."""
    scheme, _, token = (header or "").strip().partition(" ")
    client = _unverified(token).get("azp") if scheme.lower() == "bearer" else None
    return client if isinstance(client, str) else None


def require_scope(claims: Claims, scope: str, token_issuer: TokenIssuer) -> None:
    """Lets a token pass that carries the scope; names are case sensitive. Raises a 403 `Problem`."""
    if scope not in claims.scopes:
        raise refuse.insufficient_scope(token_issuer.provider, scope)


def discovery(
    issuer: str,
    scopes: Iterable[str] = (),
    *,
    token_path: str = "/oauth/token",
    jwks_path: str = "/.well-known/jwks.json",
) -> dict[str, Any]:
    """The document at `/.well-known/openid-configuration` (OpenID Connect Discovery §3, RFC 8414 §2).

    The paths are below the issuer; a contract may have them elsewhere.
    """
    base = _with_slash(issuer)
    document: dict[str, Any] = {
        "issuer": base,
        "token_endpoint": f"{base}{token_path[1:]}",
        "jwks_uri": f"{base}{jwks_path[1:]}",
        "grant_types_supported": [GRANT],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        # The standard wants these three members, though there is nobody to sign in here.
        "response_types_supported": ["none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    supported = sorted(scopes)
    return {**document, "scopes_supported": supported} if supported else document


def _granted(account: Account, asked: frozenset[str] | None) -> frozenset[str]:
    if asked is None:
        return account.scopes
    if not (granted := asked & account.scopes):
        known = " ".join(sorted(account.scopes)) or "no scope"
        raise refuse.invalid_scope(f"Nothing of that is granted to this client; {known} is. Names are case sensitive.")
    return granted


def _text(payload: Mapping[str, Any], name: str) -> str:
    value = payload.get(name)
    if not isinstance(value, str):
        raise TokenRefused(f"The claim {name} is missing, or is not text.")
    return value


def _moment(payload: Mapping[str, Any], name: str, *, default: Epoch | None = None) -> Epoch:
    """A NumericDate (RFC 7519 §2) in whole seconds. Rounded up, it says the same of a clock that counts those."""
    value = payload.get(name, default)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LAST_SECOND:
        return ceil(value)
    raise TokenRefused(f"The claim {name} is missing, or is not in seconds since the epoch.")


def _is_issuer(iss: str, provider: str) -> bool:
    """Whether it is this provider, under whatever host name the client knows it; alone on its port it has no path."""
    try:
        url = urlsplit(iss)
    except ValueError:
        return False
    path = _SANDBOX_IN_PATH.sub("/", url.path)
    return url.scheme in ("http", "https") and (path == "/" or path.endswith(f"/{provider}/"))


def _jti(token_or_jti: str) -> str:
    return str(_unverified(token_or_jti).get("jti", token_or_jti))


@lru_cache(256)
def _unverified(token: str) -> Mapping[str, Any]:
    """The claims of a token, whoever signed it; none when it is no token."""
    try:
        claims = orjson.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    except (ValueError, IndexError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _with_slash(issuer: str) -> str:
    return issuer.rstrip("/") + "/"
