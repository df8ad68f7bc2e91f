"""Requests that are whole are answered at once, without an ASGI task; whatever has to wait gets one.

A client may send many requests before it reads a response. They are read in pieces: after one in which something was
answered, others have their turn, and while the client does not read what was sent to it, nothing more is read.
"""

import asyncio
from functools import partial
from typing import Any

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from mockserver.foundation.asgi import first_values, origin_at
from mockserver.foundation.clock import stopwatch
from mockserver.foundation.pending_answer import Answer, PendingAnswer
from mockserver.foundation.request_head import RequestHead
from mockserver.foundation.responses import EncodedResponse
from mockserver.server.parsed_heads import END, Listener, ParsedHead, ParsedHeads, length_of_body
from mockserver.server.request_reader import BODY, RequestReader
from mockserver.server.request_response import Cycle
from mockserver.server.request_target import FindProvider, ProviderAddress, RequestTargets
from mockserver.server.response_head import response_head, send_response

_PIECE = 4_096
"""Bytes that are read at a time: fewer than 256 requests, and about as much as most of them have together."""
_BODY_PIECE = 65_536
"""The most bytes that are read at a time of a body; what follows it are requests again."""
_TURN = 0.01
"""Real seconds for the requests of a piece from the second one on; an ASGI task answers each of those after them."""
_JOINED = 16_384
"""Bytes: a larger body is not copied behind its head."""


