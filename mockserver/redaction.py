"""What must never be kept: credentials, wherever a client put them."""

import re
from collections.abc import Iterable

MASK = "[redacted]"

_NAMES = r"password|passwd|secret|client_secret|token|access_token|refresh_token|id_token|api_?key|authorization"
_HINTS = (b"passw", b"secret", b"token", b"api", b"authorization")
# A value that was cut off by the bound on bodies ends with the text instead of a quote.
_MEMBER = re.compile(rf'("(?:{_NAMES})"\s*:\s*)("(?:[^"\\]|\\.)*(?:"|\\?\Z)|[^\s",}}\]]+)', re.IGNORECASE)
_PAIR = re.compile(rf"((?:^|[?&])(?:{_NAMES})=)[^&]*", re.IGNORECASE)


class Redactor:
    """Takes the secrets of one sandbox, and everything that is called like a secret, out of what is kept."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = [(secret, secret.encode()) for secret in secrets if secret]

    def body(self, raw: bytes, limit: int) -> str:
        """The first `limit` bytes of a body as text without secrets; bytes that are not UTF-8 are shown as �."""
        # A secret that begins before the bound and ends after it would leave its first half behind.
        across = (
            raw.find(secret, max(0, limit - len(secret) + 1), limit + len(secret) - 1) for _, secret in self._secrets
        )
        window = raw[: min((cut for cut in across if cut >= 0), default=limit)]
        for _, secret in self._secrets:
            if secret in window:
                window = window.replace(secret, MASK.encode())
        text = window.decode("utf-8", "replace")
        lowered = window.lower()
        if any(hint in lowered for hint in _HINTS):
            text = _PAIR.sub(rf"\g<1>{MASK}", _MEMBER.sub(rf'\g<1>"{MASK}"', text))
        return text

    def line(self, text: str) -> str:
        """A path or a query string without secrets."""
        for secret, _ in self._secrets:
            text = text.replace(secret, MASK)
        return _PAIR.sub(rf"\g<1>{MASK}", text) if "=" in text else text
