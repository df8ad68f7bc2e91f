"""Secrets that are told by what they are, not by a name: credentials behind a scheme or in an address, and base64."""

import re
from base64 import b64decode, b64encode, urlsafe_b64encode

from mockserver.foundation.patterns import late_pattern

MASK = "[redacted]"

_SCHEME = late_pattern(r"\b(bearer|basic)((?:\s|\+|%20){1,8})([\w.~+/-]{4,}+={0,2})", re.IGNORECASE | re.ASCII)
_WORD = late_pattern("[a-z]{1,16}")
"""An ordinary word, as in "HTTP Basic credentials"."""
_USERINFO = late_pattern(r"(://)[^/\s@\"'?#]{1,500}(?=@)")
_USERINFO_BYTES = late_pattern(rb"://[^/\s@\"'?#]{1,500}@")
_LEAST = 12
"""The fewest bytes of a secret that is looked for in base64: a short one would be found by chance."""


def masked_credentials(text: str) -> str:
    """Returns a text without the credentials behind the names `Bearer` and `Basic`, and those in addresses."""
    lowered = text.lower()
    if "bearer" in lowered or "basic" in lowered:
        text = _SCHEME.sub(_mask_scheme, text)
    return _USERINFO.sub(rf"\1{MASK}", text) if "@" in text and "://" in text else text


def has_userinfo(raw: bytes) -> bool:
    """Tells whether there is an address with credentials in a text."""
    return b"@" in raw and b"://" in raw and _USERINFO_BYTES.search(raw) is not None


def base64_forms(secret: str) -> set[str]:
    """Returns what a text in base64 has in it when the secret is anywhere in what it stands for.

    A secret may begin at each of the three bytes for which four letters stand; letters that its neighbours change,
    too, are left out.
    """
    raw, forms = secret.encode(), set()
    if len(raw) < _LEAST:
        return set()
    for before in range(3):
        first, end = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            forms.add(encode(b"\0" * before + raw)[first:end].decode())
    return forms


def _mask_scheme(match: re.Match[str]) -> str:
    value = match[3]
    is_secret = _has_colon(value) if match[1].lower() == "basic" else not _WORD.fullmatch(value.rstrip("="))
    return f"{match[1]}{match[2]}{MASK}" if is_secret else match[0]


def _has_colon(value: str) -> bool:
    """Tells whether a text in base64 stands for a name and a password."""
    try:
        return b":" in b64decode(value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 4), altchars=None)
    except ValueError:
        return False
