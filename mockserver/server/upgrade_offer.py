"""Upgrade offers (RFC 9110 §7.8) are passed over: the request is served as if it had made none.

llhttp takes what follows the head of such a request for another protocol. So a parser of its own reads it, to which
the framing of the body is told anew. uvicorn has this open as issue 2722.
"""

from collections.abc import Iterable
from typing import Any

import httptools

_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class _AfterHead:
    """Passes on what a parser reads, but for the head with which it is primed."""

    def __init__(self, callbacks: Any) -> None:
        self._callbacks = callbacks
        self._primed = False
        self.on_body = callbacks.on_body
        self.on_message_complete = callbacks.on_message_complete
        self.on_chunk_header = callbacks.on_chunk_header

    def on_message_begin(self) -> None:
        if self._primed:
            self._callbacks.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if self._primed:
            self._callbacks.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._primed:
            self._callbacks.on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._primed:
            self._callbacks.on_headers_complete()
        self._primed = True


def make_parser(callbacks: Any) -> httptools.HttpRequestParser:
    """Makes a parser that goes on after a request with `Connection: close`, as the HTTP server expects it."""
    parser = httptools.HttpRequestParser(callbacks)
    parser.set_dangerous_leniencies(lenient_data_after_close=True)
    return parser


def parser_after_head(
    callbacks: Any, headers: Iterable[tuple[bytes, bytes]], *, keep_alive: bool
) -> tuple[httptools.HttpRequestParser, bytes]:
    """Returns a parser for what follows the head of a request with these headers, and the bytes to feed to it first."""
    lines = [b"%s: %s\r\n" % (name, value) for name, value in headers if name in _FRAMING]
    if not keep_alive:
        lines.append(b"connection: close\r\n")
    return make_parser(_AfterHead(callbacks)), b"POST / HTTP/1.1\r\n%s\r\n" % b"".join(lines)
