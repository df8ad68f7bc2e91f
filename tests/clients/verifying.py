"""Verification of tokens as clients do it: RS256 with a public key, in plain Python (RFC 8017 §8.2.2)."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from hashlib import sha256

_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")


def key_id(token: str) -> str:
    """The id of the key that a token says it is signed with."""
    return str(json.loads(_decoded(token.split(".")[0]))["kid"])


def verifies(token: str, key: Mapping[str, str] | None) -> bool:
    """Whether that key signed the token; none did not."""
    if key is None:
        return False
    signed, _, signature = token.rpartition(".")
    modulus, exponent = _number(key["n"]), _number(key["e"])
    size = (modulus.bit_length() + 7) // 8
    digest = _SHA256 + sha256(signed.encode()).digest()
    expected = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    return pow(_number(signature), exponent, modulus).to_bytes(size, "big") == expected


def _number(text: str) -> int:
    return int.from_bytes(_decoded(text), "big")


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
