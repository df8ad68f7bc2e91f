"""The few things of ASGI that the road needs: reading a body with a bound, sending an answer."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from starlette.types import Receive, Scope, Send

from mockserver.foundation.problems import malformed, payload_too_large


class ClientGone(Exception):
    """The client hung up before its request was complete; nobody is left to answer."""


def header(scope: Scope, name: bytes) -> str | None:
    """The value of a request header, or None. `name` is in lower case; the first one counts."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1")
    return None


def values(scope: Scope, name: bytes) -> list[bytes]:
    """All values of a request header. `name` is in lower case."""
    return [value for key, value in scope["headers"] if key == name]


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body. Raises `payload_too_large` as soon as it is known to be over `limit` bytes."""
    announced = header(scope, b"content-length")
    if announced is not None:
        if not announced.isdecimal():
            raise malformed("Content-Length is not a number of bytes.")
        if int(announced) > limit:
            raise payload_too_large(limit)
        if announced == "0":
            return b""
    elif header(scope, b"transfer-encoding") is None:
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


async def send_reply(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
    """One whole answer; its length is added, except to a 204, which must not have one (RFC 9110 §8.6)."""
    length = () if status == 204 else (length_of(len(body)),)
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})


def length_of(size: int) -> tuple[bytes, bytes]:
    """The header for a body of that many bytes."""
    return b"content-length", b"%d" % size


@lru_cache(256)
def _is_plain(host: str) -> bool:
    return bool(host) and all(char.isalnum() or char in ".-_:[]" for char in host)


def origin_of(scope: Scope) -> str:
    """What the client calls us; links in answers must work from where it stands."""
    return f"{scope['scheme']}://{_host(scope)}"


def _host(scope: Scope) -> str:
    host = header(scope, b"host") or ""
    if _is_plain(host):
        return host
    server = scope.get("server") or ("localhost", None)
    return f"{server[0]}:{server[1]}" if server[1] else str(server[0])
