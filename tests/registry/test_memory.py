"""Limits count bytes: caches that can be made again are dropped, and over the limit no sandbox is made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from mockserver.domain import Estate, Kind
from mockserver.foundation.cache_budget import CacheBudget
from mockserver.registry.memory import SandboxMemory
from mockserver.sandbox.store import MemoryStore
from mockserver.server.app import MockServer
from mockserver.world import World, load_world_file
from tests.conftest import AUTH, NOW
from tests.support.in_process import TestClient
from tests.support.seeker import Seeker

MakeApp = Callable[..., MockServer]


class Owner:
    """Something with a cache."""

    def __init__(self, weight: int, used_at: float) -> None:
        self.weight = weight
        self.used_at = used_at

    def drop_cache(self) -> None:
        """It has one no more."""
        self.weight = 0


@contextmanager
def budget_of(limit: int, *owners: Owner, lasting: Owner | None = None) -> Iterator[CacheBudget]:
    """A budget for those owners, which live as long."""
    budget = CacheBudget(limit, lambda owner: owner is lasting)
    for owner in owners:
        budget.add(owner)
    yield budget


def test_the_cache_that_was_used_longest_ago_goes_first() -> None:
    old, new, at_work = Owner(40, 1), Owner(40, 2), Owner(40, 0)
    with budget_of(100, old, new, at_work) as budget:
        budget.enforce(at_work)
        assert [owner.weight for owner in (old, new, at_work)] == [0, 0, 40]
        assert (budget.weight(), budget.dropped) == (40, 2)


def test_a_budget_that_is_kept_to_drops_nothing() -> None:
    owner = Owner(100, 1)
    with budget_of(100, owner) as budget:
        budget.enforce(owner)
        assert (owner.weight, budget.dropped) == (100, 0)


def test_the_default_sandbox_goes_last_but_for_the_one_at_work() -> None:
    lasting, other, at_work = Owner(60, 0), Owner(60, 9), Owner(10, 0)
    with budget_of(100, lasting, other, at_work, lasting=lasting) as budget:
        budget.enforce(at_work)
        assert [owner.weight for owner in (lasting, other, at_work)] == [60, 0, 10]


def test_a_world_alone_over_its_budget_forgets_what_it_made_and_stays_the_same() -> None:
    file = load_world_file("default")
    free, bounded = World(file, origin=NOW, seed=5), World(file, origin=NOW, seed=5)
    budget = CacheBudget(300_000)
    bounded.use_budget(budget)
    for position in range(300):
        assert bounded.entity(Kind.ENQUIRY, 101, position) == free.entity(Kind.ENQUIRY, 101, position)
        assert bounded.weight <= 300_000 + 256 * 1024
    assert budget.dropped
    assert free.weight > 900_000


def test_sandboxes_of_one_world_share_it(make_app: MakeApp) -> None:
    app = make_app()
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    for id in ("one", "two"):
        client.post("/__admin/sandboxes", json={"id": id, "seed": 77, "world": "small", "now": "2026-01-01T00:00:00Z"})
    one, two = app.sandboxes.get("one"), app.sandboxes.get("two")
    assert one is not None
    assert two is not None
    assert one.world is two.world


def test_lists_are_the_same_when_caches_are_dropped_all_the_time(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.world.cache.World", World)
    answers = []
    for share in (1, 160):
        app = make_app(memory_limit=64)
        app.sandboxes.memory.caches.limit //= share
        for module in ("world.world", "sandbox.store.memory"):
            monkeypatch.setattr(f"mockserver.{module}._LOOK_EVERY", 20_000)
        client = TestClient(app, base_url="http://127.0.0.1:8080")
        client.auth = AUTH
        client.post("/__admin/leads", json={"message": "one more"})
        pages = [client.get(f"/apimo/agencies/{agency}/leads?limit=30").content for agency in (101, 102, 101)]
        answers.append(pages)
        assert bool(app.sandboxes.memory.caches.dropped) is (share > 1)
    assert answers[0] == answers[1]


def test_a_page_looks_at_what_it_has_shown_no_more_though_nothing_is_kept(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.world.cache.World", World)
    app = make_app(memory_limit=64)
    app.sandboxes.memory.caches.limit = 1
    client, shown = TestClient(app, base_url="http://127.0.0.1:8080"), list[int]()
    client.auth = AUTH
    cache_encoded = World.cache_encoded

    def drop(self: World, view: str, id: int, encoded: bytes) -> None:
        cache_encoded(self, view, id, encoded)
        self.drop_cache()
        monkeypatch.setattr(MemoryStore, "get", refused if len(shown) == 24 else get)
        shown.append(id)

    def refused(self: MemoryStore, kind: Kind, id: int) -> None:
        pytest.fail(f"{kind} {id} is made again")

    get = MemoryStore.get
    monkeypatch.setattr(World, "cache_encoded", drop)
    page = client.get("/apimo/agencies/101/leads?limit=40").json()
    assert (len(page["leads"]), len(shown)) == (25, 25)


def test_over_the_memory_limit_no_sandbox_is_made(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.registry.memory._LOOK_EVERY", 0)
    app = make_app(memory_limit=64)
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    assert client.post("/__admin/sandboxes", json={"id": "first"}).status_code == 201
    # Some 66 MB of leads that nothing can make again.
    monkeypatch.setattr("mockserver.sandbox.store.weights._WEIGHT", 4_000_000)
    for _ in range(9):
        client.post("/__admin/sandboxes/first/leads", json={})
    refused = client.post("/__admin/sandboxes", json={})
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    assert "about 64 MiB" in refused.json()["detail"]
    assert "--memory-limit" in refused.json()["detail"]
    assert client.delete("/__admin/sandboxes/first").status_code == 204
    assert client.post("/__admin/sandboxes", json={}).status_code == 201


def test_the_weight_of_a_journal_follows_its_calls(make_app: MakeApp) -> None:
    app = make_app()
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    client.auth = AUTH
    assert app.sandbox.journal.weight == 0
    for _ in range(12):
        client.get("/apimo/agencies/101/leads")
    assert 12 * 4_000 < app.sandbox.journal.weight < 12 * 65_536
    assert app.sandboxes.memory.weight() > app.sandbox.weight > app.sandbox.journal.weight


def test_by_default_sandboxes_may_take_a_third_of_the_machine(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size, limit in ((30 << 30, 10 << 30), (300 << 20, 256 << 20), (None, 2 << 30)):
        monkeypatch.setattr("mockserver.registry.memory.memory_size", lambda size=size: size)
        assert SandboxMemory(make_app().settings).limit == limit


WRITES: list[tuple[str, str, dict[str, object]]] = [
    ("POST", "/apimo/agencies/101/leads", {"reference": "r", "type": "1"}),
    ("POST", "/apimo/agencies/101/requests", {"contact": "1"}),
    ("POST", "/__admin/leads", {"count": 3}),
    ("POST", "/__admin/snapshot", {}),
]


@pytest.fixture
def full(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A client of a server whose memory is full with leads of a sandbox `other`."""
    monkeypatch.setattr("mockserver.registry.memory._LOOK_EVERY", 0)
    client = TestClient(make_app(memory_limit=64), base_url="http://127.0.0.1:8080")
    client.auth = AUTH
    client.post("/__admin/sandboxes", json={"id": "other"})
    with monkeypatch.context() as patch:
        patch.setattr("mockserver.sandbox.store.weights._WEIGHT", 4_000_000)
        while (answer := client.post("/__admin/sandboxes/other/leads", json={})).status_code == 201:
            pass
        assert answer.status_code == 503
    return client


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=lambda part: str(part))
def test_over_the_memory_limit_nothing_is_written(
    full: TestClient, method: str, path: str, body: dict[str, object]
) -> None:
    before = full.get("/apimo/agencies/101/leads?limit=1").json()["total_items"]
    refused = full.request(method, path, json=body)
    assert refused.status_code == 503
    assert "about 64 MiB" in refused.text
    assert "--memory-limit" in refused.text
    assert full.get("/apimo/agencies/101/leads?limit=1").json()["total_items"] == before, "it can still be read"
    assert full.get("/__admin/sandboxes/default").json()["snapshots"] == []
    assert full.delete("/__admin/sandboxes/other").status_code == 204
    assert full.request(method, path, json=body).status_code < 300


