"""Whole requests are answered at once, with the same bytes as by ASGI; whatever has to wait is ASGI's."""

import socket
import ssl
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.unit_of_work import StoreBusy
from mockserver.world import World
from tests.server.test_hostile import AS_JSON, BASIC, LEADS, ODD_BUT_FINE, TABLE, get, post, request
from tests.support.certificates import server_context, write_authority
from tests.support.patience import PATIENCE
from tests.support.two_ways import RESET, Way, converse, counted_cycles, one_way, quiet_app, two_ways, unhurried_turns

ONE = f"{LEADS}?limit=1"
FORM = "Content-Type: application/x-www-form-urlencoded"
TOKEN = b"grant_type=client_credentials&client_id=mock-gsl-client&client_secret=mock-gsl-secret&scope=laas:leads:get"
LEAD = b'{"reference": "sent in pieces"}'
CHUNKED = b"5\r\n%b\r\n%x\r\n%b\r\n0\r\nX-Trailer: a\r\n\r\n" % (LEAD[:5], len(LEAD) - 5, LEAD[5:])


def kept(data: bytes) -> bytes:
    """A request whose connection goes on."""
    return data.replace(b"Connection: close\r\n", b"")


def old(target: str, *headers: str, version: str = "1.0") -> bytes:
    """A request of an HTTP before 1.1."""
    return "\r\n".join([f"GET {target} HTTP/{version}", BASIC, *headers, "", ""]).encode()


