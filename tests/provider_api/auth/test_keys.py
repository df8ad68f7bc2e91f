"""Rings of keys: what a rotation derives, and the records from which another process has the same ring."""

import itertools
import json
from base64 import urlsafe_b64decode
from math import gcd

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import RSAKey

from mockserver.provider_api.auth.keys import KeyRing, TooManyKeys
from tests.conftest import NOW
from tests.support.keys import foreign_key

LIFETIME = 100


def kids(ring: KeyRing, now: int = NOW) -> list[str]:
    """The ids of the keys in the JWK set."""
    return [key["kid"] for key in ring.jwks(now)["keys"]]


def number(text: str) -> int:
    return int.from_bytes(urlsafe_b64decode(text + "=="), "big")


def rotated(times: int, ring: KeyRing | None = None) -> KeyRing:
    """A ring that was rotated so often, once a second."""
    ring = ring or KeyRing.from_file(None)
    for at in range(times):
        ring.rotate(NOW + at, LIFETIME)
    return ring


@pytest.mark.parametrize("ring", [KeyRing.from_file(None), KeyRing(foreign_key())], ids=["published", "own"])
def test_a_derived_key_is_a_good_rsa_key_of_its_own(ring: KeyRing) -> None:
    keys = [ring.current, *(rotated(1, ring).current for _ in range(5))]
    assert len({key.kid for key in keys}) == 6
    assert [key.exponent for key in keys] == sorted({key.exponent for key in keys})
    for key in keys[1:]:
        e, d, p, q = (number(key.members[name]) for name in ("e", "d", "p", "q"))
        assert e > 65_537
        assert all(e % factor for factor in range(2, 300))
        assert gcd(e, (p - 1) * (q - 1)) == 1
        assert pow(pow(12_345, e, p * q), d, p * q) == 12_345
        # The library checks that all numbers fit together.
        parsed = RSAKey.import_key(dict(key.members))
        assert parsed.is_private
        assert parsed.thumbprint() == key.kid


def test_each_key_verifies_its_own_tokens_alone() -> None:
    ring, tokens, publics = KeyRing.from_file(None), {}, {}
    for _ in range(3):
        kid = ring.current.kid
        tokens[kid] = ring.sign({"exp": NOW + LIFETIME})
        publics[kid] = RSAKey.import_key({name: ring.current.public()[name] for name in ("kty", "n", "e")})
        ring.rotate(NOW, LIFETIME)
    for signer, verifier in itertools.product(tokens, publics):
        if signer == verifier:
            assert jwt.decode(tokens[signer], publics[verifier], algorithms=["RS256"]).claims == {"exp": NOW + LIFETIME}
        else:
            with pytest.raises(BadSignatureError):
                jwt.decode(tokens[signer], publics[verifier], algorithms=["RS256"])


def test_a_key_that_is_cached_under_another_kid_verifies_nothing() -> None:
    ring = KeyRing.from_file(None)
    old = RSAKey.import_key({name: ring.current.public()[name] for name in ("kty", "n", "e")})
    ring.rotate(NOW, LIFETIME)
    with pytest.raises(BadSignatureError):
        jwt.decode(ring.sign({"exp": NOW + LIFETIME}), old, algorithms=["RS256"])


def test_two_runs_derive_the_same_keys() -> None:
    assert kids(rotated(4)) == kids(rotated(4))


def test_the_records_make_the_same_ring_elsewhere_and_have_no_secret() -> None:
    ring = rotated(3)
    ring.sign({"exp": NOW + 5 * LIFETIME})
    records = json.loads(json.dumps(ring.dump()))
    assert set(map(type, records.values())) == {int}
    for order in (list(records.items()), list(records.items())[::-1]):
        other = KeyRing.from_file(None)
        for key, value in order:
            other.load(key, value)
        assert other.dump() == records
        for moment in (NOW, NOW + LIFETIME, NOW + LIFETIME + 1, NOW + LIFETIME + 2):
            assert kids(other, moment) == kids(ring, moment)
        for key in records:
            other.load(key, None)
        assert other.dump() == {}
        assert kids(other) == kids(KeyRing.from_file(None))


def test_records_of_another_first_key_are_no_harm() -> None:
    ring = KeyRing(foreign_key())
    for key, value in rotated(2).dump().items():
        ring.load(key, value)
    assert len(kids(ring)) == 3
    assert not set(kids(ring)) & set(kids(rotated(2)))


def test_an_exponent_that_does_not_fit_the_primes_is_passed_over() -> None:
    key = KeyRing.from_file(None).current
    even = key.with_exponent(65_538)
    assert even.exponent == 65_539
    assert even.kid == key.with_exponent(65_539).kid


def test_retired_keys_are_bounded_and_an_ended_one_makes_room() -> None:
    ring = rotated(32)
    assert len(kids(ring)) == 33
    with pytest.raises(TooManyKeys, match=r"^32 retired keys have tokens that are still good; the first ends at 2026"):
        ring.rotate(NOW + LIFETIME - 1, LIFETIME)
    assert len(kids(ring)) == 33, "nothing was changed"
    ring.rotate(NOW + LIFETIME, LIFETIME)
    assert len(kids(ring)) == 33
    assert len(ring.dump()) == 33
