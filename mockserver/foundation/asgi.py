"""ASGI helpers: headers, a body with a size limit, a whole response, the origin of a request."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from starlette.types import Receive, Scope

from mockserver.foundation.problems import malformed, payload_too_large


class ClientGone(Exception):
    """The client disconnected before its request was complete, so that nobody can receive a response."""


def header(scope: Scope, name: bytes) -> str | None:
    """Returns the first value of a request header, or None. `name` is in lower case."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1")
    return None


def values(scope: Scope, name: bytes) -> list[bytes]:
    """Returns all values of a request header. `name` is in lower case."""
    return [value for key, value in scope["headers"] if key == name]


def first_values(scope: Scope) -> Mapping[bytes, bytes]:
    """Returns the first value of each request header, by its name in lower case."""
    return dict(reversed(scope["headers"]))


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, limit: int) -> bytes:
    """Reads the whole body. Raises `payload_too_large` as soon as it is known to be over `limit` bytes.

    `headers` are those of the request, each with its first value.
    """
    announced = headers.get(b"content-length")
    if announced is not None:
        if not announced.isdigit():
            raise malformed("Content-Length is not a number of bytes.")
        if int(announced) > limit:
            raise payload_too_large(limit)
        if announced == b"0":
            return b""
    elif b"transfer-encoding" not in headers:
        return b""
    parts: list[bytes] = []
    size = 0
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise payload_too_large(limit)
        parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def length_of(size: int) -> tuple[bytes, bytes]:
    """Returns the Content-Length header for a body of `size` bytes."""
    return b"content-length", b"%d" % size


@lru_cache(256)
def _is_plain(host: str) -> bool:
    return bool(host) and all(char.isalnum() or char in ".-_:[]" for char in host)


def origin_of(scope: Scope) -> str:
    """Returns the origin in the client's own spelling, so that links in responses work for this client."""
    return f"{scope['scheme']}://{_host(scope)}"


def _host(scope: Scope) -> str:
    host = header(scope, b"host") or ""
    if _is_plain(host):
        return host
    server = scope.get("server") or ("localhost", None)
    return f"{server[0]}:{server[1]}" if server[1] else str(server[0])
