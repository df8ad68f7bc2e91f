"""A request whose head came before is answered without the parser, and else as if it had been parsed."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import pytest
import uvicorn
from uvicorn.server import ServerState

from mockserver.foundation.request_head import RequestHead
from mockserver.server.parsed_heads import ParsedHead, ParsedHeads
from mockserver.server.request_reader import RequestReader
from mockserver.server.request_target import RequestTarget
from mockserver.server.uvicorn_protocol import uvicorn_options
from tests.server.test_hostile import AS_JSON, LEADS, get, post, request
from tests.server.test_whole_requests import CHUNKED_POST, LAST, ONE, kept
from tests.support.two_ways import REAL_DATE, ByAsgi, quiet_app, unhurried_turns

A, B = kept(post(b'{"reference": "one"}')), kept(post(b'{"reference": "two"}'))
WRONG = kept(post(b'{"reference": {"}}} '))
PAGE = kept(get(ONE))
HEAD = A.index(b"\r\n\r\n") + 4
FAULTY = kept(get(ONE, "Prefer: code=503"))
BIG = kept(post(b'{"reference": "%b"}' % (b"a" * 9_000)))

REPEATED: dict[str, list[bytes]] = {
    "a page": [PAGE] * 3,
    "other bodies of the same length": [A, B, A],
    "a body that is not JSON": [A, WRONG, B],
    "the end of a head in a body": [A, A[:HEAD] + b"\r\n\r\n" + A[HEAD + 4 :]],
    "a head": [kept(request(f"HEAD {ONE}"))] * 2,
    "no credentials": [kept(get(ONE, auth=""))] * 2,
    "nothing there": [kept(get("/gsl/nowhere"))] * 2,
    "a body of a GET": [kept(get(LEADS, AS_JSON, "Content-Length: 11", body=b'{"limit":1}'))] * 2,
    "an empty body": [kept(post(b""))] * 2,
    "a large page": [kept(get(f"{LEADS}?limit=100"))] * 2,
    "gzip of a large page": [kept(get(f"{LEADS}?limit=200", "Accept-Encoding: gzip"))] * 2,
    "a header twice": [kept(get(ONE, "Content-Type: text/plain", "Content-Type: text/html"))] * 2,
    "a fault": [FAULTY, PAGE, FAULTY],
}
"""Requests, one in each piece; from the second on, each has a head that came before."""
PARSED: dict[str, list[bytes]] = {
    "a head in two pieces": [PAGE, PAGE[:30], PAGE[30:]],
    "a body after its head": [A, B[:HEAD], B[HEAD:]],
    "a body in two pieces": [A, B[: HEAD + 3], B[HEAD + 3 :]],
    "two in a piece": [A, A + B],
    "something else behind it": [A, A + PAGE],
    "noise behind it": [A, A + b"\x00\x01\r\n\r\n"],
    "blank lines before it": [b"\r\n\r\n" + A] * 2,
    "a blank line behind it": [A + b"\r\n"] * 2,
    "a body in chunks": [kept(CHUNKED_POST)] * 2,
    "a length twice": [kept(post(b"{}", "Content-Length: 2"))] * 2,
    "bare line feeds": [PAGE.replace(b"\r\n", b"\n")] * 2,
    "an expectation": [kept(post(b"{}", "Expect: 100-continue"))] * 2,
    "a page of a browser": [kept(get(ONE, "Origin: http://localhost"))] * 2,
    "an upgrade": [kept(post(b"{}", "Connection: Upgrade", "Upgrade: h2c"))] * 2,
    "a proxy": [kept(get(ONE, "X-Forwarded-Proto: https"))] * 2,
    "an absolute target": [kept(get(f"http://elsewhere.example{LEADS}"))] * 2,
    "the admin API": [kept(get("/__admin/clock"))] * 2,
    "a long head": [kept(get(ONE, f"X-Long: {'a' * 2_000}"))] * 2,
    "the method in small letters": [PAGE, PAGE.replace(b"GET", b"get", 1)],
    "a body longer than a piece": [BIG, BIG],
}
"""Requests that the parser has to read, each time."""


class Wire(asyncio.Transport):
    """A transport to a client that reads everything at once."""

    def __init__(self) -> None:
        super().__init__({"sockname": ("127.0.0.1", 8080), "peername": ("127.0.0.1", 50_000)})
        self.written = b""
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_closed = True

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None:
        """Each piece is there only once the one before was answered."""

    def resume_reading(self) -> None:
        """Nothing was held back."""

    def get_write_buffer_size(self) -> int:
        return 0


class Server:
    """A server without sockets: whatever is in a piece comes at once, and each piece after the work of the last."""

    def __init__(self, *, at_once: bool) -> None:
        self.app = quiet_app()
        self._loop = asyncio.new_event_loop()
        config = uvicorn.Config(
            self.app if at_once else ByAsgi(self.app), **{**uvicorn_options(), "lifespan": "off", "loop": "asyncio"}
        )
        config.load()
        self._config = config

    def talk(self, pieces: Sequence[bytes]) -> bytes:
        """Sends pieces over a new connection, and returns everything that comes."""
        wire, make = Wire(), cast(Any, self._config.http_protocol_class)
        protocol = make(config=self._config, server_state=ServerState(), app_state={}, _loop=self._loop)
        protocol.connection_made(wire)
        for piece in pieces:
            if not wire.is_closed:
                protocol.data_received(piece)
            if protocol._stage is None or protocol._ended:
                self._settle()
        protocol.connection_lost(None)
        self._settle()
        return REAL_DATE.sub(b"date: (now)", wire.written)

    def _settle(self) -> None:
        self._loop.run_until_complete(asyncio.sleep(0))
        while tasks := asyncio.all_tasks(self._loop):
            self._loop.run_until_complete(asyncio.wait(tasks))

    def close(self) -> None:
        """Ends its loop."""
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


@pytest.fixture(scope="module", autouse=True)
def turns() -> Iterator[None]:
    """Turns of any length."""
    with unhurried_turns():
        yield


@pytest.fixture(scope="module")
def ways() -> Iterator[tuple[Server, Server]]:
    """Both ways; the second one keeps no heads."""
    both = Server(at_once=True), Server(at_once=False)
    yield both
    for way in both:
        way.close()


@contextmanager
def parsed_pieces() -> Iterator[list[bytes]]:
    """Lists the pieces that the parser gets."""
    pieces: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        original = RequestReader.read

        def read(self: RequestReader, data: Any) -> None:
            pieces.append(bytes(data))
            original(self, data)

        patch.setattr(RequestReader, "read", read)
        yield pieces


@pytest.mark.parametrize("name", REPEATED)
def test_a_head_that_came_before_is_not_parsed_again(ways: tuple[Server, Server], name: str) -> None:
    requests = REPEATED[name]
    ways[0].talk([*dict.fromkeys(requests), LAST])
    with parsed_pieces() as pieces:
        at_once = ways[0].talk([*requests, LAST])
    assert pieces == [LAST]
    ways[1].talk([*dict.fromkeys(requests), LAST])
    assert at_once == ways[1].talk([*requests, LAST])
    assert at_once.count(b"HTTP/1.1 ") == len(requests) + 1


@pytest.mark.parametrize("name", PARSED)
def test_all_else_is_parsed_each_time(ways: tuple[Server, Server], name: str) -> None:
    requests = PARSED[name]
    both = [way.talk([*requests, LAST]) for way in ways]
    assert both[0] == both[1]
    with parsed_pieces() as pieces:
        again = ways[0].talk([*requests, LAST])
    assert again == ways[1].talk([*requests, LAST])
    parsed = b"".join(pieces)
    assert all(piece in parsed for piece in (requests[1:] if requests[0] in (A, PAGE) else requests))


@pytest.mark.parametrize("pieces", [[A, B], [A[:HEAD], A[HEAD:], B[:HEAD], B[HEAD:]], [A[:HEAD], A[HEAD:], B]])
def test_requests_with_the_same_head_share_it_also_when_their_bodies_come_later(
    ways: tuple[Server, Server], pieces: list[bytes]
) -> None:
    ways[0].app.sandbox.journal.clear()
    received = [way.talk([*pieces, *pieces, LAST]) for way in ways]
    assert received[0] == received[1]
    raw = [call._raw for call in ways[0].app.sandbox.journal.waiting()]
    assert len({id(call.head) for call in raw[:4] if call is not None}) == 1
    assert [call.request for call in raw[:4] if call is not None] == [A[HEAD:], B[HEAD:]] * 2


def test_a_head_is_not_that_of_a_later_request(ways: tuple[Server, Server]) -> None:
    """A body in chunks is the application's, and so are requests behind it."""
    chunked = kept(CHUNKED_POST)
    head = chunked.index(b"\r\n\r\n") + 4
    pieces = [chunked[:head], chunked[head:] + A, A[:HEAD], A[HEAD:] + PAGE, PAGE, LAST]
    assert ways[0].talk(pieces) == ways[1].talk(pieces)
    last = list(ways[0].app.sandbox.journal.entries())[-6:]
    assert [entry.method for entry in last] == ["POST", "POST", "POST", "GET", "GET", "GET"]


def test_a_refused_client_is_not_answered_again(ways: tuple[Server, Server]) -> None:
    pieces = [PAGE, b"NONSENSE\r\n\r\n", PAGE]
    assert ways[0].talk(pieces) == ways[1].talk(pieces)


def test_heads_are_bounded_in_number_and_length() -> None:
    heads, head = ParsedHeads(), RequestHead("GET", "/")
    target = RequestTarget(b"/", b"", None, None)
    parsed = ParsedHead(head, method=b"GET", url=b"/", host=None, target=target, length=0)
    for number in range(1_000):
        heads.add(b"GET /%d HTTP/1.1\r\n\r\n" % number, parsed)
    kept_heads = [number for number in range(1_000) if heads.find(b"GET /%d HTTP/1.1\r\n\r\n" % number)]
    assert 0 < len(kept_heads) <= 256
    assert kept_heads[-1] == 999
    heads.add(b"x" * 2_049, parsed)
    assert heads.find(b"x" * 2_049) is None
