"""Keys that sign tokens with RS256: the current one, and retired ones until their tokens have expired."""

import hashlib
import json
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.foundation.epoch import Epoch
from mockserver.foundation.resources import resource
from mockserver.provider_api.auth.oauth_errors import TokenRefused

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

# joserfc is imported inside functions: it takes 24 ms, which a start without OAuth2 should not pay.

_ALGORITHM = "RS256"
_LONGEST = 8192
"""The most characters of an accepted token; ours have about 800."""
_NUMBERS = ("n", "e", "d", "p", "q", "dp", "dq", "qi")


class KeyRingError(ValueError):
    """A signing key that cannot be used; the message is one sentence that says what would be right."""


@dataclass(frozen=True, eq=False)
class SigningKey:
    """A private RSA key, which is parsed at its first use, not when it is created."""

    members: Mapping[str, str] = field(repr=False)
    """The members of its JWK (RFC 7518 §6.3)."""

    @classmethod
    def generate(cls) -> "SigningKey":
        """Returns a new key of 2048 bits, which takes 30 ms or more and is different in every run."""
        from joserfc.jwk import RSAKey

        return cls(_members(RSAKey.generate_key(2048)))

    @classmethod
    def from_file(cls, path: Path) -> "SigningKey":
        """Returns the private key of a PEM or JWK file. Raises `KeyRingError`."""
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise KeyRingError(f"The signing key {path} cannot be read: {error.strerror}.") from None
        return cls(_members(_parse(raw, path)))

    @cached_property
    def kid(self) -> str:
        """The RFC 7638 thumbprint of the key, which is the same everywhere."""
        required = {name: self.members[name] for name in ("e", "kty", "n")}
        digest = hashlib.sha256(json.dumps(required, separators=(",", ":")).encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    @cached_property
    def rsa(self) -> "RSAKey":
        """The key as an object of joserfc."""
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers, RSAPublicNumbers
        from joserfc.jwk import RSAKey

        n, e, d, p, q, dp, dq, qi = (_number(self.members[name]) for name in _NUMBERS)
        numbers = RSAPrivateNumbers(p, q, d, dp, dq, qi, RSAPublicNumbers(e, n))
        # The numbers were validated when the key was read; validating them again takes 60 ms.
        return RSAKey.import_key(numbers.private_key(unsafe_skip_rsa_key_validation=True))

    def public(self) -> dict[str, str]:
        """Returns the public key as a member of a JWK set."""
        public = {"kty": "RSA", "use": "sig", "alg": _ALGORITHM, "kid": self.kid}
        return {**public, "n": self.members["n"], "e": self.members["e"]}


class KeyRing:
    """The current key and the retired ones. It has no clock: its methods take the present moment as an argument."""

    def __init__(self, key: SigningKey) -> None:
        self.current = key
        self._retired: dict[str, tuple[SigningKey, Epoch]] = {}
        self._last_expiry: Epoch = 0

    @classmethod
    def development(cls) -> "KeyRing":
        """Returns a ring of the development key, which is published with this program, so that two runs sign alike."""
        return cls(_cached_key(None))

    @classmethod
    def from_file(cls, path: Path | None) -> "KeyRing":
        """Returns a ring of the private RSA key in a PEM or JWK file, or of the development key.

        Raises `KeyRingError`.
        """
        return cls(_cached_key(path))

    def rotate(self, new_key: SigningKey, now: Epoch, lifetime: int) -> None:
        """Signs with another key from now on. The old key stays valid for `lifetime` seconds, or longer.

        It stays valid until its last token expires, which is later when the clock was set back after that token.
        """
        until = max(now + lifetime, self._last_expiry)
        self._retired[self.current.kid] = (self.current, until)
        self._retired.pop(new_key.kid, None)
        self.current = new_key

    def find(self, kid: str, now: Epoch) -> SigningKey | None:
        """Returns the key with an id, if tokens that it signed are still valid."""
        if kid == self.current.kid:
            return self.current
        key, until = self._retired.get(kid, (None, 0))
        return key if now < until else None

    def need(self, kid: object, now: Epoch) -> SigningKey:
        """Returns the key with an id. Raises `TokenRefused` when there is none, or no longer."""
        key = self.find(kid, now) if isinstance(kid, str) else None
        if key is None:
            raise TokenRefused("The kid of the token names no key that is in use here; see the JWK set.")
        return key

    def jwks(self, now: Epoch) -> dict[str, list[dict[str, str]]]:
        """Returns the JWK set (RFC 7517 §5) of the valid public keys, the current one first."""
        retired = [key for key, until in self._retired.values() if now < until]
        return {"keys": [key.public() for key in (self.current, *reversed(retired))]}

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Returns a JWT of the claims, signed with the current key; `exp` is needed. Equal claims give equal tokens."""
        from joserfc import jwt

        self._last_expiry = max(self._last_expiry, claims["exp"])
        header = {"alg": _ALGORITHM, "typ": "JWT", "kid": self.current.kid}
        return jwt.encode(header, dict(claims), self.current.rsa, algorithms=[_ALGORITHM], default_type=None)

    def open(self, token: str, now: Epoch) -> tuple[str, dict[str, Any]]:
        """Returns the kid and the payload of a token that a key of this ring signed. Raises `TokenRefused`."""
        from joserfc import jws
        from joserfc.errors import BadSignatureError, JoseError

        if len(token) > _LONGEST:
            raise TokenRefused(f"The token is longer than {_LONGEST} characters.")
        # An unknown header member must be ignored (RFC 7515 §4); joserfc refuses it by default.
        registry = jws.JWSRegistry(algorithms=[_ALGORITHM], strict_check_header=False)
        try:
            signed = jws.extract_compact(token.encode(), registry=registry)
            key = self._key_of(signed.protected, now)
            if not jws.validate_compact(signed, key.rsa, registry=registry):
                raise BadSignatureError
        except BadSignatureError:
            raise TokenRefused("The signature does not fit the token: it was altered, or signed by another.") from None
        # joserfc does not check the types of header members: a wrong one may be a TypeError.
        except (JoseError, ValueError, TypeError):
            raise TokenRefused("The token is not a JWT: three base64url parts, joined by dots, are needed.") from None
        return key.kid, _payload(signed.payload)

    def _key_of(self, header: object, now: Epoch) -> SigningKey:
        # Checked before joserfc gets a key: the token names the algorithm, and must not be able to choose it.
        if not isinstance(header, dict) or header.get("alg") != _ALGORITHM:
            raise TokenRefused(f"The token does not say that it is signed with {_ALGORITHM}; no other is accepted.")
        if "crit" in header:
            raise TokenRefused("The header of the token has crit; no extension is understood here.")
        return self.need(header.get("kid"), now)


@lru_cache(8)
def _cached_key(path: Path | None) -> SigningKey:
    """Returns a key that is read and parsed once, for any number of rings."""
    if path is not None:
        return SigningKey.from_file(path)
    return SigningKey(orjson.loads(resource("fixtures", "keys", "development.json").read_bytes()))


def _payload(raw: bytes) -> dict[str, Any]:
    try:
        payload = orjson.loads(raw)
    except orjson.JSONDecodeError:
        payload = None
    if not isinstance(payload, dict):
        raise TokenRefused("The payload of the token is not a JSON object.")
    return payload


def _parse(raw: bytes, path: Path) -> "RSAKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from joserfc.errors import JoseError, SecurityWarning
    from joserfc.jwk import RSAKey

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # about short keys, which are refused below
            key = RSAKey.import_key(json.loads(raw) if raw.lstrip().startswith(b"{") else raw)
    # A key with a password is a TypeError.
    except (JoseError, ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyRingError(f"{path} is not an RSA key as PEM (without a password) or as one JWK.") from None
    if not key.is_private or key.raw_value.key_size < 2048:
        raise KeyRingError(f"{path} cannot sign: a private RSA key of at least 2048 bits is needed.")
    return key


def _members(key: "RSAKey") -> dict[str, str]:
    from joserfc.jwk import RSAKey

    # The key is imported again from its numbers, so that only these are left, in one spelling.
    members = RSAKey.import_key(key.raw_value).as_dict(private=True)
    return {name: str(members[name]) for name in ("kty", *_NUMBERS)}


def _number(text: str) -> int:
    return int.from_bytes(urlsafe_b64decode(text + "=="), "big")
