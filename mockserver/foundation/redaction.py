"""Redaction of credentials from everything that the journal keeps, wherever a client put them."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from functools import lru_cache

import orjson

MASK = "[redacted]"
_MASK = MASK.encode()

SECRET_NAMES = r"password|passwd|secret|client_secret|token|access_token|refresh_token|id_token|api_?key|authorization"
_HINTS = (b"passw", b"secret", b"token", b"api", b"authorization")
# A value may be a text, an array, an object or bare; cut off by the bound on bodies, it ends with what is left.
_TEXT = r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)'
_MEMBER = re.compile(
    rf'("(?:{SECRET_NAMES})"\s*:\s*)({_TEXT}|\[[^\]]*(?:\]|\Z)|\{{[^}}]*(?:\}}|\Z)|[^\s",}}\]]+)', re.IGNORECASE
)
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*")
"""Matches a JWT or the beginning of one, and any other JSON object in base64; `_token` tells them apart."""
_ALGORITHMS = frozenset({"alg", "enc"})
"""The header of every JWT has one of these members (RFC 7515 §4.1.1)."""
_PAIR = re.compile(rf"((?:^|[?&])(?:{SECRET_NAMES})=)[^&]*", re.IGNORECASE)
_MAX_LINES = 512
"""The most redacted lines in the cache; clients repeat their addresses."""


@lru_cache(256)
def _is_secret_header(name: bytes) -> bool:
    return any(hint in name for hint in (b"authorization", b"cookie", b"token", b"secret", b"api-key", b"apikey"))


def _token(match: re.Match[str]) -> str:
    """Returns the mask, or the text itself when it is a cursor.

    A cursor is one whole JSON object in base64 that is no JWT header and has no name of a secret in it. The beginning
    of a truncated token is no whole object.
    """
    text = match[0]
    try:
        raw = b"" if "." in text else urlsafe_b64decode(text + "=" * (-len(text) % 4))
        members = orjson.loads(raw)
    except ValueError:
        return MASK
    named = any(hint in raw.lower() for hint in _HINTS)
    return text if isinstance(members, dict) and not named and not _ALGORITHMS & members.keys() else MASK


class Redactor:
    """Removes the secrets of one sandbox, and the value of everything that is named like a secret."""

    def __init__(self) -> None:
        self._secrets: list[tuple[str, bytes]] = []
        self._lines: dict[str, str] = {}

    def add(self, secret: str) -> None:
        """Adds a secret. Text that was redacted before stays as it is."""
        if secret and (secret, secret.encode()) not in self._secrets:
            self._secrets.append((secret, secret.encode()))
            self._lines.clear()

    def body(self, raw: bytes, limit: int) -> str:
        """Returns the first `limit` bytes of a body as text without secrets; bytes that are not UTF-8 become �."""
        cut = limit
        for _, secret in self._secrets:
            # A secret that begins before the limit and ends after it would leave its first half in the text.
            across = raw.find(secret, max(0, limit - len(secret) + 1), limit + len(secret) - 1)
            if 0 <= across < cut:
                cut = across
        window = raw[:cut]
        for _, secret in self._secrets:
            if secret in window:
                window = window.replace(secret, _MASK)
        text = window.decode("utf-8", "replace")
        if "eyJ" in text:
            text = _TOKEN.sub(_token, text)
        lowered = window.lower()
        for hint in _HINTS:
            if hint in lowered:
                return _PAIR.sub(rf"\g<1>{MASK}", _MEMBER.sub(rf'\g<1>"{MASK}"', text))
        return text

    def headers(self, headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
        """Returns the headers without secrets: secret headers by their name, all others by their value."""
        masked = tuple((name, _MASK if _is_secret_header(name) else value) for name, value in headers)
        together = b"\n".join(value for _, value in masked)
        if b"eyJ" in together or any(secret in together for _, secret in self._secrets):
            return tuple((name, self.line(value.decode("latin-1")).encode("latin-1")) for name, value in masked)
        return masked

    def line(self, text: str) -> str:
        """Returns a path or a query string without secrets."""
        clean = self._lines.get(text)
        if clean is None:
            clean = text
            for secret, _ in self._secrets:
                clean = clean.replace(secret, MASK)
            clean = _TOKEN.sub(_token, _PAIR.sub(rf"\g<1>{MASK}", clean))
            # The cache has only lines without a secret: a secret must not stay in memory as a key.
            if clean == text and len(self._lines) < _MAX_LINES and len(text) < 200:
                self._lines[text] = clean
        return clean
