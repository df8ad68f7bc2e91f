"""Redaction of credentials from everything that the journal keeps, wherever a client put them."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable

import orjson

from mockserver.foundation.caches import cached_when_short
from mockserver.foundation.problems import excerpt
from mockserver.foundation.secret_members import (
    HINTS,
    MASK,
    clean_encoded,
    masked_members,
    masked_pairs,
    may_have_secrets,
)

_MASK = MASK.encode()
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*")
"""Matches a JWT or the beginning of one, and any other JSON object in base64; `_token` tells them apart."""
_ALGORITHMS = frozenset({"alg", "enc"})
"""The header of every JWT has one of these members (RFC 7515 §4.1.1)."""
_MAX_LINES = 512
"""The most redacted lines in the cache; clients repeat their addresses."""
_MAX_LENGTH = 200
"""The most characters of one of them."""


_SECRET_HEADERS = (
    *(b"authorization", b"authentication", b"cookie", b"token", b"secret", b"api-key", b"apikey"),
    *(b"password", b"session", b"subscription-key", b"assertion"),
)


@cached_when_short(256, 60)
def _is_secret_header(name: bytes) -> bool:
    lowered = name.lower()
    return any(hint in lowered for hint in _SECRET_HEADERS)


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
    named = any(hint in raw.lower() for hint in HINTS)
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
        return masked_members(text, self._clean) if may_have_secrets(window) else text

    def headers(self, headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
        """Returns the headers without secrets: secret headers by their name, all others by their value."""
        masked = tuple([(name, _MASK if _is_secret_header(name) else value) for name, value in headers])
        together = b"\n".join([value for _, value in masked])
        # A question mark, an ampersand and a percent sign are those of an address, in which anything may be.
        if not (b"eyJ" in together or b"?" in together or b"&" in together or b"%" in together):
            for _, secret in self._secrets:
                if secret in together:
                    break
            else:
                return masked
        return tuple((name, self._line_in_bytes(value)) for name, value in masked)

    def _line_in_bytes(self, line: bytes) -> bytes:
        return self.line(line.decode("latin-1")).encode("latin-1", "replace")

    def line(self, text: str) -> str:
        """Returns a path or a query string without secrets."""
        clean = self._lines.get(text)
        if clean is None:
            clean = masked_pairs(self._clean(text))
            # A note may repeat a whole body, which was taken for a name.
            clean = masked_members(clean, self._clean) if ":" in clean else clean_encoded(clean, self._clean)
            # The cache has only lines without a secret: a secret must not stay in memory as a key.
            if clean == text and len(self._lines) < _MAX_LINES and len(text) < _MAX_LENGTH:
                self._lines[text] = clean
        return clean

    def _clean(self, text: str) -> str:
        """Returns a text without known secrets and without tokens, as they are in plain letters."""
        for secret, _ in self._secrets:
            if secret in text:
                text = text.replace(secret, MASK)
        return _TOKEN.sub(_token, text) if "eyJ" in text else text


_ANYBODY = Redactor()


def loggable(path: str, redactor: Redactor = _ANYBODY) -> str:
    """Returns the path of a call for a line of the log: short, without secrets, and without marks that end a line."""
    line = excerpt(redactor.line(path), _MAX_LENGTH)
    return "".join(mark if mark.isprintable() else f"%{ord(mark):02X}" for mark in line)


__all__ = ["MASK", "Redactor", "loggable"]
