"""Requests are read with a bound on every byte that comes before they are whole; upgrade offers are passed over."""

import asyncio
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.foundation.connection import KEY, Connection
from mockserver.foundation.hosts import is_valid_host
from mockserver.server.forwarded import forwarded_prefix
from mockserver.server.limits import Limits
from mockserver.server.refusals import (
    RequestRefused,
    fragment_refused,
    http_version_refused,
    refusal_of,
    target_refused,
)
from mockserver.server.request_response import Cycle
from mockserver.server.upgrade_offer import make_parser, parser_after_head

HEAD, BODY = "head", "body"
"""The parts of a request in which a connection can be."""
_NOTED = frozenset({b"expect", b"host", b"transfer-encoding", b"x-forwarded-prefix"})
"""Headers that the protocol itself looks at."""


class RequestReader(HttpToolsProtocol):
    """The part of a connection that reads requests. Whoever derives from it says how one is refused."""

    cycle: Cycle
    _connection: Connection
    _extensions: Any

    def __init__(self, *arguments: Any, limits: Limits, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.parser = make_parser(self)
        self._limits = limits
        self._trusted_hosts: Any = getattr(self.app, "trusted_hosts", ())
        self._stage: str | None = None
        """The part of a request that is not complete, if there is any."""
        self._waiting_since = 0.0
        """The moment from which the client is waited for; 0 as long as a part has come in one piece."""
        self._received = 0
        """The number of bytes that came of a head, or of a body and what is around it."""
        self._body_size = 0
        self._chunks = 0
        self._prefixes: list[bytes] = []
        self._has_host = self._is_chunked = False
        self._ended = False
        """True once the client was refused: what it goes on sending is thrown away."""

    def refuse(self, refusal: RequestRefused) -> None:
        """Answers once, then ends the connection: what follows cannot be told apart."""
        raise NotImplementedError

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected."""
        super().connection_made(transport)
        self._connection = Connection(transport)
        self._extensions = {KEY: self._connection}

    def data_received(self, data: bytes) -> None:
        """Bytes of a client."""
        if self._ended:
            return
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            self.refuse(refusal_of(error))
            return
        if self._stage is not None:
            self._count(len(data))

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self.parser, framing = parser_after_head(self, self.headers, keep_alive=self.cycle.keep_alive)
            self._feed(framing)
            if rest := data[offer.args[0] :]:
                self._feed(rest)

    def _count(self, size: int) -> None:
        """Adds bytes to those of the part that is not complete, and refuses the request when they are too many."""
        limits = self._limits
        if not self._waiting_since:
            # What came before the first byte of this part does not count. A head may be alone in its piece, though.
            self._waiting_since = self.loop.time()
            self._received = size if self._stage == HEAD else self._body_size
        else:
            self._received += size
        if self._stage == HEAD:
            if self._received > limits.head_bytes:
                detail = f"The request line and the headers are larger than {limits.head_bytes} bytes."
                self.refuse(RequestRefused(431, detail))
        elif self._received - self._body_size > limits.framing + limits.chunk * self._chunks:
            detail = f"The chunk extensions and trailers of the body are larger than {limits.framing} bytes."
            self.refuse(RequestRefused(431, detail))

    # Callbacks of the parser

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self.scope["extensions"] = self._extensions
        self._stage = HEAD
        self._has_host = self._is_chunked = False
        self._waiting_since = 0.0

    def on_url(self, url: bytes) -> None:
        """A part of the target of the request."""
        self.url += url
        if len(self.url) > self._limits.target:
            raise RequestRefused(414, f"The target of the request is longer than {self._limits.target} bytes.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; a trailer is none (RFC 9110 §6.5), and nothing here has a use for it."""
        if self._stage is not HEAD:
            return
        name = name.lower()
        if name in _NOTED:
            self._note(name, value)
        self.headers.append((name, value))
        if len(self.headers) > self._limits.headers:
            raise RequestRefused(431, f"There are more than {self._limits.headers} headers.")

    def _note(self, name: bytes, value: bytes) -> None:
        if name == b"expect":
            self.expect_100_continue = value.lower() == b"100-continue"
            if not self.expect_100_continue:
                raise RequestRefused(417, "Expect has one meaning here, `100-continue` (RFC 9110 §10.1.1).")
        elif name == b"host":
            if self._has_host:
                raise RequestRefused(400, "Host is there twice; it must be there once (RFC 9112 §3.2).")
            if not is_valid_host(value):
                raise RequestRefused(400, "Host is no name or address with or without a port (RFC 9112 §3.2).")
            self._has_host = True
        elif name == b"transfer-encoding":
            if value.strip().lower() != b"chunked":
                coding = value[:100].decode("latin-1")
                raise RequestRefused(501, f"Transfer-Encoding is {coding!r}; only `chunked` is understood here.")
            self._is_chunked = True
        elif self.client is not None and self.client[0] in self._trusted_hosts:
            self._prefixes.append(value)

    def on_headers_complete(self) -> None:
        """The last byte before a body: the application begins, or waits for the responses before."""
        version, scope = self.parser.get_http_version(), self.scope
        if version not in ("1.1", "1.0", "0.9"):
            raise http_version_refused(version)
        if version != "1.1" and self._is_chunked:
            raise RequestRefused(400, f"HTTP/{version} has no Transfer-Encoding; send Content-Length (RFC 9112 §6.1).")
        if version == "1.1" and not self._has_host:
            raise RequestRefused(400, "Host is missing; a request of HTTP/1.1 must have one (RFC 9112 §3.2).")
        scope["method"] = method = self.parser.get_method().decode("ascii")
        if method == "CONNECT":
            raise RequestRefused(400, "CONNECT asks for a tunnel; this server is no proxy.")
        if len(self.pipeline) >= self._limits.pipelined:
            raise RequestRefused(400, f"More than {self._limits.pipelined} requests wait on this connection.")
        scope["http_version"] = version
        self._set_target()
        existing = self.cycle
        self.cycle = Cycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        self._stage = BODY
        self._waiting_since = 0.0
        self._body_size = self._chunks = self._received = 0
        if existing is None or existing.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _set_target(self) -> None:
        try:
            target: Any = httptools.parse_url(self.url)
        except httptools.HttpParserInvalidURLError:
            raise target_refused(self.url) from None
        if b"#" in self.url:
            raise fragment_refused()
        if target.host is not None:
            self._take_authority(target)
        raw_path = target.path or b"/"
        path = raw_path.decode("ascii")
        if "%" in path:
            path = unquote(path)
        scope, root_path = self.scope, self.root_path
        if root_path:
            raw_path = root_path.encode("ascii") + raw_path
        if self._prefixes:
            prefix, self._prefixes = forwarded_prefix(self._prefixes), []
            raw_path, root_path = prefix.encode("ascii") + raw_path, unquote(prefix) + root_path
        scope["root_path"] = root_path
        scope["path"] = root_path + path
        scope["raw_path"] = raw_path
        scope["query_string"] = target.query or b""

    def _take_authority(self, target: Any) -> None:
        """Makes the authority of an absolute target the Host: RFC 9112 §3.2.2 has it win over what Host says."""
        if target.userinfo is not None:
            raise RequestRefused(400, "The target has credentials in its address; send them in Authorization.")
        name = b"[%s]" % target.host if b":" in target.host else bytes(target.host)
        host = name if target.port is None else b"%s:%d" % (name, target.port)
        if not is_valid_host(host):
            raise target_refused(self.url)
        self.headers[:] = [(b"host", host), *(entry for entry in self.headers if entry[0] != b"host")]

    def on_chunk_header(self) -> None:
        """The beginning of a chunk."""
        self._chunks += 1

    def on_body(self, body: bytes) -> None:
        """A part of a body; of one that nobody reads any more it is thrown away."""
        self._body_size += len(body)
        if not self.cycle.response_complete:
            self.cycle.add_to_body(body)

    def on_message_complete(self) -> None:
        """The last byte of a request, unless it offers an upgrade: then its body is still to come."""
        if self.parser.should_upgrade():
            return
        self._stage = None
        self.cycle.end_body()
