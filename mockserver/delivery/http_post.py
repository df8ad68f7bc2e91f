"""A POST goes over a connection of its own: to an address, for a host, without redirects or proxies."""

import asyncio
import os
from contextlib import suppress
from ssl import SSLContext, SSLError

import h11

_MAX_HEAD = 100 * 1024
"""Bytes of a status line and headers; what is longer is no answer."""
_CHUNK = 64 * 1024


class Unreachable(Exception):
    """No connection to an address can be made; the message says why."""


class HttpPost:
    """A connection for one request, which `close` ends at once."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)

    @classmethod
    async def connect(cls, address: str, port: int, tls: SSLContext | None, host: str) -> "HttpPost":
        """Connects to the address; with TLS its certificate must be the host's. Raises Unreachable."""
        try:
            return cls(
                *await asyncio.open_connection(address, port, ssl=tls, server_hostname=None if tls is None else host)
            )
        except OSError as error:  # of TLS, too
            # Event loops have words of their own for the errors of a system.
            is_known = error.errno is not None and not isinstance(error, SSLError)
            raise Unreachable(os.strerror(error.errno or 0) if is_known else str(error)) from error

    async def send(self, target: str, headers: list[tuple[str, str]], body: bytes) -> int:
        """Sends the request and returns the status of its answer. Raises OSError and h11.RemoteProtocolError."""
        request = h11.Request(method="POST", target=target, headers=headers)
        content, end = h11.Data(data=body), h11.EndOfMessage()
        self._writer.write(b"".join(self._http.send(event) or b"" for event in (request, content, end)))
        with suppress(ConnectionError):  # Who does not read on may have answered already.
            await self._writer.drain()
        while True:
            event = await self._next_event()
            # Other protocols were not asked for: 101 is no way to one.
            if isinstance(event, h11.Response) or (isinstance(event, h11.InformationalResponse) and _is_last(event)):
                return event.status_code
            if isinstance(event, h11.ConnectionClosed):
                raise h11.RemoteProtocolError("the connection ended before the answer")

    async def drain(self, most: int) -> None:
        """Reads the body of the answer to its end, or as much of it."""
        size = 0
        while isinstance(event := await self._next_event(), h11.Data) and size <= most:
            size += len(event.data)

    def close(self) -> None:
        """Closes the connection, whatever is on its way."""
        self._writer.transport.abort()

    async def _next_event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(_CHUNK))
        return event


def _is_last(answer: h11.InformationalResponse) -> bool:
    return answer.status_code == 101
