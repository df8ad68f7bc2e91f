"""Long calls are done in slices: others have their turn in between, and the result is the same."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import pytest

from mockserver.server.app import MockServer
from mockserver.world import World
from tests.conftest import AUTH

MakeApp = Callable[..., MockServer]
T = TypeVar("T")
LEADS = "/apimo/agencies/101/leads"
BASIC = {"authorization": f"Basic {b64encode(':'.join(AUTH).encode()).decode()}"}


async def call(app: MockServer, method: str, target: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
    """One call in the running event loop: status and body of the answer."""
    path, _, query = target.partition("?")
    content = b"" if body is None else json.dumps(body).encode()
    named = {"host": "127.0.0.1:8080", "content-type": "application/json", "content-length": str(len(content))}
    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in {**named, **BASIC, **headers}.items()],
        "server": ("127.0.0.1", 8080),
        "client": ("127.0.0.1", 1),
        "http_version": "1.1",
    }
    status, parts = 0, []

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)
        parts.append(message.get("body", b""))

    await app(scope, receive, send)  # type: ignore[arg-type]  # plain mappings do for it
    return status, b"".join(parts)


async def turns_during(work: Awaitable[T]) -> tuple[T, int]:
    """What it returns, and how often somebody else had a turn meanwhile."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    result = await work
    other.cancel()
    return result, turns


@pytest.fixture
def app(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> MockServer:
    """An application whose worlds are its own, and whose slices are as short as can be."""
    monkeypatch.setattr("mockserver.world.cache.World", World)
    monkeypatch.setattr("mockserver.foundation.slices.SLICE", 0.0)
    return make_app()


@pytest.mark.parametrize(
    ("method", "target", "most"),
    [("GET", f"{LEADS}?limit=1000", 25), ("GET", f"{LEADS}?timestamp=1", 25), ("GET", "/__admin/leads?limit=100", 50)],
)
def test_a_first_list_lets_others_have_their_turn(app: MockServer, method: str, target: str, most: int) -> None:
    (status, body), turns = asyncio.run(turns_during(call(app, method, target)))
    assert status == 200
    assert turns >= most, "at least one between two leads that were made"
    (again, same), turns = asyncio.run(turns_during(call(app, method, target)))
    assert (again, same) == (status, body), "what was made in slices is what is made at once"
    assert turns <= 5


def test_a_sandbox_knows_that_a_call_goes_on(app: MockServer) -> None:
    marks = set()

    async def calling() -> None:
        work = asyncio.create_task(call(app, "GET", f"{LEADS}?limit=1000"))
        while not work.done():
            marks.add(bool(app.sandbox.long_calls))
            await asyncio.sleep(0)

    asyncio.run(calling())
    assert marks == {False, True}
    assert not app.sandbox.long_calls


def test_a_call_in_slices_is_counted_and_recorded_once(app: MockServer) -> None:
    assert asyncio.run(call(app, "GET", f"{LEADS}?limit=20000"))[0] == 200
    assert app.sandbox.usage.calls("apimo") == 1
    (entry,) = app.sandbox.journal.entries()
    assert entry.notes == ["limit 20000 is above the maximum; 10000 was used"]


def test_calls_meet_a_step_of_a_scenario_when_it_is_done(app: MockServer) -> None:
    """Two at once: the first one triggers the step, and neither sees a half of it."""
    scenario = {
        "name": "a rush",
        "why": "leads arrive",
        "steps": [{"when": {"calls": 1}, "do": [{"arrive": {"count": 30, "agency": 101}}, {"arrive": {"count": 30}}]}],
    }

    async def both() -> list[int]:
        assert (await call(app, "PUT", "/__admin/scenario", scenario))[0] == 200
        before = json.loads((await call(app, "GET", f"{LEADS}?limit=1"))[1])["total_items"]
        totals = await asyncio.gather(*(call(app, "GET", f"{LEADS}?limit=1") for _ in range(3)))
        return [json.loads(body)["total_items"] - before for _, body in totals]

    assert asyncio.run(both()) == [60, 60, 60]
    state = json.loads(asyncio.run(call(app, "GET", "/__admin/scenario"))[1])
    assert state["step"] == 1
    assert len(state["fired"][0]["what"]) == 2


def test_a_scenario_that_starts_with_many_leads_lets_others_have_their_turn(app: MockServer) -> None:
    steps = [{"when": "start", "do": [{"arrive": {"count": 40, "agency": 101}}]}] * 2
    scenario = {"name": "many", "why": "x", "steps": steps}
    (status, body), turns = asyncio.run(turns_during(call(app, "PUT", "/__admin/scenario", scenario)))
    assert (status, json.loads(body)["step"]) == (200, 2)
    assert turns >= 40


def test_leads_that_arrive_at_once_let_others_have_their_turn(app: MockServer) -> None:
    (status, body), turns = asyncio.run(turns_during(call(app, "POST", "/__admin/leads", {"count": 40})))
    assert (status, len(json.loads(body)["leads"])) == (201, 40)
    assert turns >= 20


def test_what_cannot_arrive_changes_nothing(app: MockServer) -> None:
    before = app.sandbox.dump()
    assert asyncio.run(call(app, "POST", "/__admin/leads", {"count": 40, "agency": 9}))[0] == 422
    assert app.sandbox.dump()["store"] == before["store"]


def test_a_drip_without_a_rest_lets_others_have_their_turn(app: MockServer) -> None:
    preference = "fault=drip; piece_bytes=1; delay_ms=0"
    _, whole = asyncio.run(call(app, "GET", LEADS))
    (status, body), turns = asyncio.run(turns_during(call(app, "GET", LEADS, prefer=preference)))
    assert (status, body) == (200, whole)
    assert turns >= len(whole) // 4096


@pytest.mark.parametrize("path", ["journal", "journal.har", "verify"])
def test_a_journal_is_shown_and_judged_part_by_part(
    app: MockServer, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.admin.turns._AT_ONCE", 1)

    async def calls() -> None:
        for _ in range(20):
            await call(app, "GET", "/apimo/catalogs")

    asyncio.run(calls())
    judged = {"operation": "listCatalogs", "count": 20} if path == "verify" else None
    method = "GET" if judged is None else "POST"
    (status, body), turns = asyncio.run(turns_during(call(app, method, f"/__admin/{path}", judged)))
    assert status == 200
    assert turns >= 20
    shown = json.loads(body)
    entries = (
        shown["log"]["entries"] if path == "journal.har" else shown.get("entries", [None] * shown.get("actual", 0))
    )
    assert len(entries) == 20


@pytest.mark.parametrize(("steps", "count"), [(1, 6), (21, 1)])
def test_a_scenario_with_too_many_leads_is_refused(app: MockServer, steps: int, count: int) -> None:
    step = {"when": {"calls": 1}, "do": [{"arrive": {"count": 1000}}] * count}
    scenario = {"name": "flood", "why": "x", "steps": [step] * steps}
    status, body = asyncio.run(call(app, "PUT", "/__admin/scenario", scenario))
    assert status == 422
    assert "leads would arrive" in body.decode()
