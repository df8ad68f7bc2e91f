"""RSA keys that sign tokens: read from files, derived from one another, shown as JWKs."""

import hashlib
import json
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from math import gcd, isqrt, lcm
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.foundation.dataclass import dataclass

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

# joserfc is imported inside functions: it takes 24 ms, which a start without OAuth2 should not pay.

ALGORITHM = "RS256"
_NUMBERS = ("n", "e", "d", "p", "q", "dp", "dq", "qi")


class KeyRingError(ValueError):
    """A signing key that cannot be used; the message is one sentence that says what would be right."""


@dataclass(frozen=True, eq=False)
class SigningKey:
    """A private RSA key, which is parsed at its first use, not when it is created."""

    members: Mapping[str, str] = field(repr=False)
    """The members of its JWK (RFC 7518 §6.3)."""

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

    @property
    def exponent(self) -> int:
        """The public exponent, which tells the keys of one ring apart."""
        return _number(self.members["e"])

    def with_exponent(self, exponent: int) -> "SigningKey":
        """Returns the key of the same primes with that public exponent, or with the first one after it that fits."""
        p, q = (_number(self.members[name]) for name in ("p", "q"))
        while not _is_prime(exponent) or gcd(exponent, (p - 1) * (q - 1)) != 1:
            exponent += 1
        d = pow(exponent, -1, lcm(p - 1, q - 1))
        numbers = {"e": exponent, "d": d, "dp": d % (p - 1), "dq": d % (q - 1)}
        return SigningKey({**self.members, **{name: _base64(number) for name, number in numbers.items()}})

    def public(self) -> dict[str, str]:
        """Returns the public key as a member of a JWK set."""
        public = {"kty": "RSA", "use": "sig", "alg": ALGORITHM, "kid": self.kid}
        return {**public, "n": self.members["n"], "e": self.members["e"]}


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


def _base64(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


def _is_prime(number: int) -> bool:
    return number % 2 == 1 and all(number % factor for factor in range(3, isqrt(number) + 1, 2))
