"""A ring of keys signs tokens with the current key, and verifies those of retired keys until they have expired."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.foundation.caches import cached_when_short
from mockserver.foundation.clock import iso
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.records import RecordFormat, RecordTable, RecordValue
from mockserver.foundation.resources import resource
from mockserver.foundation.stateful import RecordedComponent
from mockserver.foundation.weak_methods import weakly
from mockserver.provider_api.auth.oauth_errors import TokenRefused
from mockserver.provider_api.auth.signing_key import ALGORITHM, KeyRingError, SigningKey

if TYPE_CHECKING:
    from joserfc.jws import CompactSignature, JWSRegistry

# joserfc is imported inside functions: it takes 24 ms, which a start without OAuth2 should not pay.

_MAX_LENGTH = 8192
"""The most characters of an accepted token; ours have about 800."""
_MAX_CACHED = 4_096
"""The most characters of a token that is kept with its payload, or with the reason why it is refused."""
_NO_JWT = "The token is not a JWT: three base64url parts, joined by dots, are needed."
_LEAST_EXPONENT = 65_537
"""Some verifiers accept no smaller public exponent (FIPS 186)."""
_MAX_RETIRED = 32
"""The most retired keys of a ring."""

_EXPONENT: RecordFormat[None, int] = RecordFormat("exponent")
_EXPIRY: RecordFormat[None, Epoch] = RecordFormat("expiry")
_RETIRED: RecordFormat[int, Epoch] = RecordFormat("retired/", key=int)


class TooManyKeys(ValueError):
    """A rotation that would need more keys than a ring holds; the message is one sentence."""


class KeyRing(RecordedComponent):
    """The current key and the retired ones. It has no clock: its methods take the present moment as an argument.

    A rotation takes the next public exponent for the same primes. So every process that has the first key derives the
    later ones at once, they are the same in every run, and the records of a ring have no secret. A rotation gives
    clients another key to fetch; it is no remedy for a private key that somebody else knows.

    It is a `StatefulComponent` with the records `exponent` of the current key, `expiry`, and `retired/EXPONENT`, the
    moment at which the last token of that key expires.
    """

    def __init__(self, key: SigningKey) -> None:
        self._first = key
        self.current = key
        self._exponent = RecordValue(_EXPONENT, key.exponent, applied=weakly(self._use))
        self._last_expiry = RecordValue(_EXPIRY, 0)
        self._ends = RecordTable(_RETIRED, applied=weakly(self._retire))
        self._retired: dict[str, tuple[SigningKey, Epoch]] = {}
        """The retired keys by their ids, each with its end."""
        super().__init__(self._exponent, self._last_expiry, self._ends)

    @classmethod
    def from_file(cls, path: Path | None) -> "KeyRing":
        """Returns a ring of the private RSA key in a PEM or JWK file, or of the development key.

        The development key is published with this program, so that two runs sign alike. Raises `KeyRingError`.
        """
        return cls(_cached_key(path))

    def rotate(self, now: Epoch, lifetime: int) -> None:
        """Signs with another key from now on. The old key stays valid for `lifetime` seconds, or longer.

        It stays valid until its last token expires, which is later when the clock was set back after that token.
        Raises `TooManyKeys`.
        """
        if len(self._ends) >= _MAX_RETIRED:
            self._drop_retired(now)
        exponent = self._exponent.value
        self._ends[exponent] = max(now + lifetime, self.last_expiry)
        self._exponent.set(_derived_key(self._first, max(exponent, _LEAST_EXPONENT) + 1).exponent)

    def _drop_retired(self, now: Epoch) -> None:
        # An ended key stays while there is room: a clock that is set back makes its tokens good again.
        exponent, until = min(self._ends.items(), key=lambda entry: entry[1])
        if now < until:
            sentence = "retired keys have tokens that are still good; the first ends at"
            raise TooManyKeys(f"{_MAX_RETIRED} {sentence} {iso(until)}.")
        del self._ends[exponent]

    @property
    def last_expiry(self) -> Epoch:
        """The moment at which the last of the tokens that were signed so far expires."""
        return self._last_expiry.value

    def reset(self) -> None:
        """Signs with the first key again, as if there had been neither a rotation nor a token."""
        super().reset()
        self._retired.clear()

    def _use(self, exponent: int) -> None:
        self.current = _derived_key(self._first, exponent)

    def _retire(self, exponent: int, old: Epoch | None, until: Epoch | None) -> None:
        key = _derived_key(self._first, exponent)
        if until is None:
            del self._retired[key.kid]
        else:
            self._retired[key.kid] = (key, until)

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
        """Returns the JWK set (RFC 7517 §5) of the valid public keys, the newest first."""
        retired = [key for key, until in self._retired.values() if now < until]
        retired.sort(key=lambda key: key.exponent, reverse=True)
        return {"keys": [key.public() for key in (self.current, *retired)]}

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Returns a JWT of the claims, signed with the current key; `exp` is needed. Equal claims give equal tokens."""
        from joserfc import jwt

        if claims["exp"] > self.last_expiry:
            self._last_expiry.set(claims["exp"])
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": self.current.kid}
        return jwt.encode(header, dict(claims), self.current.rsa, algorithms=[ALGORITHM], default_type=None)

    def open(self, token: str, now: Epoch) -> tuple[str, dict[str, Any]]:
        """Returns the kid and the payload of a token that a key of this ring signed. Raises `TokenRefused`."""
        if len(token) > _MAX_LENGTH:
            raise TokenRefused(f"The token is longer than {_MAX_LENGTH} characters.")
        if (header := _header_of(token)) is None:
            raise TokenRefused(_NO_JWT)
        key = self._key_of(header[0], now)
        opened = _opened(token, key) if len(token) <= _MAX_CACHED else _open(token, key)
        if isinstance(opened, str):
            raise TokenRefused(opened)
        return key.kid, _payload(opened)

    def _key_of(self, header: object, now: Epoch) -> SigningKey:
        # Checked before joserfc gets a key: the token names the algorithm, and must not be able to choose it.
        if not isinstance(header, dict) or header.get("alg") != ALGORITHM:
            raise TokenRefused(f"The token does not say that it is signed with {ALGORITHM}; no other is accepted.")
        if "crit" in header:
            raise TokenRefused("The header of the token has crit; no extension is understood here.")
        return self.need(header.get("kid"), now)


