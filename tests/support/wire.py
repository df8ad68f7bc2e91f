"""A connection of our HTTP server without a socket: a test feeds it bytes, and lets its event loop turn."""

import asyncio
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from mockserver.server.limits import Limits
from mockserver.server.uvicorn_protocol import HttpProtocol, uvicorn_options

_HIGH_WATER = 65_536


class Wire(asyncio.Transport):
    """The transport of one connection. Its client reads nothing while `reads` is false."""

    def __init__(self, app: Any, limits: Limits | None = None) -> None:
        super().__init__()
        config = uvicorn.Config(app, **uvicorn_options(limits))
        config.load()
        self.received = bytearray()
        """What the client has read."""
        self.responses = 0
        """The number of responses in it."""
        self.unread = bytearray()
        self.reads = True
        self.takes_more = True
        """Whether the server reads what the client sends."""
        self.closed = self.aborted = False
        make: Any = config.http_protocol_class
        self.protocol: HttpProtocol = make(
            config=config, server_state=ServerState(), app_state={}, _loop=asyncio.get_running_loop()
        )
        self.protocol.connection_made(self)

    def feed(self, data: bytes) -> None:
        """Sends bytes, as one read of the server."""
        assert self.takes_more, "nothing is read while reading is paused"
        self.protocol.data_received(data)

    def read_all(self) -> None:
        """Has the client read again, and everything that waits for it."""
        self.reads = True
        while self.unread:
            unread, self.unread = self.unread, bytearray()
            self._read(unread)
            self.protocol.resume_writing()

    def _read(self, data: bytes | bytearray) -> None:
        self.received += data
        self.responses += data.count(b"HTTP/1.1 ")

    def write(self, data: Any) -> None:
        """Takes bytes of the server."""
        assert not self.closed, "nothing is written after the end"
        if self.reads:
            self._read(data)
            return
        self.unread += data
        if len(self.unread) > _HIGH_WATER:
            self.protocol.pause_writing()

    def writelines(self, list_of_data: Any) -> None:
        """Takes several pieces."""
        self.write(b"".join(list_of_data))

    def get_write_buffer_size(self) -> int:
        """The number of bytes that the client has not read."""
        return len(self.unread)

    def is_closing(self) -> bool:
        """Tells whether the server has ended the connection."""
        return self.closed

    def close(self) -> None:
        """Ends the connection."""
        self.closed = True

    def abort(self) -> None:
        """Ends the connection at once."""
        self.closed = self.aborted = True

    def pause_reading(self) -> None:
        """Reads no more."""
        self.takes_more = False

    def resume_reading(self) -> None:
        """Reads on."""
        self.takes_more = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """The addresses of both ends."""
        return {"sockname": ("127.0.0.1", 8080), "peername": ("127.0.0.1", 50_000)}.get(name, default)
