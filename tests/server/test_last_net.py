"""Whatever escapes from an application becomes a problem detail and one line in the log, and the server goes on."""

import asyncio
import logging
from typing import Any

import pytest

from mockserver.server.limits import Limits
from tests.server.test_hostile import get, receive
from tests.support.bounded import serve_bounded

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]}


async def fails(send: Any) -> None:
    raise ValueError("a secret")


async def recurses(send: Any) -> None:
    await recurses(send)


async def lacks_memory(send: Any) -> None:
    raise MemoryError


async def says_nothing(send: Any) -> None:
    return


async def is_cancelled(send: Any) -> None:
    raise asyncio.CancelledError


async def fails_in_the_middle(send: Any) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"ab", "more_body": True})
    raise ValueError("a secret")


async def stops_in_the_middle(send: Any) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"ab", "more_body": True})


async def says_too_much(send: Any) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"abcdefgh"})


async def is_well(send: Any) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"hello"})


CALLS = {
    "/fails": fails,
    "/recurses": recurses,
    "/memory": lacks_memory,
    "/nothing": says_nothing,
    "/cancelled": is_cancelled,
    "/middle": fails_in_the_middle,
    "/stops": stops_in_the_middle,
    "/much": says_too_much,
    "/well": is_well,
}


async def application(scope: Any, receive: Any, send: Any) -> None:
    """An application whose path says how it ends."""
    if scope["type"] == "lifespan":
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})
        return
    await CALLS[scope["path"]](send)


@pytest.mark.parametrize("path", ["/fails", "/recurses", "/memory", "/nothing"])
def test_what_fails_before_an_answer_is_a_problem_detail(path: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with serve_bounded(Limits(), app=application) as server:
        with server.connect() as connection:
            connection.sendall(get(path))
            answer = receive(connection)
        assert (answer.status, answer.headers["content-type"]) == (500, "application/problem+json")
        assert answer.json == {
            "type": "about:blank",
            "title": "Internal Server Error",
            "status": 500,
            "detail": "The mock server failed; its log says why.",
        }
        with server.connect() as connection:
            connection.sendall(get("/well"))
            assert receive(connection).body == b"hello"
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage().startswith(f"GET {path} failed: ")
    assert record.exc_info is None


@pytest.mark.parametrize(("path", "lines"), [("/middle", 1), ("/stops", 1), ("/much", 1), ("/cancelled", 0)])
def test_what_fails_in_the_middle_of_an_answer_ends_the_connection(
    path: str, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    with serve_bounded(Limits(), app=application) as server, server.connect() as connection:
        connection.sendall(get(path).replace(b"Connection: close\r\n", b""))
        try:
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        except ConnectionResetError:
            received = b""
        assert b"secret" not in received
        assert not received.endswith(b"hello")
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == lines
