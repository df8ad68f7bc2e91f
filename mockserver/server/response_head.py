"""Heads of responses that leave without an ASGI message: made once for all that have the same headers."""

from functools import lru_cache
from operator import itemgetter

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE

from mockserver.foundation.asgi import length_of
from mockserver.foundation.responses import EncodedResponse, Headers

_MAX_CACHED = 128
"""The most heads that are remembered: each second has its own, by the header Date."""
_MAX_CACHED_LENGTH = 1_024
"""The most bytes of a head that is remembered."""
_MAX_SHORT = 200
"""The most bytes of the value of a header that is remembered."""
_OF_THE_CONNECTION = frozenset({b"connection", b"content-length", b"transfer-encoding"})
"""Headers that say how a response is framed; the one who sends it adds them."""

_heads: dict[tuple[int, Headers], bytes] = {}


def response_head(response: EncodedResponse, *, to_head: bool, keep_alive: bool) -> bytes | None:
    """Returns the status line and all headers of a response, as uvicorn writes them, Content-Length included.

    `to_head` says that the request is a HEAD. None stands for headers of which only an ASGI server knows what they do.
    """
    status, headers, body = response
    lines = _heads.get((status, headers)) or _encode(status, headers)
    if lines is None:
        return None
    if status == 204 and not to_head:
        # RFC 9110 §8.6: it must not have a Content-Length.
        return lines + (b"\r\n" if keep_alive else b"connection: close\r\n\r\n")
    if keep_alive:
        return b"%bcontent-length: %d\r\n\r\n" % (lines, len(body))
    return b"%bcontent-length: %d\r\nconnection: close\r\n\r\n" % (lines, len(body))


async def send_response(response: EncodedResponse, scope: Scope, receive: Receive, send: Send) -> None:
    """Sends a whole response by ASGI: an application, once the response is bound."""
    to_head, headers = scope["method"] == "HEAD", list(response.headers)
    if response.status != 204 or to_head:
        headers.append(length_of(len(response.body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if to_head else response.body})


def _encode(status: int, headers: Headers) -> bytes | None:
    misses, is_short = _short_line.cache_info().misses, max(map(len, map(_value, headers)), default=0) <= _MAX_SHORT
    lines = list(map(_short_line if is_short else _line, headers))
    if None in lines:
        return None
    encoded = STATUS_LINE[status] + b"".join(lines)  # type: ignore[arg-type]  # none of them is None
    # One that has a header of its own, such as the id of a call, does not come again.
    if len(encoded) <= _MAX_CACHED_LENGTH and _short_line.cache_info().misses == misses:
        if len(_heads) >= _MAX_CACHED:
            _heads.clear()
        _heads[status, headers] = encoded
    return encoded


def _line(header: tuple[bytes, bytes]) -> bytes | None:
    """Returns a header as it is sent; None for one of which only an ASGI server knows what it does."""
    name, value = header
    name = name.lower()
    if name in _OF_THE_CONNECTION or HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
        return None
    return b"%b: %b\r\n" % (name, value)


_short_line = lru_cache(256)(_line)
_value = itemgetter(1)
