"""Heads of requests that the parser has taken: a request with the same bytes in its head is not parsed again.

What a parser makes of a head depends on nothing but its bytes, so that it refuses whatever it refused before.
"""

from typing import TypeAlias

from mockserver.foundation.request_head import RequestHead
from mockserver.server.request_target import RequestTarget

END = b"\r\n\r\n"
"""The end of a head; none has it before its last byte."""
_MAX_HEADS = 256
"""The most heads that are kept; one takes two to three times its length."""
_MAX_LENGTH = 2_048
"""The most bytes of a head that is kept: enough for a token."""


class ParsedHead:
    """The head of a request of HTTP/1.1 to a provider, whose connection goes on and whose body has a known length."""

    __slots__ = ("head", "host", "length", "method", "target", "url")

    def __init__(
        self, head: RequestHead, *, method: bytes, url: bytes, host: bytes | None, target: RequestTarget, length: int
    ) -> None:
        self.head = head
        self.method = method
        self.url = url
        self.host = host
        self.target = target
        self.length = length
        """The number of bytes of the body."""


class ParsedHeads:
    """The heads that came last, by their bytes."""

    def __init__(self) -> None:
        self._heads: dict[bytes, ParsedHead] = {}
        self.find = self._heads.get
        """Returns what the parser made of the bytes of a head; None where it has not seen them."""

    def add(self, raw: bytes, parsed: ParsedHead) -> None:
        """Keeps what the parser made of a head, unless it is long."""
        if len(raw) <= _MAX_LENGTH:
            if len(self._heads) >= _MAX_HEADS:
                self._heads.clear()
            self._heads[raw] = parsed


Listener: TypeAlias = tuple[str | None, tuple[str, int | None] | None]
"""The scheme and the address at which a server is reached: what it says of itself depends on them, too."""


def length_of_body(head: RequestHead) -> int | None:
    """Returns how many bytes the body has by its head; None where that cannot be told."""
    length = head.headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() and b"transfer-encoding" not in head.headers else None
