"""The application behind our own HTTP server in a thread, with bounds that a test can wait for."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from mockserver.foundation.settings import Settings
from mockserver.server.app import build
from mockserver.server.limits import ConnectionLimit, Limits
from mockserver.server.uvicorn_protocol import uvicorn_options
from tests.conftest import NOW
from tests.support.patience import PATIENCE, until


class BoundedServer:
    """A running server: its port, and what it knows of its connections."""

    def __init__(self, port: int, server: uvicorn.Server) -> None:
        self.port = port
        self._server = server

    @property
    def connections(self) -> int:
        """The number of open connections."""
        return len(self._server.server_state.connections)

    def connect(self) -> socket.socket:
        """A connection of a patient client."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)


@contextmanager
def serve_bounded(
    limits: Limits, connection_limit: ConnectionLimit | None = None, app: Any = None
) -> Iterator[BoundedServer]:
    """Serves the small world, or another application, until the end of the block."""
    options = {**uvicorn_options(limits, connection_limit), "timeout_graceful_shutdown": 1}
    with run_server(uvicorn.Config(app or build(Settings(world="small", now=NOW)), **options)) as running:
        yield running


@contextmanager
def run_server(config: uvicorn.Config) -> Iterator[BoundedServer]:
    """Runs a server in a thread until the end of the block."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield BoundedServer(listening.getsockname()[1], server)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listening.close()
