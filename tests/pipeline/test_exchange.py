"""An exchange: what is looked up once, and that anything can drive the pipeline with it."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.foundation import request_head
from mockserver.foundation.authorization import Authorization, read_authorization
from mockserver.foundation.request_head import RequestHead
from mockserver.foundation.settings import Settings
from mockserver.pipeline import run as run_module
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.faults import NO_FAULT
from mockserver.pipeline.pipeline import RequestPipeline
from mockserver.provider_api.provider import ErrorContext
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW
from tests.support.gsl import Gsl
from tests.support.in_process import TestClient

BASIC = b"Basic " + b64encode(":".join(AUTH).encode())
HEADERS = [(b"host", b"127.0.0.1:8080"), (b"authorization", BASIC)]


@pytest.fixture
def app() -> MockServer:
    """A small world whose clock stands still."""
    return build(Settings(world="small", now=NOW))


def pipeline_of(app: MockServer, name: str = "apimo") -> RequestPipeline:
    """The pipeline of one provider, as the application makes it."""
    return RequestPipeline(app.providers[name], app.sandboxes, app.settings)


def exchange(path: str, query: bytes = b"", headers: list[tuple[bytes, bytes]] = HEADERS) -> Exchange:
    """A GET below Apimo's address."""
    head = RequestHead("GET", path, query, headers, "http://127.0.0.1:8080/apimo")
    head.take_headers(dict(headers))
    return Exchange(head)


def test_anything_can_drive_the_pipeline_without_asgi(app: MockServer) -> None:
    answer = TestClient(app, base_url="http://127.0.0.1:8080").get(
        "/apimo/agencies/101/leads?limit=2",
        headers={"Authorization": BASIC.decode(), "Accept-Encoding": "identity"},
    )
    made = exchange("/agencies/101/leads", b"limit=2")
    status, headers, body = pipeline_of(app).respond(made)
    assert (status, body) == (200, answer.content)
    assert made.fault is NO_FAULT
    named = [(name.decode(), value.decode()) for name, value in headers]
    assert [*named, ("content-length", str(len(body)))] == list(answer.headers.items())
    asgi, direct = app.sandbox.journal.entries()
    assert (asgi.path, asgi.query, asgi.reply) == (direct.path, direct.query, direct.reply)


def test_a_fault_says_how_the_response_of_an_exchange_is_sent(app: MockServer) -> None:
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    client.post("/__admin/faults", json={"kind": "status", "status": 429, "retry_after": 3, "times": 1})
    struck, free = exchange("/agencies"), exchange("/agencies")
    status, headers, _ = pipeline_of(app).respond(struck)
    assert (status, dict(headers)[b"retry-after"]) == (429, b"3")
    assert struck.fault.as_dict() == {"id": "f1", "kind": "status", "in_contract": True}
    assert pipeline_of(app).respond(free).status == 200
    assert free.fault is NO_FAULT


@pytest.mark.parametrize("first", [0, 1])
def test_credentials_that_are_sent_twice_are_refused(app: MockServer, first: int) -> None:
    """They are of one value (RFC 9110 §11.6.2, §5.3): two would mean that each reader takes another one."""
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    twice = [("Authorization", BASIC.decode()), ("Authorization", "Basic eDp5")]
    answer = client.get("/apimo/agencies", headers=twice[::-1] if first else twice)
    assert answer.status_code == (401 if first else 400)
    assert first or "Authorization is there twice" in answer.json()["detail"]


@pytest.mark.parametrize("sandboxes", [1, 2])
def test_credentials_are_taken_apart_once_a_call(
    app: MockServer, monkeypatch: pytest.MonkeyPatch, sandboxes: int
) -> None:
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    for number in range(1, sandboxes):
        client.post("/__admin/sandboxes", json={"id": f"other{number}"})
    headers: list[str | None] = []

    def reading(header: str | None) -> Authorization:
        headers.append(header)
        return read_authorization(header)

    monkeypatch.setattr(request_head, "read_authorization", reading)
    assert client.get("/apimo/agencies", auth=AUTH).status_code == 200
    assert len(headers) == 1
    assert client.get("/apimo/nothing").status_code == 404
    assert len(headers) == (1 if sandboxes == 1 else 2), "an address that is none needs no credentials"


def test_the_context_of_errors_is_made_once_and_only_when_it_is_needed(
    app: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    made: list[ErrorContext] = []

    def making(*members: Any) -> ErrorContext:
        made.append(ErrorContext(*members))
        return made[-1]

    monkeypatch.setattr(run_module, "ErrorContext", making)
    assert client.get("/apimo/agencies", auth=AUTH).status_code == 200
    assert made == [], "no member of a good answer of Apimo depends on it"
    assert client.get("/apimo/agencies").status_code == 401
    assert len(made) == 1
    client.get("/gsl/v2/leads/1")
    assert len(made) == 2, "its envelope and its headers have the same"
    Gsl(client)
    before = len(made)
    client.get("/gsl/v2/leads/1")
    assert len(made) == before + 1


def test_a_request_that_names_no_sandbox_that_there_is_goes_to_none(make_client: Callable[..., TestClient]) -> None:
    client = make_client()
    answer = client.get("/apimo/agencies", headers={"X-Mockserver-Sandbox": "nowhere"})
    assert answer.status_code == 404
    entry = client.get("/__admin/journal").json()["entries"][-1]
    assert (entry["operation"], entry["violations"]) == (None, [])
    assert "There is no sandbox 'nowhere'" in entry["notes"][0]