def test_over_the_memory_limit_a_scenario_says_what_did_not_fit(full: TestClient) -> None:
    steps = [{"when": "start", "do": [{"arrive": {"count": 20}}]}]
    state = full.put("/__admin/scenario", json={"name": "more", "why": "x", "steps": steps}).json()
    assert state["done"]
    (failure,) = state["fired"][0]["failed"]
    assert failure.startswith("arrive: The sandboxes take about 64 MiB")


def test_over_the_memory_limit_what_is_there_can_be_withdrawn_and_reset(full: TestClient) -> None:
    lead = full.get("/apimo/agencies/101/leads?limit=1").json()["leads"][0]["id"]
    assert full.delete(f"/__admin/leads/{lead}").status_code == 204
    assert full.post("/__admin/sandboxes/other/reset").status_code == 204
    assert full.post("/__admin/leads", json={}).status_code == 201


def test_what_was_accepted_arrives_although_there_is_no_room_left(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(memory_limit=64)
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    seeker, store = Seeker(client), app.sandbox.store
    estate = store.get(Kind.ESTATE, store.ids(Kind.ESTATE, 101)[0])
    assert isinstance(estate, Estate)
    body = {
        "lastName": "Doe",
        "email": "jane@example.com",
        "phoneNumbers": [{"number": "+33511223344"}],
        "firstName": "Jane",
        "submittedDate": "2026-01-01T00:00:00Z",
        "message": "Hello",
        "classifiedId": estate.classified_id,
    }
    before = client.get("/__admin/leads?limit=1").json()["total"]
    assert seeker.post("/leads", body).status_code == 200
    monkeypatch.setattr("mockserver.registry.memory._LOOK_EVERY", 0)
    app.sandboxes.memory.limit = 1
    client.put("/__admin/clock", json={"advance": "PT1H"})
    assert client.get("/__admin/leads?limit=1").json()["total"] == before + 1
    assert seeker.post("/leads", body).status_code == 503, "and nothing more is accepted"


def test_snapshots_count(make_app: MakeApp) -> None:
    app = make_app()
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    client.post("/__admin/leads", json={"count": 50})
    weight = app.sandbox.weight
    for _ in range(2):
        assert client.post("/__admin/snapshot", json={"name": "a"}).status_code == 200
    assert weight + 50 * 16_000 <= app.sandbox.weight < weight + 50 * 32_000, "one of that name replaces the other"
