"""The same application behind our HTTP server twice: whole requests are answered at once, or all go by ASGI."""

import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

from mockserver.server.app import MockServer
from mockserver.server.embedded import asgi_app
from mockserver.server.request_reader import RequestReader
from mockserver.server.uvicorn_protocol import uvicorn_options
from tests.conftest import NOW
from tests.support.bounded import BoundedServer, run_server
from tests.support.patience import PATIENCE

RESET = b"(reset)"
"""Stands at the end of what was received where the connection was reset."""

REAL_DATE = re.compile(rb"date: (?!Thu, 01 Jan 2026 00:00:00 GMT)[^\r]+")


class ByAsgi:
    """An application of which a server knows nothing but that it is one."""

    def __init__(self, app: MockServer) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)


@dataclass(frozen=True)
class Way:
    """A server that answers in one of the ways."""

    app: MockServer
    server: BoundedServer

    def talk(self, pieces: Sequence[bytes]) -> bytes:
        """Sends pieces, each after a rest, and returns everything that comes until the connection ends."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return converse(connection, pieces)


def converse(connection: socket.socket, pieces: Sequence[bytes]) -> bytes:
    """Sends pieces over a connection, each after a rest, and returns everything that comes until it ends.

    The date of our own pages, which is that of the machine, is replaced; providers have that of the sandbox.
    """
    received = b""
    try:
        for number, piece in enumerate(pieces):
            if number:
                time.sleep(0.02)
            connection.sendall(piece)
        while part := connection.recv(65_536):
            received += part
    except ConnectionError:
        received += RESET
    return REAL_DATE.sub(b"date: (now)", received)


def quiet_app(**settings: Any) -> MockServer:
    """The application with a small world, whose time stands still."""
    app = asgi_app(world="small", now=NOW, **settings)
    app.sandbox.clock.freeze()
    return app


@contextmanager
def one_way(app: MockServer, *, at_once: bool, **options: Any) -> Iterator[Way]:
    """Serves an application; `at_once` has whole requests answered without ASGI."""
    merged = {**uvicorn_options(), "timeout_graceful_shutdown": 1, **options}
    with run_server(uvicorn.Config(app if at_once else ByAsgi(app), **merged)) as server:
        yield Way(app, server)


@contextmanager
def two_ways(*, at_once: Any = (), by_asgi: Any = (), **settings: Any) -> Iterator[tuple[Way, Way]]:
    """Serves two applications with the same settings: the first answers at once, the second by ASGI.

    `at_once` and `by_asgi` are options of their HTTP servers.
    """
    with ExitStack() as stack:
        first = stack.enter_context(one_way(quiet_app(**settings), at_once=True, **dict(at_once)))
        second = stack.enter_context(one_way(quiet_app(**settings), at_once=False, **dict(by_asgi)))
        yield first, second


@contextmanager
def unhurried_turns() -> Iterator[None]:
    """Lets a turn take as long as it takes, on a machine however busy: what gets a task is then sure."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mockserver.foundation.slices.SLICE", PATIENCE)
        patch.setattr("mockserver.server.whole_requests._TURN", PATIENCE)
        yield


@contextmanager
def counted_cycles() -> Iterator[list[bytes]]:
    """Lists the targets of the requests that get an ASGI task."""
    started, original = [], RequestReader.start_cycle

    def start_cycle(self: RequestReader, app: Any) -> None:
        started.append(self.url)
        original(self, app)

    RequestReader.start_cycle = start_cycle  # type: ignore[method-assign]
    try:
        yield started
    finally:
        RequestReader.start_cycle = original  # type: ignore[method-assign]
