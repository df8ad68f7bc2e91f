"""The connection by which a call came, for faults that break it: the ASGI scope carries one when the server is ours."""

import asyncio
import socket
import struct
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

KEY = "mockserver.connection"
"""Where it is in the `extensions` of a scope."""

_TRIES, _STEP = 200, 0.001
"""How often and after how many seconds it is asked whether everything was written."""
_PATIENCE = 5.0
"""Seconds until a connection that is closed but not read to its end is torn down."""


class Connection:
    """See the module."""

    __slots__ = ("_lost", "_transport", "closing", "listeners")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._lost = asyncio.Event()
        self.closing = False
        """Whether the client is gone, or the server stops: nothing is held back any longer."""
        self.listeners: set[Callable[[], None]] = set()
        """Called when it begins to close."""

    async def end(self, *, reset: bool) -> None:
        """Closes it after what was sent so far; with `reset` the other end is told so with a TCP RST."""
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
        """The server stops."""
        self.closing = True
        for listener in list(self.listeners):
            listener()

    def lost(self) -> None:
        """The connection is no more."""
        self._lost.set()
        self.stop()

    async def _written(self) -> None:
        """What waits to be written would be lost with a reset."""
        for _ in range(_TRIES):
            await asyncio.sleep(_STEP)
            if self._transport.get_write_buffer_size() == 0:
                return

    def _linger(self, seconds: int) -> None:
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))


def connection_of(scope: MutableMapping[str, Any]) -> Connection | None:
    """The connection of a call, or None when the server is not ours, as in process."""
    extensions: Mapping[str, Any] = scope.get("extensions") or {}
    found = extensions.get(KEY)
    return found if isinstance(found, Connection) else None
