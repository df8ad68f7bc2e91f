"""Our own pages: the index, the admin API, and who may use it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.foundation.redaction import MASK
from mockserver.foundation.version import __version__
from mockserver.server.app import MockServer
from tests.conftest import AUTH, MakeClient
from tests.support.in_process import TestClient

TOKEN = AUTH[1]
LEADS = "/apimo/agencies/101/leads"


def journal(client: TestClient, **chosen: Any) -> dict[str, Any]:
    """The journal through the admin API."""
    answer = client.get("/__admin/journal", params=chosen)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def some_calls(client: TestClient) -> None:
    """Five calls: two fine, one invalid, one unrouted, one without credentials."""
    client.get(f"{LEADS}?limit=1")
    client.get("/apimo/catalogs")
    client.post(LEADS, json={"type": "x"})
    client.get("/apimo/nowhere")
    client.get(LEADS, auth=("4321", "wrong"))


def test_the_index_tells_a_program_where_everything_is(client: TestClient) -> None:
    index = client.get("/", headers={"accept": "application/json"}).json()
    apimo = index["providers"]["apimo"]
    (account,) = apimo["credentials"]
    fresh = (account["provider"], account["token"])
    assert client.get(f"{apimo['url']}/agencies/{account['agencies'][0]}/leads", auth=fresh).status_code == 200
    addresses = [apimo["contract"], *index["admin"].values()]
    assert [client.get(address).status_code for address in addresses] == [200] * len(addresses)
    assert index["version"] == __version__
    assert (index["world"]["name"], index["world"]["agencies"]) == ("small", [101, 102, 103])
    assert {"id": "listLeads", "method": "GET", "path": "/apimo/agencies/{agency_id}/leads"} in apimo["operations"]


def test_the_index_is_a_page_for_a_browser_and_json_for_everybody_else(client: TestClient) -> None:
    page = client.get("/", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<code>{TOKEN}</code>" in page.text
    assert "listLeads" in page.text
    for accept in ("*/*", "application/json", ""):
        assert client.get("/", headers={"accept": accept}).headers["content-type"] == "application/json"


def test_the_page_does_not_run_what_a_host_header_says(client: TestClient) -> None:
    headers = {"accept": "text/html", "host": 'a"><script>alert(1)</script>'}
    assert "<script>" not in client.get("/", headers=headers).text


def test_health_and_version_answer(client: TestClient) -> None:
    assert client.get("/__admin/health/live").json() == {"status": "ok"}
    assert client.get("/__admin/health/ready").json() == {"status": "ok"}
    assert client.get("/__admin/version").json() == {"name": "lead-mockserver", "version": __version__}
    assert client.head("/__admin/health/live").status_code == 200


def test_a_contract_is_shown_as_served_with_its_overlay(make_client: MakeClient, tmp_path: Path) -> None:
    overlay = tmp_path / "mine.yaml"
    overlay.write_text(
        "overlay: 1.0.0\ninfo: {title: mine, version: '1'}\n"
        "actions: [{target: $.info, update: {title: As my document says}}]\n",
        encoding="utf-8",
    )
    plain, corrected = make_client(), make_client(overlays={"apimo": (overlay,)})
    before, after = (client.get("/__admin/contracts/apimo").json() for client in (plain, corrected))
    assert after["info"] == {**before["info"], "title": "As my document says"}
    assert {**after, "info": None} == {**before, "info": None}


def test_fidelity_tells_how_each_thing_is_known(client: TestClient) -> None:
    rows = client.get("/__admin/fidelity").json()["rows"]
    assert {tuple(row) for row in rows} == {("provider", "operation", "subject", "level", "source", "inherited")}
    assert {row["level"] for row in rows} == {"documented", "observed", "inferred", "assumed"}
    apimo = client.get("/__admin/fidelity?provider=apimo").json()["rows"]
    assert apimo == [row for row in rows if row["provider"] == "apimo"]


def test_the_journal_lists_calls_oldest_first(client: TestClient) -> None:
    some_calls(client)
    found = journal(client)
    assert (found["total"], found["evicted"]) == (5, 0)
    assert [entry["id"] for entry in found["entries"]] == [1, 2, 3, 4, 5]
    assert [entry["status"] for entry in found["entries"]] == [200, 200, 422, 404, 401]
    first, _, wrong, unrouted, stranger = found["entries"]
    assert (first["provider"], first["operation"], first["method"]) == ("apimo", "listLeads", "GET")
    assert (first["path"], first["query"], first["at"]) == (LEADS[6:], "limit=1", "2026-01-01T00:00:00.000Z")
    assert {violation["pointer"] for violation in wrong["violations"]} == {"/reference", "/type"}
    assert wrong["request"].items() >= {"body": '{"type":"x"}', "bytes": 12, "cut": False}.items()
    assert ["content-type", "application/json"] in wrong["request"]["headers"]
    assert unrouted["operation"] is None
    assert [violation["rule"] for violation in unrouted["violations"]] == ["not_found"]
    assert stranger["violations"] == []
    assert stranger["notes"][0].startswith("User or password is wrong")


@pytest.mark.parametrize(
    ("chosen", "ids"),
    [
        ({"provider": "apimo"}, [1, 2, 3, 4, 5]),
        ({"provider": "gsl"}, []),
        ({"operation": "listLeads"}, [1, 5]),
        ({"operation": "createLead"}, [3]),
        ({"status": 200}, [1, 2]),
        ({"violations": "true"}, [3, 4]),
        ({"violations": "false"}, [1, 2, 5]),
        ({"limit": 2}, [4, 5]),
        ({"operation": "listLeads", "status": 401}, [5]),
        ({"status": 200, "limit": 1}, [2]),
    ],
)
def test_filters_of_the_journal_narrow_it(client: TestClient, chosen: dict[str, Any], ids: list[int]) -> None:
    some_calls(client)
    found = journal(client, **chosen)
    assert [entry["id"] for entry in found["entries"]] == ids
    assert found["total"] == 5


@pytest.mark.parametrize("query", ["typo=1", "limit=0", "status=x", "violations=perhaps"])
def test_a_filter_that_is_none_is_refused_by_name(client: TestClient, query: str) -> None:
    answer = client.get(f"/__admin/journal?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert query.partition("=")[0] in answer.json()["detail"]


def test_what_the_journal_had_to_drop_is_counted(make_client: MakeClient) -> None:
    client = make_client(journal_size=3)
    some_calls(client)
    found = journal(client)
    assert [entry["id"] for entry in found["entries"]] == [3, 4, 5]
    assert (found["total"], found["evicted"]) == (5, 2)


def test_a_deleted_journal_is_empty_and_counts_anew(client: TestClient) -> None:
    some_calls(client)
    assert client.delete("/__admin/journal").status_code == 204
    assert journal(client) == {"entries": [], "total": 0, "evicted": 0}


def put_the_token_in_the_path(client: TestClient) -> None:
    client.get(f"/apimo/agencies/{TOKEN}/leads")
    client.get(f"/apimo/{TOKEN}")
    client.get(f"/apimo/catalogs/{TOKEN}")


def put_the_token_in_the_query(client: TestClient) -> None:
    client.get(f"{LEADS}?limit=1&token={TOKEN}")
    client.get(f"{LEADS}?limit=1&x={TOKEN}")
    client.get(f"{LEADS}?limit={TOKEN}")
    client.get(f"{LEADS}?limit=1&{TOKEN}")


def put_the_token_in_the_body(client: TestClient) -> None:
    client.post(LEADS, json={"reference": TOKEN, "token": TOKEN, TOKEN: 1})
    client.post(LEADS, json={"reference": "1", "type": TOKEN})
    client.request("GET", LEADS, json={"limit": TOKEN})
    client.post(LEADS, content=f"not JSON {TOKEN}", headers={"content-type": "application/json"})


def put_the_token_in_headers(client: TestClient) -> None:
    client.get(LEADS, headers={"authorization": TOKEN})
    client.get(LEADS, headers={"authorization": f"Bearer {TOKEN}", "x-token": TOKEN, "cookie": f"token={TOKEN}"})
    client.post(LEADS, content=b"{}", headers={"content-type": TOKEN})


@pytest.mark.parametrize(
    "leak",
    [
        put_the_token_in_the_path,
        put_the_token_in_the_query,
        put_the_token_in_the_body,
        put_the_token_in_headers,
    ],
)
def test_the_journal_never_holds_the_token(client: TestClient, leak: Callable[[TestClient], None]) -> None:
    leak(client)
    kept = journal(client)["entries"]
    assert kept
    for entry in kept:
        holding = [name for name, value in entry.items() if TOKEN in str(value)]
        assert holding == [], f"entry {entry['id']} holds the token in {holding}"


def test_the_journal_never_holds_what_is_called_like_a_secret(client: TestClient) -> None:
    client.get(f"{LEADS}?limit=1&password=hunter2&API_KEY=hunter2&access_token=hunter2")
    client.post(LEADS, json={"reference": "1", "password": "hunter2", "client_secret": "hunter2"})
    entries = journal(client)["entries"]
    assert "hunter2" not in str(entries)
    assert entries[0]["query"] == f"limit=1&password={MASK}&API_KEY={MASK}&access_token={MASK}"


def test_the_journal_never_holds_a_password_of_a_contact(client: TestClient) -> None:
    passwords = [contact["password"] for contact in client.get("/apimo/agencies/101/contacts").json()["contacts"]]
    (entry,) = journal(client)["entries"]
    assert entry["reply"]["cut"]
    for password in filter(None, passwords):
        assert password not in entry["reply"]["body"]
    assert any(passwords), "some contacts of the world have one"


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/__admin", 404, None),
        ("GET", "/__admin/health/", 404, None),
        ("GET", "/__admin/version/", 404, None),
        ("GET", "/__admin/version%0A", 404, None),
        ("GET", "/nowhere", 404, None),
        ("GET", "/__admin/contracts/nobody", 404, None),
        ("GET", "/__admin/fidelity?provider=nobody", 404, None),
        ("POST", "/", 405, "GET, HEAD"),
        ("PATCH", "/__admin/journal", 405, "DELETE, GET, HEAD"),
        ("DELETE", "/__admin/health/live", 405, "GET, HEAD"),
    ],
)
def test_our_own_refusals_are_problem_details(
    client: TestClient, method: str, path: str, status: int, allow: str | None
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail"}
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert answer.headers.get("allow") == allow


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example:8080"},
        {"host": "192.0.2.1:8080"},
        {"host": ""},
        {"host": "["},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
        {"origin": "http://["},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
def test_the_admin_api_is_closed_to_pages_from_elsewhere(client: TestClient, headers: dict[str, str]) -> None:
    for method, path in (("GET", "/__admin/journal"), ("DELETE", "/__admin/journal"), ("GET", "/__admin/fidelity")):
        answer = client.request(method, path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert client.get("/__admin/health/live", headers=headers).status_code == 200, "a probe may call it anything"


@pytest.mark.parametrize(
    "pair", [("host", "evil.example"), ("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")]
)
def test_a_second_header_says_nothing_behind_the_first(client: TestClient, pair: tuple[str, str]) -> None:
    right = {"host": "127.0.0.1:8080", "origin": "http://127.0.0.1:8080", "sec-fetch-site": "same-origin"}
    answer = client.get("/__admin/journal", headers=[*right.items(), pair])
    assert answer.status_code == 403
    assert "once only" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost:8080"},
        {"host": "[::1]:8080"},
        {"host": "127.0.0.2"},
        {"origin": "http://127.0.0.1:8080"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    ],
    ids=str,
)
def test_the_admin_api_is_open_to_this_machine(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/__admin/journal", headers=headers).status_code == 200


def test_a_token_opens_the_admin_api_whatever_the_host(make_app: Callable[..., MockServer]) -> None:
    client = TestClient(make_app(admin_token="let-me-in"), base_url="http://lab.example:8080")
    refused = client.get("/__admin/journal")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    for wrong in ("let-me-in", "Bearer", "Bearer let-me-out", "Basic let-me-in", "Bearer é"):
        assert client.get("/__admin/journal", headers={b"authorization": wrong.encode()}).status_code == 401
    given = {"authorization": "bearer let-me-in"}
    assert client.get("/__admin/journal", headers=given).status_code == 200
    assert client.get("/__admin/journal", headers={**given, "origin": "http://evil.example"}).status_code == 403


def test_the_index_shows_no_secret_to_whoever_has_no_token(make_app: Callable[..., MockServer]) -> None:
    client = TestClient(make_app(admin_token="let-me-in"), base_url="http://lab.example:8080")
    right = {"Authorization": "Bearer let-me-in"}
    rotated = client.post("/__admin/credentials/apimo/rotate", json={}, headers=right).json()["credentials"]["token"]
    secrets = ["mock-gsl-secret", "mock-seeker-secret", rotated]
    without: tuple[dict[str, str], ...] = ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic let-me-in"})
    for accept in ("text/html", "application/json"):
        for headers in without:
            page = client.get("/", headers={"Accept": accept, **headers}).text
            assert not [secret for secret in secrets if secret in page]
            assert "mock-gsl-client" in page
        assert "mock-gsl-secret" in client.get("/", headers={"Accept": accept, **right}).text
