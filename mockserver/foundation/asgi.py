"""ASGI helpers: headers, a body with a size limit, a whole response, the origin of a request."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Any
from urllib.parse import quote

from starlette.types import Receive, Scope

from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.problems import malformed, payload_too_large

_PREFIX = "mockserver.prefix"
"""The key, in a scope, of the path at which the application is mounted."""
_ORIGIN = "mockserver.origin"
"""The key, in a scope, of the origin that a setting says, whatever Host the client sends."""
_IN_PATH = "/:@!$&'()*+,;=~"
"""Characters that need no encoding in a path (RFC 3986 §3.3)."""
_HOST = late_pattern(
    r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]{2,45})\]|\w[\w-]*(?:\.\w[\w-]*)*\.?)(?::(?P<port>[0-9]{1,5}))?",
    re.ASCII,
)
_MAX_HOST = 261
"""The length of the longest name of a host with the longest port."""

_ONCE = {b"authorization": "Authorization", b"content-type": "Content-Type"}
"""Headers of which nobody knows which one counts."""


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


def first_values(raw_headers: Sequence[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
    """Returns the first value of each request header, by its name in lower case."""
    return dict(reversed(raw_headers))


def check_once(raw_headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Raises `malformed` for a header that says something else the second time, and for credentials sent twice."""
    names = [name for name, _ in raw_headers]
    for name, spelled in _ONCE.items():
        if names.count(name) > 1:
            raise malformed(f"{spelled} is there twice; it must be there once (RFC 9110 §5.3).")


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


def below_root(scope: Scope) -> Scope:
    """Returns the scope of a request as if the application were at the root of its server.

    The `root_path` of ASGI says where it is mounted; links in responses get it back from `address_of`.
    """
    root = scope["root_path"].rstrip("/")
    path, raw = scope["path"], scope.get("raw_path") or quote(scope["path"]).encode()
    if path == root or path.startswith(f"{root}/"):
        path = path[len(root) :] or "/"
        # A slash of the prefix is one in the path as it came, too; other characters may be encoded there.
        raw = b"/" + b"".join(raw.split(b"/", root.count("/") + 1)[root.count("/") + 1 :])
    return {**scope, "root_path": "", "path": path, "raw_path": raw, _PREFIX: quote(root, safe=_IN_PATH)}


def at_public_url(scope: Scope, url: str) -> Scope:
    """Returns the scope of a request as if the client had called this address, for `address_of` and its parts."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return {**scope, _ORIGIN: f"{scheme}://{host}", _PREFIX: slash + path}


def origin_of(scope: Scope) -> str:
    """Returns the origin in the client's own spelling, so that links in responses work for this client."""
    origin: str | None = scope.get(_ORIGIN)
    return origin or origin_at(scope["scheme"], header(scope, b"host"), scope.get("server"))


def origin_at(scheme: str, host: str | None, server: tuple[str, int | None] | None) -> str:
    """Returns the origin of a server as its client spells it in Host; else by the address to which it is bound."""
    return f"{scheme}://{_host(host or '', server)}"


def prefix_of(scope: Scope) -> str:
    """Returns the path at which the application is mounted, percent-encoded, without a slash at the end."""
    prefix: str = scope.get(_PREFIX, "")
    return prefix


def address_of(scope: Scope) -> str:
    """Returns the address of the application as the client knows it, without a slash at the end."""
    return origin_of(scope) + prefix_of(scope)


def other_port(origin: str, port: int) -> str:
    """Returns the origin with another port."""
    scheme, _, host = origin.partition("://")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return f"{scheme}://{name}:{port}"


def _host(host: str, server: tuple[str, int | None] | None) -> str:
    if len(host) <= _MAX_HOST and _is_plain(host):
        return host
    name, port = server or ("localhost", None)
    if port is None:  # a socket of the file system
        return "localhost"
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


@lru_cache(256)
def _is_plain(host: str) -> bool:
    """Tells whether a Host is a name or an address, with or without a port, and can stand in a link."""
    parts = _HOST.fullmatch(host)
    if parts is None or int(parts["port"] or 0) > 65_535:
        return False
    try:
        return parts["ipv6"] is None or bool(IPv6Address(parts["ipv6"]))
    except ValueError:
        return False
