"""Targets of request lines: they are taken apart once, and those that came last are remembered."""

from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import unquote

import httptools
from starlette.types import Receive, Scope, Send

from mockserver.foundation.hosts import is_valid_host
from mockserver.foundation.pending_answer import Answer, PendingAnswer
from mockserver.foundation.request_head import RequestHead
from mockserver.server.refusals import RequestRefused, fragment_refused, target_refused

_MAX_CACHED = 512
"""The most targets that are remembered."""
_MAX_CACHED_LENGTH = 256
"""The most bytes of a target that is remembered."""


class ProviderPipeline(Protocol):
    """A pipeline of requests, driven by ASGI, or by a connection that has read a complete request."""

    @property
    def body_limit(self) -> int:
        """The most bytes of the body of a request."""

    async def handle(
        self, scope: Scope, receive: Receive, send: Send, *, raw_path: str, mount: str, sandbox_id: str | None
    ) -> None:
        """Answers an ASGI request."""

    def begin(self, head: RequestHead, body: bytes) -> Answer | PendingAnswer:
        """Returns the answer, or one that is there once its call is committed."""


class ProviderAddress:
    """The place in a provider to which a path leads."""

    __slots__ = ("mount", "pipeline", "raw_path", "sandbox_id")

    def __init__(self, pipeline: ProviderPipeline, raw_path: str, mount: str, sandbox_id: str | None) -> None:
        self.pipeline = pipeline
        self.raw_path = raw_path
        """The path below the provider's mount, percent-encoded as it came."""
        self.mount = mount
        """The path of the provider's mount, without a slash at the end."""
        self.sandbox_id = sandbox_id
        """The sandbox that the path names, if it names one."""


FindProvider = Callable[[str, int | None], ProviderAddress | None]
"""Returns the provider's address of a percent-encoded path at a port of the server; None for all other paths."""


class RequestTarget:
    """A target of a request line, taken apart."""

    __slots__ = ("address", "host", "path", "query", "raw_path")

    def __init__(self, raw_path: bytes, query: bytes, host: bytes | None, address: ProviderAddress | None) -> None:
        self.raw_path = raw_path
        path = raw_path.decode("ascii")
        self.path = unquote(path) if "%" in path else path
        self.query = query
        self.host = host
        """The authority of an absolute target, which wins over what Host says (RFC 9112 §3.2.2)."""
        self.address = address


class RequestTargets:
    """The targets of requests at one port."""

    def __init__(self, find: FindProvider | None, port: int | None) -> None:
        """Without `find`, no target is known to be a provider's."""
        self._find = find
        self._port = port
        self.cached: dict[bytes, RequestTarget] = {}
        """The targets that came last, as they came."""

    def parse(self, url: bytes) -> RequestTarget:
        """Takes a target apart, and remembers it when it is short. Raises RequestRefused for one that is none."""
        try:
            parsed: Any = httptools.parse_url(url)
        except httptools.HttpParserInvalidURLError:
            raise target_refused(url) from None
        if b"#" in url:
            raise fragment_refused()
        host = None if parsed.host is None else _authority(url, parsed)
        raw_path: bytes = parsed.path or b"/"
        address = self._find(raw_path.decode("latin-1"), self._port) if self._find else None
        target = RequestTarget(raw_path, parsed.query or b"", host, address)
        if len(url) <= _MAX_CACHED_LENGTH:
            if len(self.cached) >= _MAX_CACHED:
                self.cached.clear()
            self.cached[url] = target
        return target


def _authority(url: bytes, parsed: Any) -> bytes:
    if parsed.userinfo is not None:
        raise RequestRefused(400, "The target has credentials in its address; send them in Authorization.")
    name = b"[%s]" % parsed.host if b":" in parsed.host else bytes(parsed.host)
    host = name if parsed.port is None else b"%s:%d" % (name, parsed.port)
    if not is_valid_host(host):
        raise target_refused(url)
    return host