def split(data: bytes, *places: int) -> list[bytes]:
    """A request in pieces that end at these places, counted from the end of its head."""
    head = data.index(b"\r\n\r\n") + 4
    cuts = [0, *(head + place for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(cuts)]


LAST = get("/apimo/catalogs")
CHUNKED_POST = request(f"POST {LEADS}", AS_JSON, "Transfer-Encoding: chunked", body=CHUNKED)
AT_ONCE: dict[str, list[bytes]] = {
    "one request": [get(ONE)],
    "three on a connection": [kept(get(ONE)), kept(get(f"{LEADS}?limit=100")), LAST],
    "three in one piece": [kept(get(ONE)) + kept(get("/apimo/agencies")) + LAST],
    "what follows the last request": [LAST + get(ONE) * 3],
    "noise after the last request": [LAST + b"\x00\x01\r\n\r\n"],
    "HTTP/1.0": [old(ONE)],
    "HTTP/1.0 that would go on": [old(ONE, "Connection: keep-alive")],
    "HTTP/0.9": [b"GET /apimo/agencies\r\n\r\n"],
    "HEAD": [kept(request(f"HEAD {ONE}")) + LAST],
    "HEAD of nothing": [request("HEAD /apimo/nowhere")],
    "OPTIONS": [kept(request(f"OPTIONS {LEADS}")) + request("OPTIONS /gsl/v2/leads")],
    "no credentials": [get(ONE, auth="")],
    "wrong credentials": [get(ONE, auth="Authorization: Basic Og==")],
    "no path": [get("/gsl/nowhere")],
    "no method": [request(f"PATCH {LEADS}")],
    "a wrong parameter": [get(f"{LEADS}?limit=a%20b")],
    "a path in percent encoding": [get("/apimo/agencies/%31%30%31/leads?limit=%31")],
    "the same header twice": [get(ONE, "Content-Type: text/plain", "Content-Type: text/html")],
    "a body": [post(LEAD)],
    "a body after its head": split(post(LEAD), 0),
    "a body in three pieces": split(post(LEAD), 5, 12),
    "a body that comes with the next request": [*split(kept(post(LEAD)), 3)[:1], kept(post(LEAD))[-28:] + LAST],
    "a body over a piece": [post(b'{"reference": "long", "comment": "%b"}' % (b"a" * 9_000))],
    "an empty body": [post(b"")],
    "a body in chunks": [CHUNKED_POST],
    "a body of a GET": [get(LEADS, AS_JSON, "Content-Length: 11", body=b'{"limit":1}')],
    "a token and a form": [post(TOKEN, target="/gsl/oauth/token", kind=FORM)],
    "a sandbox in the path": [get(f"/~default{ONE}")],
    "a sandbox in a header": [get(ONE, "X-Mockserver-Sandbox: default")],
    "no sandbox": [get(f"/~gone{ONE}")],
    "gzip is taken": [get(f"{LEADS}?limit=20", "Accept-Encoding: gzip, deflate")],
}
"""Conversations whose requests are all answered at once."""
MANY: dict[str, list[bytes]] = {
    "many requests": [kept(get(ONE)) * 150 + LAST],
    "many requests in two pieces": [kept(get(ONE)) * 100 + kept(get(ONE))[:50], kept(get(ONE))[50:] + LAST],
    "gzip of a large page": [get(f"{LEADS}?limit=200", "Accept-Encoding: gzip")],
    "many bodies": [kept(post(LEAD)) * 100 + LAST],
}
"""Conversations in which a turn ends, and the rest is answered in another one."""
BY_ASGI: dict[str, list[bytes]] = {
    "an expectation": [kept(post(LEAD, "Expect: 100-continue")) + LAST],
    "a body that is waited for": [*split(kept(post(LEAD, "Expect: 100-continue")), 0), LAST],
    "an upgrade": [kept(post(LEAD, "Connection: Upgrade", "Upgrade: h2c")) + LAST],
    "chunks that come later": split(CHUNKED_POST, 3, 8),
    "a large body that comes later": split(post(b'{"reference": "%b"}' % (b"a" * 70_000)), 0),
    "a length over the limit": [request(f"POST {LEADS}", AS_JSON, "Content-Length: 99999999")],
    "the admin API": [get("/__admin/sandboxes/nowhere")],
    "the index page": [get("/")],
    "no provider": [get("/nowhere")],
    "a proxy": [get(LEADS, "X-Forwarded-Proto: https", "X-Forwarded-Prefix: /fake")],
    "an absolute target": [get(f"http://elsewhere.example{LEADS}")],
    "a page of a browser": [get(ONE, "Origin: http://localhost")],
    "a delay, and those behind it": [
        kept(get(ONE, "Prefer: fault=delay; delay_ms=30")) + kept(get("/apimo/agencies")) * 3 + kept(post(LEAD)) + LAST
    ],
    "the admin API between calls": [kept(get("/apimo/agencies")) + kept(get("/__admin/clock")) + kept(get(ONE)) + LAST],
    "a fault that changes the answer": [kept(get(ONE, "Prefer: code=503")) + LAST],
    "a drip": [get(ONE, "Prefer: fault=drip; piece_bytes=100; delay_ms=0")],
    "an end before the end": [get(ONE, "Prefer: fault=truncate")],
    "a reset": [get(ONE, "Prefer: fault=reset")],
    "nothing": [get(ONE, "Prefer: fault=empty")],
    "broken after two": [kept(get(ONE)) * 2 + b"NONSENSE\r\n\r\n"],
    "a broken chunk after two": [
        kept(get(ONE)) * 2 + request(f"POST {LEADS}", "Transfer-Encoding: chunked", body=b"zz\r\n")
    ],
}


@pytest.fixture(scope="module")
def uvicorns() -> Iterator[tuple[Way, Way]]:
    """Both ways, the second one by uvicorn's own protocol."""
    with two_ways(by_asgi={"http": HttpToolsProtocol}) as both:
        yield both


HOSTILE = {name: row[0] for name, row in TABLE.items() if len(row[0]) < 65_536} | ODD_BUT_FINE
"""Input that is sent whole before it can be refused."""


@pytest.fixture(scope="module", autouse=True)
def turns() -> Iterator[None]:
    """Turns of any length."""
    with unhurried_turns():
        yield


@pytest.fixture(scope="module")
def ways() -> Iterator[tuple[Way, Way]]:
    """Both ways."""
    with two_ways() as both:
        yield both


@pytest.fixture(scope="module")
def plain_loop() -> Iterator[tuple[Way, Way]]:
    """Both ways, the first one in Python's own event loop, which writes at once."""
    with two_ways(at_once={"loop": "asyncio"}) as both:
        yield both


@pytest.mark.parametrize("name", [*AT_ONCE, *MANY, *BY_ASGI])
def test_both_ways_send_the_same_bytes(ways: tuple[Way, Way], name: str) -> None:
    pieces = {**AT_ONCE, **MANY, **BY_ASGI}[name]
    at_once, by_asgi = (way.talk(pieces) for way in ways)
    assert at_once == by_asgi
    assert at_once


@pytest.mark.parametrize("name", AT_ONCE)
def test_the_event_loop_does_not_matter(plain_loop: tuple[Way, Way], name: str) -> None:
    at_once, by_asgi = (way.talk(AT_ONCE[name]) for way in plain_loop)
    assert at_once == by_asgi


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_gets_the_same_bytes_both_ways(ways: tuple[Way, Way], name: str) -> None:
    at_once, by_asgi = (way.talk([HOSTILE[name]]) for way in ways)
    assert at_once == by_asgi
    assert at_once


def test_both_ways_leave_the_same_journal(ways: tuple[Way, Way]) -> None:
    def journal(way: Way) -> list[dict[str, Any]]:
        entries = [entry.as_dict(10_000) for entry in way.app.sandbox.journal.entries()]
        return [{**entry, "duration_ms": 0, "real_at": 0} for entry in entries]

    for way in ways:
        way.app.sandbox.journal.clear()
        for pieces in AT_ONCE.values():
            way.talk(pieces)
    assert journal(ways[0]) == journal(ways[1])
    assert len(journal(ways[0])) > 30


@pytest.mark.parametrize("name", AT_ONCE)
def test_a_whole_request_needs_no_task(ways: tuple[Way, Way], name: str) -> None:
    with counted_cycles() as started:
        ways[0].talk(AT_ONCE[name])
    assert started == []


@pytest.mark.parametrize("name", BY_ASGI)
def test_what_has_to_wait_gets_a_task(ways: tuple[Way, Way], name: str) -> None:
    with counted_cycles() as started:
        ways[0].talk(BY_ASGI[name])
    assert ("broken" in name) != bool(started)


def test_a_reset_is_one_both_ways(ways: tuple[Way, Way]) -> None:
    assert [way.talk(BY_ASGI["a reset"]).endswith(RESET) for way in ways] == [True, True]


@pytest.mark.parametrize("name", AT_ONCE)
def test_any_asgi_server_sends_the_same_bytes(uvicorns: tuple[Way, Way], name: str) -> None:
    at_once, by_asgi = (way.talk(AT_ONCE[name]) for way in uvicorns)
    assert at_once == by_asgi


def test_a_provider_at_a_port_of_its_own_is_answered_at_once() -> None:
    app = quiet_app()
    with one_way(app, at_once=True) as way:
        at_mount = way.talk([get(f"/apimo{LEADS.removeprefix('/apimo')}?limit=1")])
        app.ports = {way.server.port: "apimo"}
    with one_way(app, at_once=True) as way, counted_cycles() as started:
        app.ports = {way.server.port: "apimo"}
        assert way.talk([get(f"{LEADS.removeprefix('/apimo')}?limit=1")]) == at_mount
        assert b"HTTP/1.1 404 " in way.talk([get(LEADS)])
    assert started == []


def test_both_ways_are_the_same_behind_tls(tmp_path: Path) -> None:
    context = ssl.create_default_context(cafile=write_authority(tmp_path))
    server_context(tmp_path)
    options = {"ssl_certfile": str(tmp_path / "server.pem")}
    received = []
    with two_ways(at_once=options, by_asgi=options) as ways:
        for way in ways:
            with (
                socket.create_connection(("127.0.0.1", way.server.port), timeout=PATIENCE) as plain,
                context.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
            ):
                pieces = [kept(get(ONE)) * 60, *split(kept(post(LEAD)), 3), LAST]
                received.append(converse(connection, pieces))
    assert received[0] == received[1]
    assert received[0].count(b"HTTP/1.1 200 OK") == 62


def test_a_call_that_takes_more_than_a_turn_goes_on_as_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.world.cache.World", World)
    monkeypatch.setattr("mockserver.foundation.slices.SLICE", 0.0)
    with two_ways() as ways, counted_cycles() as started:
        pieces = [kept(get(f"{LEADS}?limit=30")) * 2 + get(f"{LEADS}?limit=30")]
        assert ways[0].talk(pieces) == ways[1].talk(pieces)
        assert len(started) == 3 + 3, "those behind it wait for it"
        assert [way.app.sandbox.usage.calls("apimo") for way in ways] == [3, 3]


def test_a_call_that_meets_a_lock_of_the_store_goes_on_as_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    with one_way(quiet_app(), at_once=True) as way:
        expected, registry, tries = way.talk([get(ONE)]), type(way.app.sandboxes), iter([True, True, False])
        only_default = registry.only_default.fget  # type: ignore[attr-defined]

        def busy(self: Any) -> bool:
            if next(tries, False):
                raise StoreBusy
            return bool(only_default(self))

        monkeypatch.setattr(registry, "only_default", property(busy))
        with counted_cycles() as started:
            assert way.talk([get(ONE)]) == expected
        assert len(started) == 1


@pytest.mark.parametrize("place", ["first_values", "PipelineRun.respond"])
def test_what_fails_is_the_providers_own_500_both_ways(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    def failing(*_: object) -> None:
        raise ValueError("wrong")

    with two_ways() as ways:
        monkeypatch.setattr(f"mockserver.pipeline.pipeline.{place}", failing)
        at_once, by_asgi = (way.talk([kept(get(ONE)) + LAST]) for way in ways)
    assert at_once == by_asgi
    assert at_once.count(b"HTTP/1.1 500 ") == 2


def test_a_header_that_cannot_be_sent_ends_the_connection_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(*_: object) -> EncodedResponse:
        return EncodedResponse(200, ((b"x-odd", b"a\r\nb"),), b"{}")

    with two_ways() as ways:
        monkeypatch.setattr("mockserver.pipeline.pipeline.PipelineRun.respond", odd)
        at_once, by_asgi = (way.talk([get(ONE)]) for way in ways)
    assert at_once == by_asgi == b""
