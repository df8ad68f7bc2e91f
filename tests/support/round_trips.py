"""Counts the round trips to a server: a relay on the way notes how often a client speaks after the server did."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from selectors import EVENT_READ, DefaultSelector

_SIZE = 65_536


class RoundTrips:
    """A relay to a port of this machine, at a port of its own."""

    def __init__(self, port: int) -> None:
        self._server = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._count = 0
        self.port: int = self._listening.getsockname()[1]

    @contextmanager
    def running(self) -> Iterator["RoundTrips"]:
        """Relays as long as the block lasts."""
        thread = threading.Thread(target=self._accept, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            with suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            thread.join()

    def take(self) -> int:
        """Returns the number of round trips since it was last asked."""
        count, self._count = self._count, 0
        return count

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server))
            threading.Thread(target=self._relay, args=(client, server), daemon=True).start()

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        speaks = None
        with closing(client), closing(server), DefaultSelector() as selector, suppress(OSError):
            selector.register(client, EVENT_READ, server)
            selector.register(server, EVENT_READ, client)
            while True:
                for key, _ in selector.select():
                    assert isinstance(key.fileobj, socket.socket)
                    data = key.fileobj.recv(_SIZE)
                    if not data:
                        return
                    if key.fileobj is client and speaks is not client:
                        self._count += 1
                    speaks = key.fileobj
                    key.data.sendall(data)
