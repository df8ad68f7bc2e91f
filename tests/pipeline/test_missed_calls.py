"""Calls that miss the beginning of a provider's addresses: the answer says what was meant, and the journal has them."""

from typing import Any

import pytest

from tests.conftest import AUTH, MakeClient
from tests.support.in_process import TestClient


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """A client of a server with an empty journal."""
    return make_client()


def entries(client: TestClient, sandbox: str = "default") -> list[dict[str, Any]]:
    """The journal of a sandbox."""
    found: list[dict[str, Any]] = client.get(f"/__admin/sandboxes/{sandbox}/journal").json()["entries"]
    return found


@pytest.mark.parametrize(
    ("method", "path", "meant"),
    [
        ("GET", "/agencies/101/leads", "GET /apimo/agencies/101/leads"),
        ("POST", "/agencies/101/leads", "POST /apimo/agencies/101/leads"),
        ("PUT", "/agencies/101/leads/7", "PUT /apimo/agencies/101/leads/7"),
        ("GET", "/agencies", "GET /apimo/agencies"),
        ("GET", "/apimoo/agencies", "GET /apimo/agencies"),
        ("GET", "/api/agencies/", "GET /apimo/agencies"),
        ("POST", "/v2/leads", "POST /gsl/v2/leads"),
        ("GET", "/v2/leads/44", "GET /gsl/v2/leads/44"),
        ("POST", "/V2/Leads", "POST /gsl/V2/Leads"),
        ("GET", "/seeker-leads/v1/leads", "GET /seeker/seeker-leads/v1/leads"),
        ("GET", "/sandbox/seeker-leads/v1/leads", "GET /seeker/sandbox/seeker-leads/v1/leads"),
        ("GET", "/v1/leads", "GET /seeker/seeker-leads/v1/leads"),
        ("POST", "/oauth/token", "POST /gsl/oauth/token or POST /seeker/oauth/token"),
        ("GET", "/agencie", "GET /apimo/agencies"),
    ],
)
def test_the_nearest_operation_is_in_the_answer_and_in_the_note(
    client: TestClient, method: str, path: str, meant: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert f"did you mean {meant}" in answer.json()["detail"]
    (entry,) = entries(client)
    assert (entry["provider"], entry["operation"], entry["method"], entry["path"]) == (None, None, method, path)
    (note,) = entry["notes"]
    assert "the path is that of no provider" in note
    assert meant in note


@pytest.mark.parametrize(
    ("method", "path", "meant"),
    [
        ("GET", "/seeker/leads", "GET /seeker/seeker-leads/v1/leads"),
        ("POST", "/seeker/leads", "POST /seeker/seeker-leads/v1/leads"),
        ("GET", "/seeker/v1/leads/7", "GET /seeker/seeker-leads/v1/leads/7"),
        ("GET", "/seeker/webhook/subscriptions", "GET /seeker/seeker-leads/v1/webhook/subscriptions"),
        ("POST", "/gsl/leads", "POST /gsl/v2/leads"),
        ("POST", "/gsl/token", "POST /gsl/oauth/token"),
        ("GET", "/apimo/agencies/101/lead", "GET /apimo/agencies/101/leads"),
        ("GET", "/apimo/agencies/101/propertys", "GET /apimo/agencies/101/properties"),
        ("GET", "/~default/apimo/agencie", "GET /~default/apimo/agencies"),
    ],
)
def test_a_provider_names_the_nearest_of_its_operations(client: TestClient, method: str, path: str, meant: str) -> None:
    sentence = f"There is nothing at this path; the nearest operation is {meant}"
    answer = client.request(method, path)
    assert answer.status_code == 404
    assert sentence in answer.text.replace("\\/", "/")
    assert sentence in str(entries(client)[0])


def test_an_address_that_several_operations_share_names_them_all(client: TestClient) -> None:
    detail = client.get("/leads").json()["detail"]
    assert "GET /apimo/agencies/{agency_id}/leads" in detail
    assert "GET /seeker/seeker-leads/v1/leads" in detail


def test_an_address_like_nothing_is_in_the_journal_too(client: TestClient) -> None:
    assert "did you mean" not in client.get("/wp-login.php?a=1").json()["detail"]
    (entry,) = entries(client)
    assert (entry["query"], entry["notes"]) == ("a=1", ["the path is that of no provider"])


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/__admin/version", "/__admin/nothing"])
def test_pages_of_ours_are_not_in_the_journal(client: TestClient, path: str) -> None:
    client.get(path)
    assert entries(client) == []


def test_a_sandbox_that_is_named_has_the_call(client: TestClient) -> None:
    client.post("/__admin/sandboxes", json={"id": "own"})
    client.get("/~own/agencies")
    client.get("/v2/leads/1", headers={"X-Mockserver-Sandbox": "own"})
    client.get("/~gone/agencies")
    assert [entry["path"] for entry in entries(client, "own")] == ["/agencies", "/v2/leads/1"]
    assert [entry["path"] for entry in entries(client)] == ["/agencies"]


def test_such_a_call_is_bounded_and_has_no_secret(client: TestClient) -> None:
    client.post("/oauth/token", data={"client_secret": "XYZWXYZW"})
    client.request("POST", f"/{'x' * 60_000}", content=b"y" * 2_000_000, auth=AUTH)
    first, second = entries(client)
    assert "XYZW" not in str(first)
    assert AUTH[1] not in str(second)
    assert len(str(second)) < 64 * 1024


def test_verification_and_har_take_such_calls(client: TestClient) -> None:
    client.get("/agencies")
    verdict = client.post("/__admin/verify", json={"path": "/agencies", "count": 1}).json()
    assert verdict["held"]
    (entry,) = client.get("/__admin/journal.har").json()["log"]["entries"]
    assert entry["request"]["url"] == "http://127.0.0.1:8080/agencies"


def test_head_and_options_have_no_more_than_their_head(client: TestClient) -> None:
    assert client.head("/agencies").status_code == 404
    assert client.head("/agencies").content == b""
    assert client.options("/agencies").status_code == 404