@lru_cache(8)
def _cached_key(path: Path | None) -> SigningKey:
    """Returns a key that is read and parsed once, for any number of rings."""
    if path is not None:
        return SigningKey.from_file(path)
    return SigningKey(orjson.loads(resource("fixtures", "keys", "development.json").read_bytes()))


@lru_cache(256)
def _derived_key(first: SigningKey, exponent: int) -> SigningKey:
    """Returns a key that is derived and parsed once, for any number of rings."""
    return first if exponent == first.exponent else first.with_exponent(exponent)


@cached_when_short(256, _MAX_CACHED)
def _header_of(token: str) -> tuple[object] | None:
    """Returns the header of a token, of which nothing is verified, alone in a tuple; None when it is no JWT."""
    from joserfc.errors import JoseError

    try:
        return (_extracted(token).protected,)
    # joserfc does not check the types of header members: a wrong one may be a TypeError.
    except (JoseError, ValueError, TypeError):
        return None


def _open(token: str, key: SigningKey) -> bytes | str:
    """Returns the payload of a token that the key signed, or the reason why it is none."""
    from joserfc import jws
    from joserfc.errors import BadSignatureError, JoseError

    try:
        signed = _extracted(token)
        if jws.validate_compact(signed, key.rsa, registry=_registry()):
            return signed.payload
    except BadSignatureError:
        pass
    except (JoseError, ValueError, TypeError):
        return _NO_JWT
    return "The signature does not fit the token: it was altered, or signed by another."


_opened = lru_cache(256)(_open)
"""The same for tokens that came before: clients that are refused send the same token again."""


def _extracted(token: str) -> "CompactSignature":
    from joserfc import jws

    return jws.extract_compact(token.encode(), registry=_registry())


@lru_cache(1)
def _registry() -> "JWSRegistry":
    from joserfc import jws

    # An unknown header member must be ignored (RFC 7515 §4); joserfc refuses it by default.
    return jws.JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)


def _payload(raw: bytes) -> dict[str, Any]:
    try:
        payload = orjson.loads(raw)
    except orjson.JSONDecodeError:
        payload = None
    if not isinstance(payload, dict):
        raise TokenRefused("The payload of the token is not a JSON object.")
    return payload


__all__ = ["KeyRing", "KeyRingError", "SigningKey", "TooManyKeys"]