class WholeRequests(RequestReader):
    """The part of a connection that answers requests which are whole."""

    def __init__(
        self,
        *arguments: Any,
        targets: dict[int | None, RequestTargets],
        heads: dict[Listener, ParsedHeads],
        **options: Any,
    ) -> None:
        """`targets` are those of the server, by port; `heads` those that came before."""
        super().__init__(*arguments, **options)
        self._targets_by_port = targets
        self._heads_by_listener = heads
        self._rest: bytes | memoryview = b""
        """What was read, but not looked at yet: all before it has to be answered, and read by the client."""
        self._answers = 0
        """The number of requests of the current piece that were answered at once."""
        self._turn_end = 0.0
        self._origin_host: bytes | None = None
        self._origin = ""
        """The origin of this server as the client spelled it last, in the Host above."""
        self._head: RequestHead | None = None
        """The head of the request that was answered last."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected."""
        super().connection_made(transport)
        port = self.server[1] if self.server else None
        if (targets := self._targets_by_port.get(port)) is None:
            find: FindProvider | None = getattr(self.config.app, "find_provider", None)
            # Below another path, or with a log of accesses, all that uvicorn does is needed.
            is_plain = not self.root_path and not self.access_log
            targets = self._targets_by_port[port] = RequestTargets(find if is_plain else None, port)
        self._targets = targets
        self._heads = self._heads_by_listener.setdefault((self.scheme, self.server), ParsedHeads())

    def connection_lost(self, exc: Exception | None) -> None:
        """The client, or we, hung up."""
        self._rest = b""
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes of a client."""
        if self._ended:
            return
        if self.flow.is_held:
            # They were on their way when reading was paused.
            self._rest = bytes(self._rest) + data
            return
        if is_first := self._stage is None:
            end = data.find(END) + len(END)
            parsed = self._heads.find(data[:end])
            if parsed is not None and len(data) - end == parsed.length and not self._is_busy():
                self._answer_repeated(parsed, data[end:])
                return
        if len(data) <= _PIECE:
            self._answers = 0
            self.read(data)
            if self._held is not None:
                self._wait_for_body()
                if is_first and end == len(data) and self._held is not None:
                    self._head_bytes = data
            if self._is_behind:
                self._pause()
            elif is_first and self._answers == 1:
                self._remember(data[:end], len(data) - end)
        else:
            self._rest = memoryview(data)
            self._read_rest()

    def _remember(self, raw: bytes, size: int) -> None:
        """Keeps the head of the request that was answered last, if it has these bytes and a body of that size.

        Its body is then all that followed the first head, so there was no other request.
        """
        head = self._head
        is_plain = self._stage is None and self._keep_alive and self._version == "1.1" and not self._ended
        if is_plain and head is not None and length_of_body(head) == size:
            parsed = ParsedHead(
                head, method=self.method, url=self.url, host=self._host, target=self._target, length=size
            )
            self._heads.add(raw, parsed)

    def _read_rest(self) -> None:
        """Reads the rest piece by piece, to its end or until others must have their turn."""
        while self._rest and not self._ended:
            size = self._size_of_piece()
            piece, self._rest = self._rest[:size], self._rest[size:]
            self._answers = 0
            self.read(piece)
            if self._is_behind or (self._answers and self._rest and not self._ended):
                self._pause()
                return
        self._rest = b""
        self.flow.release()
        if self.cycle is None or self.cycle.response_complete:
            self.flow.resume_reading()
        if self._held is not None:
            self._wait_for_body()
        self.on_rest_read()

    def _size_of_piece(self) -> int:
        if self._stage is not BODY:
            return _PIECE
        length = first_values(self.headers).get(b"content-length", b"")
        missing = int(length) - self._body_size if length.isdigit() else 0
        return min(max(missing, _PIECE), _BODY_PIECE)

    def _pause(self) -> None:
        """Reads no more until everything before is answered, and read by the client."""
        self._is_behind = False
        self.flow.hold()
        self.loop.call_soon(self.go_on)

    def go_on(self) -> None:
        """Reads on, if it was paused, and everything before is answered, and read by the client."""
        if self.flow.is_held and not self._must_wait() and not self.transport.is_closing():
            self._read_rest()

    def _must_wait(self) -> bool:
        """Tells whether something before has to be answered, or read by the client, before anything more is read.

        A request does not wait for itself: its application has begun, and may wait for the rest of its body.
        """
        is_first = self._stage is BODY and self._held is None and not self.pipeline
        return self.flow.write_paused if is_first else self._is_busy()

    def resume_writing(self) -> None:
        """The client has read most of what was sent to it."""
        super().resume_writing()
        self.go_on()

    def on_rest_read(self) -> None:
        """Everything that was read is answered, or held, or has a cycle."""

    def _wait_for_body(self) -> None:
        """Goes on holding a request whose body is short and of a known length; any other one is the application's."""
        length, address = first_values(self.headers).get(b"content-length", b""), self._target.address
        assert address is not None, "only the requests of providers are held"
        if not length.isdigit() or int(length) > min(HIGH_WATER_LIMIT, address.pipeline.body_limit):
            self.start_cycle(self.app)

    # Responses

    def answer_held(self, body: bytes) -> None:
        """Answers the request that is held. What takes longer than a turn, or is sent otherwise, gets an ASGI task."""
        if self._answers and self._is_turn_over():
            self._is_behind = True
            self.start_cycle(self.app)
            return
        self._answers += 1
        address, raw, self._head_bytes = self._target.address, self._head_bytes, None
        assert address is not None, "only the requests of providers are held"
        parsed = None if raw is None else self._heads.find(raw)
        head = self._head = self._make_head(address) if parsed is None else parsed.head
        self._send(address.pipeline.begin(head, body))
        if raw is not None and parsed is None:
            self._remember(raw, len(body))

    def _make_head(self, address: ProviderAddress) -> RequestHead:
        return RequestHead(
            self.method.decode("ascii"),
            address.raw_path,
            self._target.query,
            self.headers,
            self._get_origin() + address.mount,
            address.sandbox_id,
            self.server,
        )

    def _answer_repeated(self, parsed: ParsedHead, body: bytes) -> None:
        """Answers a whole request whose head came before."""
        address = parsed.target.address
        assert address is not None, "only the heads of requests to providers are kept"
        answer = address.pipeline.begin(parsed.head, body)
        if isinstance(answer, EncodedResponse):
            to_head = parsed.method == b"HEAD"
            head = response_head(answer, to_head=to_head, keep_alive=True)
            if head is not None:
                self._write_parts(head, b"" if to_head else answer.body)
                self._waiting_since = self.loop.time()
                return
        self._take_head(parsed, body)
        self._send(answer)

    def _take_head(self, parsed: ParsedHead, body: bytes) -> None:
        """Holds a request as the parser does that has read it."""
        self.url, self.method, self.headers = parsed.url, parsed.method, list(parsed.head.raw_headers)
        self.expect_100_continue = self._is_chunked = self._is_unusual = False
        self._host, self._target, self._head = parsed.host, parsed.target, parsed.head
        self._version, self._keep_alive = "1.1", True
        self._waiting_since = 0.0
        self._body_size, self._chunks, self._received = len(body), 0, 0
        self._held = [body]

    def _send(self, answer: Answer | PendingAnswer) -> None:
        if isinstance(answer, EncodedResponse):
            self._write(answer)
        elif isinstance(answer, PendingAnswer):
            answer.deliver(partial(self._answer_pending, self.make_cycle()))
        else:
            self.start_cycle(answer)

    def _answer_pending(self, cycle: Cycle, answer: Answer) -> None:
        """Sends a response that others had to be waited for, unless the client hung up meanwhile."""
        if cycle.disconnected or self.transport.is_closing():
            return
        if isinstance(answer, EncodedResponse):
            to_head = cycle.scope["method"] == "HEAD"
            head = response_head(answer, to_head=to_head, keep_alive=cycle.keep_alive)
            if head is not None and not self.flow.write_paused:
                self._write_parts(head, b"" if to_head else answer.body)
                cycle.complete()
                return
            self._start_asgi_task(cycle, partial(send_response, answer))
            return
        self._start_asgi_task(cycle, answer)

    def _is_turn_over(self) -> bool:
        if self.flow.write_paused or self.transport.is_closing():
            return True
        if self._answers == 1:
            self._turn_end = stopwatch() + _TURN
        return stopwatch() >= self._turn_end

    def _get_origin(self) -> str:
        host = self._host
        if host != self._origin_host or host is None:
            assert self.scheme is not None, "a client is connected"
            name = None if host is None else host.decode("latin-1")
            public: str | None = getattr(self.config.app, "public_url", None)
            self._origin_host, self._origin = host, public or origin_at(self.scheme, name, self.server)
        return self._origin

    def _write(self, response: EncodedResponse) -> None:
        """Sends a response, and ends the connection when the request was its last one."""
        transport, to_head, body = self.transport, self.method == b"HEAD", response.body
        head = response_head(response, to_head=to_head, keep_alive=self._keep_alive)
        if head is None:
            self.start_cycle(partial(send_response, response))
            return
        self._held = None
        self._write_parts(head, b"" if to_head else body)
        if self._keep_alive:
            self._waiting_since = self.loop.time()
        else:
            self._ended = True
            transport.close()

    def _write_parts(self, head: bytes, body: bytes) -> None:
        if not body:
            self.transport.write(head)
        elif len(body) <= _JOINED:
            self.transport.write(head + body)
        else:
            self.transport.writelines((head, body))
