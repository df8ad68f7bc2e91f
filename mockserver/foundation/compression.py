"""Compressed bodies (RFC 9110 §8.4): whether a client takes gzip, and a response in that form.

A response is marked where it is made, so that the journal has its headers, and compressed where it is sent: the journal
keeps the body as text.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock

from mockserver.foundation.compact import compact
from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.responses import EncodedResponse

MIN_SIZE = 1_024
"""Bytes: a smaller body hardly gets smaller."""
VARY = (b"vary", b"Accept-Encoding")
"""The header of every response whose form depends on that of the request (RFC 9110 §12.5.5)."""
_GZIP = (b"content-encoding", b"gzip")
_CODING = late_pattern(r"\s*([^\s;,]+)\s*(?:;\s*q\s*=\s*([0-9.]+)\s*)?(?=,|$)", re.IGNORECASE)
_LONGEST = 512
"""Characters of an Accept-Encoding that are read: there are eight registered codings, all of them short."""
_LEVEL = 1
"""Compressing harder takes three times as long and saves a quarter: most clients are on this machine."""
_IN_LOOP = 128 * 1_024
"""Bytes: a larger body is compressed in a thread, so that other calls go on."""


def accepts_gzip(headers: Mapping[bytes, bytes]) -> bool:
    """Tells whether a request says by its Accept-Encoding that it takes gzip, and does not like identity better.

    A weight of 0 says the opposite.
    """
    value = headers.get(b"accept-encoding")
    return value is not None and len(value) <= _LONGEST and _takes_gzip(value)


@lru_cache(64)
def _takes_gzip(value: bytes) -> bool:
    weights = {name.lower(): _weight(weight) for name, weight in _CODING.findall(value.decode("latin-1"))}
    named = next((weights[name] for name in ("gzip", "x-gzip") if name in weights), weights.get("*", 0.0))
    return named > 0 and named >= weights.get("identity", 0.0)


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def marked_for_gzip(response: EncodedResponse, request_headers: Mapping[bytes, bytes]) -> EncodedResponse:
    """Returns the response with the header of a compressed one, where the client takes that and it is worth it.

    What is short, is encoded already, or is a stream of events stays as it is.
    """
    if len(response.body) < MIN_SIZE or not accepts_gzip(request_headers):
        return response
    for name, value in response.headers:
        if name == _GZIP[0] or (name == b"content-type" and value.startswith(b"text/event-stream")):
            return response
    return EncodedResponse(response.status, (*response.headers, _GZIP), response.body)


async def in_sent_form(response: EncodedResponse) -> EncodedResponse:
    """Returns the response with its body in the form that its headers tell; the same body has the same bytes again."""
    sent = sent_at_once(response)
    if sent is None:
        compressed = await asyncio.to_thread(_compress, response.body)
        _COMPRESSED.put(response.body, compressed)
        sent = EncodedResponse(response.status, response.headers, compressed)
    return sent


def sent_at_once(response: EncodedResponse) -> EncodedResponse | None:
    """Returns the response as `in_sent_form` does; None where that would take long."""
    if _GZIP not in response.headers:
        return response
    body = response.body
    compressed = _COMPRESSED.get(body)
    if compressed is None:
        if len(body) > _IN_LOOP:
            return None
        compressed = _compress(body)
        _COMPRESSED.put(body, compressed)
    return EncodedResponse(response.status, response.headers, compressed)


def _compress(body: bytes) -> bytes:
    import gzip

    return gzip.compress(body, _LEVEL, mtime=0)


class CompressedBodies:
    """The compressed forms of bodies that were sent last: the pages of a list are the same bytes until it changes."""

    def __init__(self, most: int) -> None:
        """`most` bounds the bytes of all bodies in it, in both forms; one takes a sixteenth of that at most."""
        self._most = most
        self._size = 0
        self._lock = Lock()
        self._bodies: OrderedDict[bytes, bytes] = OrderedDict()

    def get(self, body: bytes) -> bytes | None:
        """Returns the compressed form of a body, if it is remembered."""
        with self._lock:
            compressed = self._bodies.get(body)
            if compressed is not None:
                self._bodies.move_to_end(body)
            return compressed

    def put(self, body: bytes, compressed: bytes) -> None:
        """Remembers the compressed form of a body, and forgets those that were asked for longest ago."""
        size = len(body) + len(compressed)
        if size > self._most // 16:
            return
        with self._lock:
            if body in self._bodies:
                return
            self._bodies[compact(body)] = compact(compressed)
            self._size += size
            while self._size > self._most:
                oldest, form = self._bodies.popitem(last=False)
                self._size -= len(oldest) + len(form)


_COMPRESSED = CompressedBodies(8 * 1_024 * 1_024)
