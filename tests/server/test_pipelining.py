"""A client may send many requests before it reads a response: others have their turn, and memory stays bounded."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from mockserver.server import whole_requests
from mockserver.server.app import MockServer
from mockserver.server.limits import Limits
from tests.server.test_hostile import LEADS, get, post, request
from tests.support.patience import PATIENCE
from tests.support.two_ways import quiet_app, unhurried_turns
from tests.support.wire import Wire

CALL = get("/apimo/agencies").replace(b"Connection: close\r\n", b"")
PAGE = get(f"{LEADS}?limit=100").replace(b"Connection: close\r\n", b"")
ADMIN = get("/__admin/sandboxes/nowhere").replace(b"Connection: close\r\n", b"")
LEAD = post(b'{"reference": "pipelined"}').replace(b"Connection: close\r\n", b"")
READ = 262_144
"""Bytes that an event loop reads at once."""


@pytest.fixture(scope="module", autouse=True)
def turns() -> Iterator[None]:
    """Turns of any length."""
    with unhurried_turns():
        yield


@pytest.fixture(scope="module")
def app() -> MockServer:
    """The application, with a page that was made before, and an admin API that was loaded."""
    made = quiet_app()

    async def warm_up() -> None:
        wire = Wire(made)
        wire.feed(PAGE + ADMIN)
        await until(lambda: wire.responses == 2)

    asyncio.run(warm_up())
    return made


async def until(holds: Callable[[], object]) -> None:
    """Lets the loop turn until that holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0)


def test_thousands_of_requests_are_answered_and_others_have_their_turn(app: MockServer) -> None:
    async def pipeline() -> None:
        wire, data, most = Wire(app), CALL * 3_000, 4_096 // len(CALL) + 1
        seen = turns = 0
        while wire.responses < 3_000:
            if data and wire.takes_more:
                wire.feed(data[:READ])
                data = data[READ:]
            else:
                await asyncio.sleep(0)
                turns += 1
            assert wire.responses <= seen + most, "those of one piece"
            seen = wire.responses
        assert turns >= 3_000 // most - 2
        assert b"HTTP/1.1 4" not in wire.received

    asyncio.run(pipeline())


def test_the_requests_of_a_piece_have_a_time(app: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_requests, "_TURN", -1.0)

    async def pipeline() -> None:
        wire = Wire(app)
        wire.feed(CALL * 20)
        assert wire.responses == 1
        await until(lambda: wire.responses == 20)

    asyncio.run(pipeline())


@pytest.mark.parametrize("first", [PAGE, ADMIN, LEAD], ids=["page", "admin", "lead"])
def test_a_client_that_reads_nothing_is_sent_a_buffer_and_a_page(app: MockServer, first: bytes) -> None:
    async def pipeline() -> None:
        wire, calls = Wire(app), app.sandbox.usage.calls("apimo")
        wire.reads = False
        wire.feed(first + PAGE * 200)
        for _ in range(100):
            await asyncio.sleep(0)
        assert len(wire.unread) < 400_000, "what is above high water, and one page"
        assert app.sandbox.usage.calls("apimo") - calls < 6, "nothing is answered that nobody takes"
        is_paused = not wire.takes_more
        assert is_paused

        def has_all() -> bool:
            wire.read_all()
            return wire.responses == 201

        await until(has_all)
        await until(lambda: wire.takes_more)

    asyncio.run(pipeline())


def test_calls_stay_in_order_among_those_of_the_admin_api(app: MockServer) -> None:
    async def pipeline() -> None:
        wire = Wire(app)
        wire.feed((CALL + ADMIN + CALL + LEAD) * 30)
        await until(lambda: wire.responses == 120)
        statuses = [int(part[:3]) for part in bytes(wire.received).split(b"HTTP/1.1 ")[1:]]
        assert statuses == [200, 404, 200, 200] * 30

    asyncio.run(pipeline())


def test_a_stop_waits_for_what_was_read(app: MockServer) -> None:
    async def pipeline() -> None:
        wire = Wire(app)
        wire.feed(CALL * 1_000)
        assert wire.responses < 1_000
        wire.protocol.shutdown()
        assert not wire.closed
        await until(lambda: wire.closed)
        assert wire.responses == 1_000

    asyncio.run(pipeline())


def test_a_stop_ends_a_connection_that_waits_for_nothing(app: MockServer) -> None:
    async def pipeline() -> None:
        wire = Wire(app)
        wire.feed(CALL)
        wire.protocol.shutdown()
        assert (wire.responses, wire.closed) == (1, True)

    asyncio.run(pipeline())


