"""Redaction of credentials from everything that the journal keeps, wherever a client put them."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable

import orjson

from mockserver.foundation.caches import cached_when_short
from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.problems import excerpt
from mockserver.foundation.secret_members import clean_encoded, masked_members, masked_pairs, may_have_secrets
from mockserver.foundation.secret_names import is_secret_name
from mockserver.foundation.secret_values import MASK, base64_forms, masked_credentials

_MASK = MASK.encode()
_TOKEN = late_pattern(r"eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*")
"""Matches a JWT or the beginning of one, and any other JSON object in base64; `_token` tells them apart."""
_ALGORITHMS = frozenset({"alg", "enc"})
"""The header of every JWT has one of these members (RFC 7515 §4.1.1)."""
_HINTS = (b"passw", b"secret", b"token", b"api", b"authorization")
"""Parts of names that no cursor has."""
_MAX_LINES = 512
"""The most redacted lines in the cache; clients repeat their addresses."""
_MAX_LENGTH = 200
"""The most characters of one of them."""
_MAX_HEADERS = 1_000
"""The most bytes of the values of headers that are known to have no secret, and are kept for who repeats them."""


_SECRET_HEADERS = (
    *(b"authorization", b"authentication", b"cookie", b"token", b"secret", b"api-key", b"apikey", b"passw"),
    *(b"subscription-key", b"session", b"assertion", b"jwt", b"credential"),
)


_MARKS = (b"?", b"&", b"%", b"@", b"=")
_SCHEMES = late_pattern(rb"(?i)bearer|basic")


@cached_when_short(256, 60)
def is_secret_header(name: bytes) -> bool:
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
    named = any(hint in raw.lower() for hint in _HINTS)
    return text if isinstance(members, dict) and not named and not _ALGORITHMS & members.keys() else MASK


class Redactor:
    """Removes the secrets of one sandbox, and the value of everything that is named like a secret."""

    def __init__(self) -> None:
        self._secrets: list[tuple[str, bytes]] = []
        self._encoded: list[tuple[str, bytes]] = []
        """What the secrets are in base64."""
        self.longest = 0
        """The most bytes of a known secret, as it is or in base64."""
        self._clean_headers: set[bytes] = set()
        self._lines: dict[str, str] = {}

    def add(self, secret: str) -> None:
        """Adds a secret. Text that was redacted before stays as it is."""
        if secret and (secret, secret.encode()) not in self._secrets:
            self._secrets.append((secret, secret.encode()))
            self._encoded += [(form, form.encode()) for form in sorted(base64_forms(secret))]
            self.longest = max(len(form) for _, form in (*self._secrets, *self._encoded))
            self._clean_headers.clear()
            self._lines.clear()

    def body(self, raw: bytes, limit: int, *, is_ours: bool = False) -> str:
        """Returns the first `limit` bytes of a body as text without secrets; bytes that are not UTF-8 become �.

        Of an answer of ours it is known where secrets can be, so that less is looked for.
        """
        cut = limit
        secrets = self._secrets if is_ours else self._secrets + self._encoded
        if len(raw) > limit:
            for _, secret in secrets:
                # A secret that begins before the limit and ends after it would leave its first half in the text.
                across = raw.find(secret, max(0, limit - len(secret) + 1), limit + len(secret) - 1)
                if 0 <= across < cut:
                    cut = across
        window = raw[:cut]
        for _, secret in secrets:
            if secret in window:
                window = window.replace(secret, _MASK)
        text = window.decode("utf-8", "replace")
        if "eyJ" in text:
            text = _TOKEN.sub(_token, text)
        if not may_have_secrets(window, is_ours=is_ours):
            return text
        return masked_members(text if is_ours else masked_credentials(text), self._clean)

    def headers(self, headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
        """Returns the headers without secrets: secret headers by their name, all others by their value."""
        masked = tuple([(name, _MASK if is_secret_header(name) else value) for name, value in headers])
        together = b"\n".join([value for _, value in masked])
        if together in self._clean_headers:
            return masked
        clean = masked
        if self._may_have_secrets(together):
            clean = tuple([(name, self._line_in_bytes(value)) for name, value in masked])
        # Only what has no secret: a secret must not stay in memory as a key.
        if clean == masked and len(together) < _MAX_HEADERS:
            if len(self._clean_headers) >= _MAX_LINES:
                self._clean_headers.clear()
            self._clean_headers.add(together)
        return clean

    def _may_have_secrets(self, headers: bytes) -> bool:
        # These marks are those of an address, in which anything may be, or of base64.
        if b"eyJ" in headers or any(map(headers.__contains__, _MARKS)) or _SCHEMES.search(headers):
            return True
        return any(secret in headers for _, secret in self._secrets + self._encoded)

    def _line_in_bytes(self, line: bytes) -> bytes:
        text = line.decode("latin-1")
        if b"?" in line or b"&" in line:
            return self.line(text).encode("latin-1", "replace")
        # What is no address has no queries: `Prefer: code=503` is about a status.
        clean = clean_encoded(masked_pairs(self._clean(text), is_secret_name), self._clean)
        return clean.encode("latin-1", "replace")

    def line(self, text: str) -> str:
        """Returns a path or a query string without secrets."""
        clean = self._lines.get(text)
        if clean is None:
            clean = clean_encoded(masked_pairs(self._clean(text)), self._clean)
            # The cache has only lines without a secret: a secret must not stay in memory as a key.
            if clean == text and len(self._lines) < _MAX_LINES and len(text) < _MAX_LENGTH:
                self._lines[text] = clean
        return clean

    def _clean(self, text: str) -> str:
        """Returns a text without known secrets and without tokens, as they are in plain letters."""
        for secret, _ in self._secrets + self._encoded:
            if secret in text:
                text = text.replace(secret, MASK)
        return masked_credentials(_TOKEN.sub(_token, text) if "eyJ" in text else text)


_ANYBODY = Redactor()


def loggable(path: str, redactor: Redactor = _ANYBODY) -> str:
    """Returns the path of a call for a line of the log: short, without secrets, and without marks that end a line."""
    line = excerpt(redactor.line(path), _MAX_LENGTH)
    return "".join(mark if mark.isprintable() else f"%{ord(mark):02X}" for mark in line)


__all__ = ["MASK", "Redactor", "loggable"]
