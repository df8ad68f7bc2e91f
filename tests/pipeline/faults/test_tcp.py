"""Faults from outside: what a client meets on the wire, and that the server goes on."""

import logging
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from threading import Event
from typing import Any

import pytest

from mockserver.sandbox.faults import Fault
from mockserver.sandbox.journal import Entry
from mockserver.server.embedded import EmbeddedServer
from tests.conftest import AUTH, NOW, StartServer
from tests.support.patience import PATIENCE, until

BASIC = b64encode(":".join(AUTH).encode()).decode()
PATH = "/apimo/agencies/101/leads"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """A server in a thread, so that a test can reach its sandbox and its log."""
    with EmbeddedServer(world="small", now=NOW) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet(server: EmbeddedServer, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that a fault does is an error of the server, and after each it serves on other connections."""
    caplog.set_level(logging.INFO)
    yield
    server.app.sandbox.faults.clear()
    with closing(connect(server.url)) as sock:
        assert exchange(sock)[0].startswith(b"HTTP/1.1 200")
    # The lines of access are there only because pytest listens.
    assert [record.getMessage() for record in caplog.records if record.name != "uvicorn.access"] == []


def connect(url: str) -> socket.socket:
    """A connection that gives up only where nothing comes at all."""
    return socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=PATIENCE)


def send(sock: socket.socket, method: str = "GET", path: str = PATH, **headers: str) -> None:
    """Sends a request with Apimo's credentials."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", f"authorization: Basic {BASIC}"]
    sock.sendall("\r\n".join([*lines, *(f"{n}: {v}" for n, v in headers.items()), "", ""]).encode())


def receive(sock: socket.socket) -> tuple[bytes, bytes, str]:
    """Head, body, and how it ended: `complete` by its Content-Length, `closed` or `reset`."""
    got = b""
    while True:
        try:
            part = sock.recv(65_536)
        except ConnectionResetError:
            return *split(got), "reset"
        if not part:
            return *split(got), "closed"
        got += part
        head, body = split(got)
        if b"\r\ncontent-length: %d\r\n" % len(body) in head + b"\r\n":
            return head, body, "complete"


def split(got: bytes) -> tuple[bytes, bytes]:
    """What came as head and body."""
    head, _, body = got.partition(b"\r\n\r\n")
    return head, body


def exchange(sock: socket.socket, method: str = "GET", **headers: str) -> tuple[bytes, bytes, str]:
    """One request and what came back."""
    send(sock, method, **headers)
    return receive(sock)


def put(server: EmbeddedServer, **members: Any) -> None:
    """Puts a fault in place."""
    server.app.sandbox.faults.add(Fault.model_validate(members))


def whole(server: EmbeddedServer) -> bytes:
    """The body when nothing is wrong."""
    with closing(connect(server.url)) as sock:
        return exchange(sock)[1]


@pytest.mark.parametrize("at", ["before", "middle", "after"])
def test_a_reset_is_a_reset_on_the_wire(server: EmbeddedServer, at: str) -> None:
    body = whole(server)
    put(server, kind="reset", at=at)
    with closing(connect(server.url)) as sock:
        head, got, end = exchange(sock)
    assert end == "reset"
    assert got == (body[: len(body) // 2] if at == "middle" else b"")
    assert head.startswith(b"HTTP/1.1 200") == (at == "middle")


def test_a_reset_concerns_one_connection_alone(server: EmbeddedServer) -> None:
    with closing(connect(server.url)) as other, closing(connect(server.url)) as sock:
        assert exchange(other)[2] == "complete"
        put(server, kind="reset", times=1)
        assert exchange(sock)[2] == "reset"
        assert exchange(other)[2] == "complete"


def test_a_wrong_length_ends_too_early_and_a_right_one_does_not_end(server: EmbeddedServer) -> None:
    body = whole(server)
    with closing(connect(server.url)) as sock:
        put(server, kind="truncate", length="right", times=1)
        assert exchange(sock)[1:] == (body[: len(body) // 2], "complete")
        put(server, kind="truncate", length="wrong", keep_bytes=5, times=1)
        head, got, end = exchange(sock)
        assert (got, end) == (body[:5], "closed")
        assert b"\r\ncontent-length: %d" % len(body) in head


@pytest.mark.parametrize("kind", ["truncate; length=wrong", "reset; at=middle", "reset"])
def test_head_breaks_off_as_get_does(server: EmbeddedServer, kind: str) -> None:
    with closing(connect(server.url)) as sock:
        head, body, end = exchange(sock, "HEAD", prefer=f"fault={kind}")
    assert body == b""
    assert end == ("closed" if kind.startswith("truncate") else "reset")
    assert bool(head) == (kind != "reset")


@pytest.mark.parametrize("kind", ["empty", "malformed", "content_type", "redirect"])
def test_the_connection_outlives_an_answer_that_is_only_wrong(server: EmbeddedServer, kind: str) -> None:
    with closing(connect(server.url)) as sock:
        assert exchange(sock, prefer=f"fault={kind}")[2] == "complete"
        assert exchange(sock)[0].startswith(b"HTTP/1.1 200")


def test_a_drip_comes_piece_by_piece(server: EmbeddedServer) -> None:
    body = whole(server)
    size = len(body) // 2 + 1
    put(server, kind="drip", piece_bytes=size, delay_ms=3_600_000)
    with closing(connect(server.url)) as sock:
        send(sock)
        got = b""
        while len(split(got)[1]) < size:
            got += sock.recv(65_536)
        sock.settimeout(0.03)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        sock.settimeout(PATIENCE)
        server.app.sandbox.clock.advance(3_600)
        while len(split(got)[1]) < len(body):
            got += sock.recv(65_536)
    assert split(got)[1] == body


def recorded(server: EmbeddedServer) -> Event:
    """Set when the next call is in the journal."""
    event = Event()

    def listen(entry: Entry) -> None:
        server.app.sandbox.journal.listeners.discard(listen)
        event.set()

    server.app.sandbox.journal.listeners.add(listen)
    return event


def test_a_held_call_holds_up_no_other_and_comes_when_the_clock_moves(server: EmbeddedServer) -> None:
    put(server, kind="delay", delay_ms=3_600_000, times=1)
    with closing(connect(server.url)) as sock, closing(connect(server.url)) as other:
        done = recorded(server)
        send(sock)
        assert done.wait(PATIENCE)
        assert exchange(other)[2] == "complete"
        server.app.sandbox.clock.advance(3_600)
        assert receive(sock)[2] == "complete"


def test_a_client_that_hangs_up_leaves_nobody_waiting(server: EmbeddedServer) -> None:
    put(server, kind="delay", delay_ms=3_600_000, times=1)
    listeners = server.app.sandbox.clock.listeners
    before = set(listeners)
    with closing(connect(server.url)) as sock:
        done = recorded(server)
        send(sock)
        assert done.wait(PATIENCE)
    until(lambda: listeners == before)


def test_many_faults_at_once_leave_a_server_that_works(server: EmbeddedServer) -> None:
    kinds = ["reset", "reset; at=middle", "truncate; length=wrong", "empty", "drip; delay_ms=1; piece_bytes=4000"]
    socks = [connect(server.url) for _ in range(40)]
    for number, sock in enumerate(socks):
        send(sock, prefer=f"fault={kinds[number % len(kinds)]}")
    ends = [receive(sock)[2] for sock in socks]
    for sock in socks:
        sock.close()
    assert ends == ["reset", "reset", "closed", "complete", "complete"] * 8


def test_a_server_that_stops_lets_held_calls_go(start_server: StartServer) -> None:
    served = start_server("--world", "small", "--now", "2026-01-01T00:00:00Z")
    with closing(connect(served.url)) as sock:
        send(sock, prefer="fault=drip; piece_bytes=100; delay_ms=3600000")
        first = sock.recv(65_536)
        served.process.terminate()
        head, body, end = receive(sock)
        assert first.startswith(b"HTTP/1.1 200")
        assert (len(first + head + body) > 1000, end) == (True, "closed")
    assert served.stop() == 0
    log = served.log()
    assert "Traceback" not in log
    assert "ERROR" not in log
