"""The connections of clients: bounds on every moment in which a client is waited for, and refusals.

Time that the server takes, for a held answer or an event stream, is nobody's fault and has no bound here.
"""

import asyncio
from functools import partial
from typing import Any

from mockserver.foundation.problems import malformed
from mockserver.server.limits import ConnectionLimit, Limits
from mockserver.server.refusals import RequestRefused, refusal_bytes
from mockserver.server.request_reader import BODY, HEAD
from mockserver.server.whole_requests import WholeRequests


def uvicorn_options(limits: Limits | None = None, connection_limit: ConnectionLimit | None = None) -> dict[str, Any]:
    """The options of the HTTP server; benchmarks measure its limit with the same, and import no more than this."""
    return {
        "http": partial(
            HttpProtocol,
            limits=limits or Limits(),
            connection_limit=connection_limit or ConnectionLimit(),
            targets={},
            heads={},
        ),
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        # We name and date our answers ourselves, by the clock of the sandbox.
        "server_header": False,
        "date_header": False,
        "timeout_graceful_shutdown": 5,
    }


class HttpProtocol(WholeRequests):
    """A connection of a client. The scope of every request carries it, for faults that break it.

    One timer runs while the connection is open. It compares the clock with the moment since which the client is waited
    for; so a call that comes in one piece costs no timer of its own.
    """

    def __init__(self, *arguments: Any, limits: Limits, connection_limit: ConnectionLimit, **options: Any) -> None:
        super().__init__(*arguments, limits=limits, **options)
        self._connection_limit = connection_limit
        self._timer: asyncio.TimerHandle | None = None
        self._pending: RequestRefused | None = None
        """A refusal that waits for the responses to the requests before it."""
        self._is_stopping = False
        """Whether the server stops, once what was read is answered."""
        self._unread = 0
        """The number of bytes that the client had left unread when the timer last looked."""
        self._unread_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected."""
        super().connection_made(transport)
        if self._connection_limit.refuses(len(self.connections)):
            self._ended = True
            transport.write(refusal_bytes(503, "More clients are connected than this server has room for."))
            transport.close()
            return
        self._waiting_since = self.loop.time()
        self._timer = self.loop.call_later(self._limits.shortest, self._check_time)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client, or we, hung up."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)
        self._connection.lost()

    def shutdown(self) -> None:
        """The server stops; calls under way are answered, and bodies that do not come soon are refused."""
        if self._rest:
            self._is_stopping = True
            return
        if self._held is not None:
            self.start_cycle(self.app)
        super().shutdown()
        if self._stage == BODY:
            self._timer = self.loop.call_later(self._limits.farewell, self._refuse_rest)
        if self._ended and self._pending is None:
            self.transport.close()
        self._connection.stop()

    def on_rest_read(self) -> None:
        """Everything that was read is on its way: a stop of the server waits for no more."""
        if self._is_stopping:
            self._is_stopping = False
            self.shutdown()

    def _refuse_rest(self) -> None:
        if self._stage == BODY and not self.transport.is_closing():
            self.refuse(RequestRefused(503, "The server stops, and the body of this request is not complete."))

    def on_response_complete(self) -> None:
        """The last byte of a response."""
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            if not self.pipeline and self.flow.is_held:
                # The rest of its body may be among what was not looked at yet.
                self.loop.call_soon(self.go_on)
        elif self._pending is not None:
            self._end(self._pending)
        else:
            self._waiting_since = self.loop.time()
            if self.flow.is_held:
                self.loop.call_soon(self.go_on)

    # Time

    def _check_time(self) -> None:
        """Ends what the client has had its time for, and looks again when it may have had it."""
        now = self.loop.time()
        left = min(self._seconds_left(now), self._unread_seconds_left(now))
        if self._ended and self._pending is None and not self.transport.is_closing():
            # It is refused, and has another timer.
            return
        if left > 0:
            self._timer = self.loop.call_later(min(left, self._limits.shortest), self._check_time)
        else:
            self._hang_up()

    def _seconds_left(self, now: float) -> float:
        """Returns how long the client is still waited for. A part of a request that it has not sent is refused."""
        limits, cycle = self._limits, self.cycle
        if self._ended:
            return limits.shortest
        answering = self.flow.is_held or (cycle is not None and not cycle.response_complete)
        if self._stage == BODY and self.flow.read_paused:
            # What it sends is not even taken.
            self._waiting_since = now
        waited = now - self._waiting_since if self._waiting_since else 0.0
        if self._stage == HEAD:
            if waited < limits.head:
                return limits.head - waited
            detail = f"The request line and the headers did not come within {limits.head:g} seconds."
            self.refuse(RequestRefused(408, detail))
            return limits.shortest
        if self._stage == BODY and (self._held is not None or (answering and cycle.body_problem is None)):
            allowed = max(limits.body, self._body_size / limits.rate)
            if waited >= allowed:
                detail = f"The body did not come within {limits.body:g} seconds, nor with {limits.rate} bytes a second."
                if self._held is not None:
                    self.start_cycle(self.app)
                # 408 would be right, but no contract has it: what cannot be read whole cannot be read.
                self.cycle.give_up_body(malformed(detail))
            return max(allowed - waited, limits.shortest)
        if answering:
            return limits.shortest
        return (limits.body if self._stage == BODY else limits.idle) - waited

    def _unread_seconds_left(self, now: float) -> float:
        """Returns how long the client may go on to read nothing of what was sent to it."""
        unread = self.transport.get_write_buffer_size()
        if unread == 0 or unread != self._unread:
            self._unread, self._unread_since = unread, now
        return self._limits.unread - (now - self._unread_since)

    def _hang_up(self) -> None:
        if self.transport.is_closing() or self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    # Refusals

    def refuse(self, refusal: RequestRefused) -> None:
        """Answers once the requests before are answered, then ends the connection: what follows cannot be told apart.

        A request whose body cannot be read is answered by this alone; when its own response has begun, it is cut.
        """
        self._ended = True
        cycle = self.cycle
        if self._stage == BODY:
            self._stage = None
            if self._held is not None:
                self._held = None
                self._end(refusal)
            elif self.pipeline:
                self.pipeline.popleft()
                self._pending = refusal
            elif cycle.response_started:
                self.transport.close()
            else:
                cycle.disconnect()
                self._end(refusal)
        elif cycle is not None and not cycle.response_complete:
            self._pending = refusal
        else:
            self._end(refusal)

    def _end(self, refusal: RequestRefused) -> None:
        """Sends the refusal, and reads what still comes for a while: else the client might not get to read it."""
        self._pending = None
        self.transport.write(refusal_bytes(refusal.status, refusal.detail))
        if not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(self._limits.linger, self.transport.abort)
