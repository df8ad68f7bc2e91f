"""uvicorn's cycle of one request and its response, with our own end of what goes wrong."""

import asyncio
import logging
from typing import Any

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from mockserver.foundation.problems import Problem
from mockserver.foundation.redaction import loggable
from mockserver.server.refusals import problem_body

log = logging.getLogger("mockserver.server")

FAILED = "The mock server failed; its log says why."


class Cycle(RequestResponseCycle):
    """A request and its response; what the application leaves open gets a problem detail, and one line in the log."""

    body_problem: Problem | None = None
    """The reason why no more of the body is waited for."""

    async def run_asgi(self, app: Any) -> None:
        """Runs the application, and completes what it does not. A stop of the server ends it without a word."""
        try:
            await app(self.scope, self.receive, self.send)
            if not self.response_complete and not self.disconnected:
                raise RuntimeError("the application returned before its response was complete")
        except asyncio.CancelledError:
            self.transport.abort()
        except Exception as error:
            log.error("%s %s failed: %r", self.scope["method"], loggable(self.scope["path"]), error)
            log.debug("the call that failed", exc_info=error)
            await self._fail()
        finally:
            self.on_response = lambda: None

    async def _fail(self) -> None:
        if self.response_started or self.disconnected:
            self.transport.close()
            return
        body = problem_body(500, FAILED)
        headers = [(b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(body))]
        start: Any = {"type": "http.response.start", "status": 500, "headers": [*headers, (b"connection", b"close")]}
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body, "more_body": False})

    async def receive(self) -> Any:
        """Returns the next part of the body. Raises the `Problem` of a body that is not waited for any more."""
        message = await super().receive()
        if self.body_problem is not None and self.more_body and not self.disconnected:
            raise self.body_problem
        return message

    def complete(self) -> None:
        """Notes that the whole response was written, without this cycle."""
        self.response_started = self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    def add_to_body(self, part: bytes) -> None:
        """Keeps a part of the body for the application; of a body that it does not read only so much is kept."""
        self.body += part
        if len(self.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        self.message_event.set()

    def end_body(self) -> None:
        """Tells the application that its request is whole."""
        self.more_body = False
        self.message_event.set()

    def give_up_body(self, problem: Problem) -> None:
        """Has the application refuse the request for a body that does not come."""
        self.body_problem = problem
        self.keep_alive = False
        self.message_event.set()

    def disconnect(self) -> None:
        """Tells the application that nobody reads its response."""
        self.disconnected = True
        self.message_event.set()
