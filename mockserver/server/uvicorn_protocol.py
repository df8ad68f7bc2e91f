"""uvicorn's HTTP protocol, with our own words for what is not HTTP at all, and a bound on what comes before a body."""

import asyncio
import json
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.foundation.connection import KEY, Connection

MAX_HEAD = 512 * 1024
"""About the most bytes of a request line and headers that are read; the parser itself has no bound."""


def uvicorn_options() -> dict[str, Any]:
    """The options of the HTTP server; benchmarks measure its limit with the same, and import no more than this."""
    return {
        "http": HttpProtocol,
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        # We name and date our answers ourselves, by the clock of the sandbox.
        "server_header": False,
        "date_header": False,
        "timeout_graceful_shutdown": 5,
    }


class HttpProtocol(HttpToolsProtocol):
    """Answers bytes that are no HTTP request with a problem detail: no provider can be told from them.

    The scope of every request carries its connection, for faults that break it.
    """

    _connection: Connection
    _extensions: Any
    _head: int | None = None
    """How many bytes came of a head that is not complete; None when none is under way."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected."""
        super().connection_made(transport)
        self._connection = Connection(transport)
        self._extensions = {KEY: self._connection}

    def connection_lost(self, exc: Exception | None) -> None:
        """The client, or we, hung up."""
        super().connection_lost(exc)
        self._connection.lost()

    def shutdown(self) -> None:
        """The server stops; calls under way are answered."""
        super().shutdown()
        self._connection.stop()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self.scope["extensions"] = self._extensions
        self._head = 0

    def on_headers_complete(self) -> None:
        """The last byte before a body."""
        super().on_headers_complete()
        self._head = None

    def data_received(self, data: bytes) -> None:
        """Bytes of a client."""
        super().data_received(data)
        if self._head is None or self.transport.is_closing():
            return
        self._head += len(data)
        if self._head > MAX_HEAD:
            self._refuse(431, f"The request line and the headers are larger than {MAX_HEAD} bytes.")

    def send_400_response(self, msg: str) -> None:
        """The parser does not understand the bytes that came."""
        self._refuse(400, "This is not an HTTP/1.1 request that can be read.")

    def _refuse(self, status: int, detail: str) -> None:
        """Answers once, then ends the connection: what follows cannot be told apart."""
        title = HTTPStatus(status).phrase
        body = json.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail}).encode()
        head = f"HTTP/1.1 {status} {title}\r\ncontent-type: application/problem+json\r\nconnection: close\r\n"
        self.transport.write(head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body)
        self.transport.close()
