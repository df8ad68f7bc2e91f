"""The TCP connection of a request, for faults that break it. Our own server puts it into the ASGI scope."""

import asyncio
import socket
import struct
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

KEY = "mockserver.connection"
"""The key of the connection in the `extensions` of a scope."""

SANDBOX = "mockserver.sandbox"
"""The key, beside it, of the sandbox of all calls to real hosts on a connection."""
_TRIES, _STEP = 200, 0.001
"""Number of checks that the write buffer is empty, and seconds between them."""
_PATIENCE = 5.0
"""Seconds after which a closed connection is aborted that the client has not read to its end."""


class Connection:
    """A connection that a fault can close or reset, and that says when it ends."""

    __slots__ = ("_lost", "_transport", "closing", "listeners")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._lost = asyncio.Event()
        self.closing = False
        """True once the client has disconnected or the server stops: delayed responses end at once."""
        self.listeners: set[Callable[[], None]] = set()
        """Functions that the connection calls when it begins to close."""

    async def end(self, *, reset: bool) -> None:
        """Closes the connection once all data is written; with `reset` the client gets a TCP RST."""
        if reset:
            await self._written()
            self._linger(0)
            self._transport.abort()
        else:
            self._transport.close()
        try:
            await asyncio.wait_for(self._lost.wait(), _PATIENCE)
        except TimeoutError:
            self._transport.abort()
            await self._lost.wait()

    def stop(self) -> None:
        """Marks the connection as closing, because the server stops."""
        self.closing = True
        for listener in list(self.listeners):
            listener()

    def lost(self) -> None:
        """Marks the connection as ended."""
        self._lost.set()
        self.stop()

    async def _written(self) -> None:
        """Waits until the write buffer is empty, since a reset would discard it."""
        for _ in range(_TRIES):
            await asyncio.sleep(_STEP)
            if self._transport.get_write_buffer_size() == 0:
                return

    def _linger(self, seconds: int) -> None:
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))


def connection_of(scope: MutableMapping[str, Any]) -> Connection | None:
    """Returns the connection of a request, or None under another server and in process."""
    extensions: Mapping[str, Any] = scope.get("extensions") or {}
    connection = extensions.get(KEY)
    return connection if isinstance(connection, Connection) else None


def sandbox_of_connection(scope: MutableMapping[str, Any]) -> str | None:
    """Returns the sandbox of all calls to real hosts on the connection of a request; None leaves it to each call."""
    id: str | None = (scope.get("extensions") or {}).get(SANDBOX)
    return id
