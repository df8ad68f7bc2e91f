"""Every byte and every moment that a client can hold before its request is whole has a bound."""

import json
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from mockserver.server import limits
from mockserver.server.limits import ConnectionLimit, Limits, affordable_connections
from tests.conftest import Served, StartServer
from tests.server.test_hostile import AS_JSON, BASIC, LEADS, MIB, Answer, ask, get, post, receive, request, started
from tests.support.bounded import BoundedServer, serve_bounded
from tests.support.patience import PATIENCE, until

CHUNKED = "Transfer-Encoding: chunked"
SHORT = Limits(head=0.3, body=0.3, idle=PATIENCE, unread=0.4, linger=0.2, rate=10)
"""Bounds that clients of tests pass on purpose; they may be slow between two requests."""
IDLE = Limits(head=PATIENCE, body=PATIENCE, idle=2.0)
ALL = Limits(head=4.0, body=4.0, idle=4.0, unread=4.0)
ADMIN_POST = request("POST /__admin/verify", AS_JSON, "Content-Length: 100", auth="", body=b"{")
GSL_POST = request("POST /gsl/oauth/token", AS_JSON, "Content-Length: 100", auth="", body=b"{")


@pytest.fixture(scope="module")
def bounded() -> Iterator[BoundedServer]:
    """A server with little patience."""
    with serve_bounded(SHORT) as server:
        yield server


