"""The load generator for machines without wrk: sockets and an epoll loop, one request in flight on each connection.

A process of its own, `python -m tests.benchmarks.client PORT SECONDS CONNECTIONS FIRST`, the request on standard input;
reports one line of JSON. It costs about as much as a fast server: the fastest servers look closer than they are.
"""

import json
import re
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field

from tests.benchmarks.workloads import HOST, MARK, reference

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_MOST = 1 << 20
_PATIENCE = 30
"""Seconds without any answer, after which the server counts as dead."""


@dataclass(slots=True)
class Connection:
    """A socket and what of an answer it has received so far; `missing` bytes are still to come."""

    sock: socket.socket
    head: bytes = b""
    missing: int = 0
    is_refusal: bool = False
    sent: float = 0.0


@dataclass(slots=True)
class Client:
    """Sends a request on every connection, and the next one as soon as its answer is complete."""

    template: bytes
    number: int
    connections: int
    requests: int = 0
    refused: int = 0
    received: int = 0
    waits: list[float] = field(default_factory=list)
    parts: list[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.parts = self.template.split(MARK.encode())

    def run(self, port: int, seconds: float) -> float:
        """Loads a server; how many seconds it took. Raises OSError when the server hangs up or is silent."""
        with selectors.DefaultSelector() as selector:
            connections = [self._connect(port, selector) for _ in range(self.connections)]
            began = time.perf_counter()
            for connection in connections:
                self._send(connection)
            while time.perf_counter() - began < seconds or not self.requests:
                ready = selector.select(_PATIENCE)
                if not ready:
                    raise TimeoutError(f"no answer in {_PATIENCE} s")
                for key, _ in ready:
                    self._receive(key.data)
            took = time.perf_counter() - began
        for connection in connections:
            connection.sock.close()
        return took

    def _connect(self, port: int, selector: selectors.BaseSelector) -> Connection:
        sock = socket.create_connection((HOST, port), timeout=10)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock)
        selector.register(sock, selectors.EVENT_READ, connection)
        return connection

    def _send(self, connection: Connection) -> None:
        connection.sent = time.perf_counter()
        if len(self.parts) == 1:
            connection.sock.sendall(self.template)
            return
        connection.sock.sendall(reference(self.number).encode().join(self.parts))
        self.number += 1

    def _receive(self, connection: Connection) -> None:
        data = connection.sock.recv(_MOST)
        if not data:
            raise ConnectionError("the server hung up")
        self.received += len(data)
        if connection.missing:
            connection.missing -= len(data)
        elif not self._begin(connection, connection.head + data):
            return
        if connection.missing == 0:
            self.requests += 1
            self.refused += connection.is_refusal
            self.waits.append(time.perf_counter() - connection.sent)
            self._send(connection)

    def _begin(self, connection: Connection, data: bytes) -> bool:
        """Reads the head of an answer; False when it is not all there."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            connection.head = data
            return False
        length = _LENGTH.search(data, 0, end + 2)
        if length is None:
            raise ConnectionError("an answer without Content-Length; this client reads no other")
        connection.is_refusal = data[9:10] >= b"4"
        connection.head = b""
        connection.missing = end + 4 + int(length[1]) - len(data)
        return True


def main() -> None:
    """Loads the server at a port and reports."""
    port, seconds, connections, first = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    client = Client(sys.stdin.buffer.read(), first, connections)
    took = client.run(port, seconds)
    waits = sorted(client.waits)
    counts = {"requests": client.requests, "lost": 0, "refused": client.refused, "received": client.received}
    quantiles = {name: waits[int(len(waits) * part)] for name, part in (("p50", 0.5), ("p99", 0.99))}
    sys.stdout.write(json.dumps({**counts, "seconds": took, **quantiles}) + "\n")


if __name__ == "__main__":
    main()
