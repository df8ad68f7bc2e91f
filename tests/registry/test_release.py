"""What is dropped is given back at once: by counting references, without waiting for a collection of cycles."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from weakref import ref

import pytest

from mockserver.server.app import MockServer
from mockserver.world import World
from tests.support.in_process import TestClient

PARTS = ("world", "store", "journal", "clock", "faults", "accounts", "usage", "outbox", "webhooks", "scenario")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of each kind of store that needs no server."""
    return "memory" if request.param == "memory" else f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def worlds_of_their_own(monkeypatch: pytest.MonkeyPatch, worlds_are_made_once: None) -> None:
    """Worlds that no other test keeps."""
    monkeypatch.setattr("mockserver.world.cache.World", World)


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Leaves cycles where they are."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def use(client: TestClient, id: str, seed: int) -> None:
    """Makes a sandbox and uses every part of it."""
    made = client.post("/__admin/sandboxes", json={"id": id, "seed": seed})
    assert made.status_code == 201, made.text
    credentials = made.json()["credentials"]
    apimo = (str(credentials["apimo"]["provider"]), credentials["apimo"]["token"])
    assert client.get(f"/~{id}/apimo/agencies/101/leads", auth=apimo).status_code == 200
    form = {"grant_type": "client_credentials", **{k: credentials["gsl"][k] for k in ("client_id", "client_secret")}}
    assert client.post(f"/~{id}/gsl/oauth/token", data=form).status_code == 200
    below = f"/__admin/sandboxes/{id}"
    scenario = {"name": "one more", "why": "x", "steps": [{"when": "start", "do": [{"arrive": {}}]}]}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "leads", {}),
        ("POST", "faults", {"kind": "status", "status": 500, "times": 1}),
        ("PUT", "scenario", scenario),
        ("PUT", "clock", {"advance": "PT1H"}),
        ("POST", "snapshot", {}),
        ("POST", "verify", {"count": 1}),
    ]
    for method, path, body in calls:
        assert client.request(method, f"{below}/{path}", json=body).status_code < 300, path


def client_of(app: MockServer) -> TestClient:
    """A client of the application, without credentials of its own."""
    return TestClient(app, base_url="http://127.0.0.1:8080")


def watched(app: MockServer, id: str) -> dict[str, "ref[Any]"]:
    """Weak references to a sandbox and its parts, by name."""
    sandbox = app.sandboxes.get(id)
    assert sandbox is not None
    return {"sandbox": ref(sandbox), **{part: ref(getattr(sandbox, part)) for part in PARTS}}


@pytest.mark.usefixtures("worlds_of_their_own")
def test_a_deleted_sandbox_leaves_nothing_behind(
    make_app: Callable[..., MockServer], store: str, no_collection: None
) -> None:
    app = make_app(store=store)
    client = client_of(app)
    # The newest few worlds live on for the next sandbox.
    for number in range(5):
        use(client, f"s{number}", 1_000 + number)
    parts = watched(app, "s0")
    assert client.delete("/__admin/sandboxes/s0").status_code == 204
    assert [name for name, part in parts.items() if part() is not None] == []


@pytest.mark.usefixtures("worlds_of_their_own")
def test_an_idle_sandbox_that_is_dropped_leaves_nothing_behind(
    make_app: Callable[..., MockServer], monkeypatch: pytest.MonkeyPatch, no_collection: None
) -> None:
    app = make_app(sandbox_idle=60)
    client = client_of(app)
    for number in range(5):
        use(client, f"s{number}", 2_000 + number)
    parts = watched(app, "s0")
    repository = app.sandboxes.repository
    idle_since = repository.idle_since
    monkeypatch.setattr(repository, "idle_since", lambda moment: idle_since(moment + 3_600))
    app.sandboxes.sweep()
    assert repository.ids() == ["default"]
    assert [name for name, part in parts.items() if part() is not None] == []
