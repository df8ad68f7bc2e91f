"""Requests are read with a bound on every byte that comes before they are whole; upgrade offers are passed over."""

import asyncio
from typing import Any
from urllib.parse import unquote

import httptools
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.foundation.connection import KEY, Connection
from mockserver.foundation.hosts import is_valid_host
from mockserver.server.forwarded import forwarded_prefix
from mockserver.server.held_flow import HeldFlow
from mockserver.server.limits import Limits
from mockserver.server.refusals import RequestRefused, http_version_refused, refusal_of
from mockserver.server.request_response import Cycle
from mockserver.server.request_target import RequestTarget, RequestTargets
from mockserver.server.upgrade_offer import make_parser, parser_after_head

HEAD, BODY = "head", "body"
"""The parts of a request in which a connection can be."""
_NOTED = frozenset(
    {
        *(b"expect", b"host", b"origin", b"transfer-encoding", b"upgrade"),
        *(b"x-forwarded-for", b"x-forwarded-prefix", b"x-forwarded-proto"),
    }
)
"""Headers that the protocol itself looks at, and those by which a request is one for the ASGI application."""


class _AnsweredLast(Exception):
    """Raised in the parser: nothing counts that follows the last request of a connection."""


class RequestReader(HttpToolsProtocol):
    """The part of a connection that reads requests. Whoever derives from it says how one is answered, or refused.

    A request is held as long as it may be answered at once when it is whole. Every other has a `Cycle`, which an ASGI
    task works off, one after the other.
    """

    cycle: Cycle
    flow: HeldFlow
    _connection: Connection
    _extensions: Any
    _target: RequestTarget
    method: bytes

    def __init__(self, *arguments: Any, limits: Limits, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.parser = make_parser(self)
        # pytest gives loggers that pass nothing on a handler of its own; that is nobody who asked for a log.
        self.access_log = self.access_log and self.config.access_log
        self._limits = limits
        self._max_headers = limits.headers
        self._targets = RequestTargets(None, None)
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
        self._host: bytes | None = None
        self._valid_host = b""
        """The Host that came last."""
        self._is_chunked = False
        self._is_unusual = False
        """Whether a header of the request says that it is one for the ASGI application."""
        self._answering: Cycle | None = None
        """The cycle whose application was started last: that of the response under way, if there is one."""
        self._version = "1.1"
        self._keep_alive = True
        self._held: list[bytes] | None = None
        """The parts that have come of the body of a request that is held; None while none is."""
        self._head_bytes: bytes | None = None
        """The bytes of the head of the request that is held, where they came in a piece of their own."""
        self._is_behind = False
        """Whether a request waits for those before it that could be answered at once."""
        self._ended = False
        """True once the client was refused, or has the last response: what it goes on sending is thrown away."""

    def refuse(self, refusal: RequestRefused) -> None:
        """Answers once, then ends the connection: what follows cannot be told apart."""
        raise NotImplementedError

    def answer_held(self, body: bytes) -> None:
        """Answers the request that is held, and whole now."""
        raise NotImplementedError

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected."""
        super().connection_made(transport)
        self.flow = HeldFlow(transport)
        self._connection = Connection(transport)
        self._extensions = {KEY: self._connection}

    def read(self, data: bytes | memoryview) -> None:
        """Reads bytes of a client, which may end anywhere."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self.parser, framing = parser_after_head(self, self.headers, keep_alive=self.cycle.keep_alive)
            self.read(framing)
            if (rest := data[offer.args[0] :]) and not self._ended:
                self.read(rest)
            return
        except httptools.HttpParserError as error:
            if not self._ended:
                self.refuse(refusal_of(error))
            return
        if self._stage is not None:
            self._count(len(data))

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
        if self._ended:
            raise _AnsweredLast
        self.url = b""
        self.headers = []
        self.expect_100_continue = self._is_chunked = self._is_unusual = False
        self._host = self._head_bytes = None
        self._stage = HEAD
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
        name, headers = name.lower(), self.headers
        if name in _NOTED:
            self._note(name, value)
        headers.append((name, value))
        if len(headers) > self._max_headers:
            raise RequestRefused(431, f"There are more than {self._max_headers} headers.")

    def _note(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            if self._host is not None:
                raise RequestRefused(400, "Host is there twice; it must be there once (RFC 9112 §3.2).")
            if value != self._valid_host and not is_valid_host(value):
                raise RequestRefused(400, "Host is no name or address with or without a port (RFC 9112 §3.2).")
            self._host = self._valid_host = value
        elif name == b"transfer-encoding":
            if value.strip().lower() != b"chunked":
                coding = value[:100].decode("latin-1")
                raise RequestRefused(501, f"Transfer-Encoding is {coding!r}; only `chunked` is understood here.")
            self._is_chunked = True
        else:
            self._is_unusual = True
            if name == b"expect":
                self.expect_100_continue = value.lower() == b"100-continue"
                if not self.expect_100_continue:
                    raise RequestRefused(417, "Expect has one meaning here, `100-continue` (RFC 9110 §10.1.1).")
            elif name == b"x-forwarded-prefix" and self.client is not None and self.client[0] in self._trusted_hosts:
                self._prefixes.append(value)

    def on_headers_complete(self) -> None:
        """The last byte before a body: the request is held, or the application begins, or waits for those before."""
        parser = self.parser
        self._version = version = parser.get_http_version()
        self.method = method = parser.get_method()
        if version != "1.1" or self._host is None or method == b"CONNECT":
            self._check_head(version)
        waiting = self.pipeline
        if waiting and len(waiting) >= self._limits.pipelined:
            raise RequestRefused(400, f"More than {self._limits.pipelined} requests wait on this connection.")
        self._keep_alive = version != "1.0" and parser.should_keep_alive()
        target = self._target = self._targets.cached.get(self.url) or self._targets.parse(self.url)
        self._stage = BODY
        self._waiting_since = 0.0
        self._body_size = self._chunks = self._received = 0
        if self._is_unusual or target.address is None or target.host is not None:
            self.start_cycle(self.app)
        elif self._is_busy():
            self._is_behind = True
            self.start_cycle(self.app)
        else:
            self._held = []

    def _check_head(self, version: str) -> None:
        """Raises RequestRefused for a head that is none of HTTP/1.1 or before."""
        if version == "1.1":
            if self._host is None:
                raise RequestRefused(400, "Host is missing; a request of HTTP/1.1 must have one (RFC 9112 §3.2).")
        elif version not in ("1.0", "0.9"):
            raise http_version_refused(version)
        elif self._is_chunked:
            detail = f"HTTP/{version} has no Transfer-Encoding; send Content-Length (RFC 9112 §6.1)."
            raise RequestRefused(400, detail)
        if self.method == b"CONNECT":
            raise RequestRefused(400, "CONNECT asks for a tunnel; this server is no proxy.")

    def _is_busy(self) -> bool:
        """Tells whether a response before has not been sent, or not been read."""
        cycle = self.cycle
        return self.flow.write_paused or (cycle is not None and not cycle.response_complete)

    def on_chunk_header(self) -> None:
        """The beginning of a chunk."""
        self._chunks += 1

    def on_body(self, body: bytes) -> None:
        """A part of a body; of one that nobody reads any more it is thrown away."""
        self._body_size += len(body)
        if self._held is not None:
            self._held.append(body)
        elif not self.cycle.response_complete:
            self.cycle.add_to_body(body)

    def on_message_complete(self) -> None:
        """The last byte of a request, unless it offers an upgrade: then its body is still to come."""
        parts = self._held
        if parts is not None:
            self._stage = None
            self.answer_held(b"".join(parts) if parts else b"")
        elif not self.parser.should_upgrade():
            self._stage = None
            self.cycle.end_body()

    # ASGI

    def connection_lost(self, exc: Exception | None) -> None:
        """The client, or we, hung up."""
        if self._answering is not None:
            # uvicorn tells only the cycle that came last.
            self._answering.disconnect()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def start_cycle(self, app: ASGIApp) -> None:
        """Has an ASGI application answer the request, after those before it."""
        existing = self.cycle
        cycle = self.make_cycle()
        if existing is None or existing.response_complete:
            self._start_asgi_task(cycle, app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, app))  # type: ignore[arg-type]

    def make_cycle(self) -> Cycle:
        """Returns the cycle of the request, which nobody works off yet; requests after it wait."""
        parts = self._held
        cycle = self.cycle = Cycle(
            scope=self._make_scope(),
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=self._keep_alive,
            on_response=self.on_response_complete,
        )
        self._held = None
        for part in parts or ():
            cycle.add_to_body(part)
        if self._stage is None:
            cycle.end_body()
        return cycle

    def _make_scope(self) -> Any:
        target, root_path = self._target, self.root_path
        raw_path = root_path.encode("ascii") + target.raw_path
        if self._prefixes:
            prefix, self._prefixes = forwarded_prefix(self._prefixes), []
            raw_path, root_path = prefix.encode("ascii") + raw_path, unquote(prefix) + root_path
        if target.host is not None:
            self.headers[:] = [(b"host", target.host), *(entry for entry in self.headers if entry[0] != b"host")]
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": self._version,
            "method": self.method.decode("ascii"),
            "scheme": self.scheme,
            "root_path": root_path,
            "path": root_path + target.path,
            "raw_path": raw_path,
            "query_string": target.query,
            "headers": self.headers,
            "server": self.server,
            "client": self.client,
            "extensions": self._extensions,
            "state": self.app_state.copy(),
        }