def test_a_stop_during_a_body_answers_it_and_ends(app: MockServer) -> None:
    async def pipeline() -> None:
        wire = Wire(app)
        wire.feed(LEAD[:-5])
        wire.protocol.shutdown()
        wire.feed(LEAD[-5:])
        await until(lambda: wire.closed)
        assert wire.received.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nconnection: close\r\n" in wire.received

    asyncio.run(pipeline())


def test_the_last_answer_is_not_kept_for_a_client_that_does_not_read_it(app: MockServer) -> None:
    async def reads_nothing() -> None:
        wire = Wire(app, Limits(unread=0.01))
        wire.reads = False
        wire.feed(get(f"{LEADS}?limit=100"))
        assert (wire.closed, wire.aborted) == (True, False)
        async with asyncio.timeout(PATIENCE):
            while not wire.aborted:
                await asyncio.sleep(0.01)

    asyncio.run(reads_nothing())


def test_a_client_that_reads_slowly_is_not_idle(app: MockServer) -> None:
    async def reads_slowly() -> None:
        wire = Wire(app, Limits(idle=0.01, unread=PATIENCE))
        wire.reads = False
        wire.feed(PAGE * 100)
        await asyncio.sleep(0.1)
        assert not wire.closed
        wire.read_all()
        await until(lambda: wire.responses == 100)

    asyncio.run(reads_slowly())


def test_a_client_that_hangs_up_leaves_nothing_to_do(app: MockServer) -> None:
    async def hangs_up() -> None:
        wire, calls = Wire(app), app.sandbox.usage.calls("apimo")
        wire.feed(CALL * 1_000)
        seen = app.sandbox.usage.calls("apimo") - calls
        wire.closed = True
        wire.protocol.connection_lost(None)
        for _ in range(10):
            await asyncio.sleep(0)
        assert app.sandbox.usage.calls("apimo") - calls == seen

    asyncio.run(hangs_up())


def test_a_client_that_hangs_up_while_it_reads_nothing_is_no_failure(
    app: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def hangs_up() -> None:
        wire = Wire(app)
        wire.reads = False
        wire.feed(PAGE * 100)
        await asyncio.sleep(0)
        wire.closed = True
        wire.protocol.connection_lost(ConnectionResetError())
        for _ in range(10):
            await asyncio.sleep(0)

    asyncio.run(hangs_up())
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_head_of_many_pieces_is_read_and_a_body_behind_it(app: MockServer) -> None:
    async def long_head() -> None:
        wire, body = Wire(app), b'{"reference": "long", "comment": "%b"}' % (b"a" * 50_000)
        headers = [f"X-Odd-{number}: {'a' * 500}" for number in range(200)]
        data = request(f"POST {LEADS}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers)
        wire.feed(data + body)
        await until(lambda: wire.closed)
        assert wire.received.startswith(b"HTTP/1.1 200 ")

    asyncio.run(long_head())


@pytest.mark.parametrize("turn", [-1.0, 1e9], ids=["tasks", "at-once"])
@pytest.mark.parametrize("head", [b"", b"X-Forwarded-For: 192.0.2.1\r\n"], ids=["usual", "unusual"])
def test_a_body_may_end_in_another_piece_than_it_began(
    app: MockServer, monkeypatch: pytest.MonkeyPatch, turn: float, head: bytes
) -> None:
    monkeypatch.setattr(whole_requests, "_TURN", turn)
    lead = LEAD.replace(b"Content-Type", head + b"Content-Type")

    async def pipeline(before: int) -> None:
        wire, number = Wire(app), 100 + 4_096 // len(lead)
        wire.feed(CALL * before + lead * number)
        await until(lambda: wire.responses == before + number)
        assert b"HTTP/1.1 4" not in wire.received
        await until(lambda: wire.takes_more)
        wire.feed(lead[:-5])
        await until(lambda: wire.takes_more)
        wire.feed(lead[-5:] + CALL)
        await until(lambda: wire.responses == before + number + 2)

    for before in range(1, len(lead) // len(CALL) + 2):
        asyncio.run(pipeline(before))


def test_what_follows_a_body_is_read_in_pieces(app: MockServer) -> None:
    async def pipeline() -> None:
        wire, number = Wire(app), 1_000
        body = b'{"reference": "first", "comment": "%b"}' % (b"a" * 9_000)
        wire.feed(post(body).replace(b"Connection: close\r\n", b"") + CALL * number)
        await until(lambda: wire.responses == 1 + number)
        assert b"HTTP/1.1 4" not in wire.received

    asyncio.run(pipeline())
