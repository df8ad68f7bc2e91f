"""The request pipeline: what holds for every call, whatever the handler does."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mockserver.foundation.settings import Settings
from mockserver.provider_api.call import Call, Handler, Reply
from mockserver.provider_api.pages import Page
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW
from tests.support.in_process import TestClient

Serve = Callable[[str, Handler], TestClient]


@pytest.fixture
def serve() -> Serve:
    """A client of an application in which one handler is replaced."""

    def make(operation: str, handler: Handler) -> TestClient:
        server = build(Settings(world="small", now=NOW))
        providers = {
            name: replace(provider, handlers={**provider.handlers, operation: handler})
            for name, provider in server.providers.items()
        }
        client = TestClient(
            MockServer(server.settings, providers, SandboxRegistry(server.settings, providers)),
            base_url="http://127.0.0.1",
        )
        client.auth = AUTH
        return client

    return make


def last_call(client: TestClient) -> dict[str, Any]:
    """The newest entry of the journal."""
    entry: dict[str, Any] = client.get("/__admin/journal").json()["entries"][-1]
    return entry


BROKEN: list[tuple[str, Reply, str, str]] = [
    (
        "a member too many",
        Reply([{"name": "a", "path": "http://a/b", "private": False, "x": 1}]),
        "/0/x",
        "additionalProperties",
    ),
    ("a member missing", Reply([{"name": "a", "path": "/"}]), "/0/private", "required"),
    ("a wrong type", Reply({}), "", "type"),
    ("an undocumented status", Reply([], status=201), "", "status"),
    ("an undocumented media type", Reply([], media_type="text/plain"), "", "content"),
    ("a page where no list is", Reply(Page([], {})), "", "status"),
]


@pytest.mark.parametrize(("reply", "pointer", "rule"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_reply_that_breaks_the_contract_never_leaves_the_server(
    serve: Serve, reply: Reply, pointer: str, rule: str
) -> None:
    client = serve("listCatalogs", lambda call: reply)
    answer = client.get("/apimo/catalogs")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Internal Server Error"
    violation = last_call(client)["violations"][0]
    assert (violation["in"], violation["pointer"], violation["rule"]) == ("reply", pointer, rule)


def test_an_envelope_of_a_list_is_checked_on_every_reply(serve: Serve) -> None:
    client = serve("listLeads", lambda call: Reply(Page([], {"total_items": -1, "timestamp": None})))
    assert client.get("/apimo/agencies/101/leads").status_code == 500
    assert last_call(client)["violations"][0]["pointer"] == "/total_items"


def test_a_handler_that_fails_answers_in_the_envelope_and_the_log_has_the_traceback(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def handler(call: Call) -> Reply:
        raise ZeroDivisionError("the secret reason")

    answer = serve("listCatalogs", handler).get("/apimo/catalogs")
    assert answer.status_code == 500
    assert answer.json()["status"] == 500
    assert "secret reason" not in answer.text
    assert "the secret reason" in caplog.text


def test_a_call_is_in_the_journal_with_all_that_is_known_of_it(client: TestClient) -> None:
    client.get("/apimo/agencies/101/leads?limit=1&timestamps=3")
    entry = last_call(client)
    assert entry["at"] == "2026-01-01T00:00:00.000Z"
    assert not entry["real_at"].startswith("2026-01-01T00:00:00")
    assert (entry["provider"], entry["operation"], entry["status"]) == ("apimo", "listLeads", 200)
    assert (entry["method"], entry["path"], entry["query"]) == ("GET", "/agencies/101/leads", "limit=1&timestamps=3")
    assert entry["duration_ms"] > 0
    assert entry["notes"] == ["query parameter `timestamps`: unknown, ignored; did you mean `timestamp`?"]
    assert entry["reply"]["body"].startswith('{"leads":[{"id":')
    assert entry["violations"] == []


def test_a_note_is_made_on_every_call_and_not_only_on_the_first(client: TestClient) -> None:
    for _ in range(2):
        client.get("/apimo/agencies/101/leads?limits=1")
    notes = [entry["notes"] for entry in client.get("/__admin/journal").json()["entries"]]
    assert notes[0] == notes[1] != []


def test_a_wrong_request_is_in_the_journal_with_its_pointers(client: TestClient) -> None:
    client.post("/apimo/agencies/101/leads", json={"price_min": "cheap"})
    entry = last_call(client)
    assert entry["status"] == 422
    assert {(v["in"], v["pointer"], v["rule"]) for v in entry["violations"]} == {
        ("body", "/price_min", "pattern"),
        ("body", "/reference", "required"),
    }
    assert entry["request"]["body"] == '{"price_min":"cheap"}'


def test_head_answers_like_get_without_the_body(client: TestClient) -> None:
    get, head = client.get("/apimo/agencies/101/leads"), client.head("/apimo/agencies/101/leads")
    assert head.status_code == 200
    assert head.content == b""
    assert dict(head.headers) == dict(get.headers)


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/agencies/101/leads", "GET, HEAD, OPTIONS, POST"),
        ("/agencies/101/leads/1", "OPTIONS, PUT"),
        ("/catalogs", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_and_405_tell_the_methods_in_order(client: TestClient, path: str, allow: str) -> None:
    options, refused = client.options(f"/apimo{path}"), client.delete(f"/apimo{path}")
    assert (options.status_code, options.headers["allow"], options.content) == (204, allow, b"")
    assert (refused.status_code, refused.headers["allow"]) == (405, allow)
    assert refused.headers["content-type"] == "application/problem+json"


def test_who_is_not_let_in_learns_nothing_of_what_is_inside(client: TestClient) -> None:
    answers = {client.get(f"/apimo/agencies/{agency}/leads", auth=None).text for agency in (101, 103, 999)}
    assert len(answers) == 1


def test_the_date_follows_the_clock_of_the_sandbox(client: TestClient) -> None:
    assert client.get("/apimo/catalogs").headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_a_body_over_the_limit_is_refused_and_the_limit_is_a_setting(make_client: Callable[..., TestClient]) -> None:
    client = make_client(body_limit=2_000)
    body = '{"reference": "' + "x" * 2_000 + '"}'
    answer = client.post("/apimo/agencies/101/leads", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert "2000 bytes" in answer.json()["detail"]


def test_who_is_not_known_learns_that_before_anything_of_the_body(make_client: Callable[..., TestClient]) -> None:
    client = make_client(body_limit=2_000)
    for content in ("x" * 3_000, "{bad"):
        answer = client.post("/apimo/agencies/101/leads", content=content, auth=("4321", "wrong"))
        assert answer.status_code == 401


BREAKS: list[tuple[str, str, dict[str, Any], int, str, str]] = [
    ("POST", "", {"content": "{bad", "headers": {"content-type": "application/json"}}, 400, "body", "unreadable_body"),
    ("POST", "", {"content": "", "headers": {"content-type": "application/json"}}, 400, "body", "missing_body"),
    (
        "POST",
        "",
        {"content": "a=b", "headers": {"content-type": "text/plain"}},
        415,
        "header",
        "unsupported_media_type",
    ),
    ("DELETE", "", {}, 405, "path", "method_not_allowed"),
    ("GET", "x", {}, 404, "path", "not_found"),
]


@pytest.mark.parametrize(
    ("method", "suffix", "request_", "status", "place", "rule"), BREAKS, ids=[b[5] for b in BREAKS]
)
def test_a_call_that_is_none_of_the_contract_is_a_violation_too(
    client: TestClient, method: str, suffix: str, request_: dict[str, Any], status: int, place: str, rule: str
) -> None:
    answer = client.request(method, f"/apimo/agencies/101/leads{suffix}", **request_)
    assert answer.status_code == status
    (violation,) = last_call(client)["violations"]
    assert (violation["in"], violation["rule"]) == (place, rule)
    assert violation["message"]


@pytest.mark.parametrize(("path", "status"), [("/agencies/103/leads", 403), ("/agencies/9/leads", 404)])
def test_a_refusal_that_breaks_nothing_is_a_note_that_says_why(client: TestClient, path: str, status: int) -> None:
    assert client.get(f"/apimo{path}").status_code == status
    call = last_call(client)
    assert call["violations"] == []
    assert "gency" in call["notes"][0]