def send_until_refused(port: int, head: bytes, piece: bytes, most: int = 8 * MIB) -> tuple[Answer, int]:
    """Sends a piece again and again until the server answers; the answer, and how many bytes were taken."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(head)
        sent = 0
        connection.settimeout(0.001)
        while sent < most:
            with suppress(TimeoutError):
                if connection.recv(1, socket.MSG_PEEK):
                    break
            with suppress(OSError):
                sent += connection.send(piece)
        connection.settimeout(PATIENCE)
        return receive(connection), sent


# Bytes


ENDLESS = {
    "trailers": (started(CHUNKED, body=b"2\r\n{}\r\n0\r\n"), b"X-Trailer: 1234567890\r\n" * 500, 431),
    "one trailer": (started(CHUNKED, body=b"2\r\n{}\r\n0\r\nX-Trailer: "), b"a" * 10_000, 431),
    "the name of a trailer": (started(CHUNKED, body=b"2\r\n{}\r\n0\r\n"), b"a" * 10_000, 431),
    "a chunk extension": (started(CHUNKED, body=b"2;a="), b"a" * 10_000, 431),
    "extensions of many chunks": (started(CHUNKED), b"1;extension=0123456789012345678901\r\na\r\n" * 100, 431),
    "one header": (b"GET / HTTP/1.1\r\nX-Odd: ", b"a" * 10_000, 431),
    "headers": (b"GET / HTTP/1.1\r\n", b"X-Odd: " + b"a" * 1000 + b"\r\n", 431),
    "many headers": (b"GET / HTTP/1.1\r\n", b"a:\r\n" * 100, 431),
    "the name of a header": (b"GET / HTTP/1.1\r\n", b"a" * 10_000, 431),
    "a request line": (b"GET /", b"a" * 10_000, 414),
    "a query": (b"GET /?", b"a" * 10_000, 414),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_has_no_end_is_refused_soon(live: Served, name: str) -> None:
    head, piece, status = ENDLESS[name]
    answer, sent = send_until_refused(live.port, head, piece)
    assert answer.status == status
    assert answer.json["detail"]
    assert answer.headers["connection"] == "close"
    # The bound, and what is in buffers on the way.
    assert sent < 4 * MIB


def test_a_thousand_headers_are_read_and_one_more_is_not(live: Served) -> None:
    few = 3  # host, authorization, connection
    for number, status in ((1000 - few, 200), (1001 - few, 431)):
        assert ask(live, get("/apimo/catalogs", *["X-Odd: 1"] * number)).status == status


def test_a_body_in_small_chunks_is_read(live: Served) -> None:
    body = b'{"reference": "in small chunks", "comment": "' + b"a" * 20_000 + b'"}'
    content = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    assert ask(live, started(CHUNKED, body=content)).status == 200


@pytest.mark.parametrize(
    ("headers", "trailer", "status"),
    [
        ((AS_JSON,), "Authorization: {basic}", 401),
        (("{basic}",), "Content-Type: application/json", 415),
        # RFC 9110 §6.5.1 forbids to send it there, and the parser refuses it.
        (("{basic}", AS_JSON), "Content-Length: 5", 400),
        (("{basic}", AS_JSON), "Host: elsewhere.example", 200),
        (("{basic}", AS_JSON), "X-Mockserver-Sandbox: nowhere", 200),
    ],
)
def test_a_trailer_is_no_header(live: Served, headers: tuple[str, ...], trailer: str, status: int) -> None:
    body = b'13\r\n{"reference": "tr"}\r\n0\r\n' + trailer.format(basic=BASIC).encode() + b"\r\n\r\n"
    lines = [header.format(basic=BASIC) for header in headers]
    assert ask(live, request(f"POST {LEADS}", *lines, CHUNKED, auth="", body=body)).status == status


def test_requests_that_wait_on_one_connection_have_an_end(live: Served) -> None:
    call = b"GET /__admin/version HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with live_connection(live) as connection:
        connection.sendall(call * 3000)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    statuses = re.findall(rb"HTTP/1.1 (\d{3}) ", received)
    assert set(statuses[:-1]) == {b"200"}
    assert statuses[-1] == b"400"
    assert 256 <= len(statuses) < 3000
    assert b"More than 256 requests wait" in received


def live_connection(live: Served) -> socket.socket:
    """A connection of a patient client."""
    return socket.create_connection(("127.0.0.1", live.port), timeout=PATIENCE)


# Moments


UNFINISHED = {
    "half a request line": (b"GET /apimo", 408, "application/problem+json"),
    "half a head": (b"GET /apimo/catalogs HTTP/1.1\r\nHost: a\r\n", 408, "application/problem+json"),
    "half a body": (started("Content-Length: 100", body=b"{"), 400, "application/problem+json"),
    "no body": (started("Content-Length: 100"), 400, "application/problem+json"),
    "half a body in chunks": (started(CHUNKED, body=b"5\r\n{"), 400, "application/problem+json"),
    "half a token request": (GSL_POST, 400, "application/json; charset=utf-8"),
    "half a call of the admin API": (ADMIN_POST, 400, "application/problem+json"),
}


@pytest.mark.parametrize("name", UNFINISHED)
def test_what_does_not_come_is_not_waited_for(bounded: BoundedServer, name: str) -> None:
    sent, status, media = UNFINISHED[name]
    sent = sent.replace(b"Connection: close\r\n", b"")
    with bounded.connect() as connection:
        connection.sendall(sent)
        answer = receive(connection)
        assert (answer.status, answer.headers["content-type"], answer.headers["connection"]) == (status, media, "close")
        assert "did not come" in answer.body.decode()
        assert connection.recv(1) == b""


def test_a_provider_says_in_its_own_words_that_a_body_did_not_come(bounded: BoundedServer) -> None:
    with bounded.connect() as connection:
        connection.sendall(started("Content-Length: 100", body=b"{"))
        assert receive(connection).json["type"].startswith("http://www.w3.org/")


@pytest.mark.parametrize("before", [b"", get("/apimo/catalogs").replace(b"Connection: close\r\n", b"")])
def test_a_connection_that_says_nothing_is_closed(before: bytes) -> None:
    with serve_bounded(IDLE) as server, server.connect() as connection:
        connection.sendall(before)
        if before:
            assert receive(connection).status == 200
        assert connection.recv(1) == b""


def test_a_head_may_not_come_byte_by_byte_for_ever(bounded: BoundedServer) -> None:
    with bounded.connect() as connection, suppress(OSError):
        for _ in range(int(PATIENCE / 0.05)):
            connection.sendall(b"G")
            time.sleep(0.05)
            connection.setblocking(False)
            with suppress(BlockingIOError):
                assert connection.recv(65536).startswith((b"HTTP/1.1 408", b"HTTP/1.1 400"))
                return
            connection.setblocking(True)
        pytest.fail("it was never refused")


def test_a_body_may_take_its_time_as_long_as_it_comes(bounded: BoundedServer) -> None:
    content = b'{"reference": "slow"}' + b" " * 1000
    with bounded.connect() as connection:
        connection.sendall(started(f"Content-Length: {len(content)}", body=content[:100]))
        for start in range(100, len(content), 100):
            time.sleep(0.06)
            connection.sendall(content[start : start + 100])
        assert receive(connection).status == 200


@pytest.mark.slow
def test_time_that_the_server_takes_is_no_fault_of_the_client() -> None:
    held = get("/apimo/catalogs", "Prefer: fault=delay; delay_ms=9000")
    stream = get("/__admin/journal/events", auth="")
    with serve_bounded(ALL) as server, server.connect() as waiting, server.connect() as following:
        following.sendall(stream)
        assert following.recv(65536).startswith(b"HTTP/1.1 200 ")
        # The second call is sent whole while the first one is held, and its body waits, too.
        waiting.sendall(held.replace(b"Connection: close\r\n", b"") + post(b'{"reference": "second"}'))
        assert receive(waiting).status == 200
        assert receive(waiting).status == 200
        events = b""
        while b"createLead" not in events:
            part = following.recv(65536)
            assert part
            events += part


def test_a_client_that_reads_nothing_is_let_go() -> None:
    called = threading.Event()

    async def big(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for event in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{event}.complete"})
            return
        called.set()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(1000):
            await send({"type": "http.response.body", "body": b"a" * 100_000, "more_body": True})

    with serve_bounded(SHORT, app=big) as server, server.connect() as connection:
        connection.sendall(get("/"))
        assert called.wait(PATIENCE)
        until(lambda: server.connections == 0)


def test_the_rest_of_a_refused_body_is_not_read_for_ever(bounded: BoundedServer) -> None:
    with bounded.connect() as connection:
        connection.sendall(started("Content-Length: 99999999").replace(b"Connection: close\r\n", b""))
        assert receive(connection).status == 413
        with suppress(OSError):  # it may be over already
            connection.sendall(b"a" * 1000)
            assert connection.recv(1) == b""


# The number of connections


def test_one_connection_too_many_is_told_so_and_the_log_says_it_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with serve_bounded(Limits(), ConnectionLimit(2)) as server, server.connect(), server.connect() as second:
        until(lambda: server.connections == 2)
        for _ in range(5):
            with server.connect() as third:
                answer = receive(third)
                assert (answer.status, answer.headers["connection"]) == (503, "close")
                assert answer.json["detail"] == "More clients are connected than this server has room for."
        second.close()
        until(lambda: server.connections == 1)
        with server.connect() as third:
            third.sendall(get("/apimo/catalogs"))
            assert receive(third).status == 200
    (line,) = [record.getMessage() for record in caplog.records if "connections are open" in record.getMessage()]
    assert "2 connections are open" in line


def test_the_log_says_it_again_after_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.WARNING)
    moments = [0.0, 1.0, 59.0, 60.0, 61.0]
    monkeypatch.setattr(limits, "stopwatch", iter(moments).__next__)
    crowd = ConnectionLimit(1)
    assert all(crowd.refuses(2) for _ in moments)
    assert not crowd.refuses(1)
    assert [record.getMessage().rpartition("; ")[2].split()[0] for record in caplog.records] == ["1", "3"]


@pytest.mark.parametrize(("soft", "most"), [(1024, 960), (64, 32), (-1, None)])
def test_connections_leave_descriptors_for_the_rest(
    monkeypatch: pytest.MonkeyPatch, soft: int, most: int | None
) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda limit: (soft, soft))
    assert affordable_connections() == most


# The end


def test_a_server_that_is_stopped_while_a_body_comes_ends_quietly(start_server: StartServer) -> None:
    server = start_server("--world", "small")
    sent = {
        "apimo": started("Content-Length: 100", body=b"{"),
        "chunks": started(CHUNKED, body=b"5\r\n{"),
        "admin": ADMIN_POST,
        "head": b"GET / HTTP/1.1\r\nHost: ",
        "silence": b"",
    }
    connections = {name: socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) for name in sent}
    for name, data in sent.items():
        connections[name].sendall(data)
    assert ask(server, get("/__admin/health/live")).status == 200
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < PATIENCE / 4
    for name in ("apimo", "chunks", "admin"):
        answer = receive(connections[name])
        assert (answer.status, json.loads(answer.body)["detail"].split(",")[0]) == (503, "The server stops")
    for connection in connections.values():
        connection.close()
    for word in ("ERROR", "WARNING", "Traceback", "Cancel"):
        assert word not in server.log(), server.log()
