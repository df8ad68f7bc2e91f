"""A request whose head came before is answered without the parser, and else as if it had been parsed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mockserver.foundation.request_head import RequestHead
from mockserver.server.parsed_heads import ParsedHead, ParsedHeads
from mockserver.server.request_reader import RequestReader
from mockserver.server.request_target import RequestTarget
from tests.server.test_hostile import AS_JSON, LEADS, get, post, request
from tests.server.test_whole_requests import CHUNKED_POST, LAST, ONE, kept
from tests.support.two_ways import Way, two_ways, unhurried_turns

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


@pytest.fixture(scope="module", autouse=True)
def turns() -> Iterator[None]:
    """Turns of any length."""
    with unhurried_turns():
        yield


@pytest.fixture(scope="module")
def ways() -> Iterator[tuple[Way, Way]]:
    """Both ways; the second one keeps no heads."""
    with two_ways() as both:
        yield both


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
def test_a_head_that_came_before_is_not_parsed_again(ways: tuple[Way, Way], name: str) -> None:
    requests = REPEATED[name]
    ways[0].talk([*dict.fromkeys(requests), LAST])
    with parsed_pieces() as pieces:
        at_once = ways[0].talk([*requests, LAST])
    assert pieces == [LAST]
    ways[1].talk([*dict.fromkeys(requests), LAST])
    assert at_once == ways[1].talk([*requests, LAST])


@pytest.mark.parametrize("name", PARSED)
def test_all_else_is_parsed_each_time(ways: tuple[Way, Way], name: str) -> None:
    requests = PARSED[name]
    both = [way.talk([*requests, LAST]) for way in ways]
    assert both[0] == both[1]
    with parsed_pieces() as pieces:
        again = ways[0].talk([*requests, LAST])
    assert again == ways[1].talk([*requests, LAST])
    parsed = b"".join(pieces)
    assert all(piece in parsed for piece in (requests[1:] if requests[0] in (A, PAGE) else requests))


def test_a_refused_client_is_not_answered_again(ways: tuple[Way, Way]) -> None:
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
