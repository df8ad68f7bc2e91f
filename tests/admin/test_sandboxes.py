"""Sandboxes through the admin API: making, finding, resetting, snapshots, clocks, faults, scenarios, leads, access."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from mockserver.admin.endpoints import ENDPOINTS
from mockserver.foundation.clock import real_time
from mockserver.foundation.mistakes import FORMS
from mockserver.foundation.moments import DURATION
from mockserver.foundation.settings import Settings
from mockserver.registry.sandboxes import SandboxRequest
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW, MakeClient
from tests.support.gsl import ALL_TIME, Gsl
from tests.support.in_process import TestClient

LEADS = "/apimo/agencies/101/leads"
MakeApp = Callable[..., MockServer]
A = "/__admin/sandboxes/a"
NOBODY = httpx2.Auth()
"""No credentials in the header; the client of the tests brings some."""


def ok(answer: httpx2.Response, status: int = 200) -> Any:
    """The body of an answer that must have that status."""
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def refused(answer: httpx2.Response, status: int) -> str:
    """The sentence of a refusal."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    detail: str = answer.json()["detail"]
    assert detail.endswith((".", "?"))
    return detail


@pytest.fixture
def pair(client: TestClient) -> TestClient:
    """A client of a server with a sandbox `a` beside the default one."""
    ok(client.post("/__admin/sandboxes", json={"id": "a"}), 201)
    return client


def credentials(client: TestClient, path: str = A) -> tuple[str, str]:
    """Apimo's of a sandbox."""
    apimo = ok(client.get(path))["credentials"]["apimo"]
    return apimo["provider"], apimo["token"]


def test_a_new_sandbox_tells_how_it_is_reached(client: TestClient) -> None:
    answer = client.post("/__admin/sandboxes", json={"id": "a", "seed": 5, "now": "2026-03-01T12:00:00+01:00"})
    made = ok(answer, 201)
    assert answer.headers["location"] == "http://127.0.0.1:8080/__admin/sandboxes/a"
    assert ok(client.get(answer.headers["location"])) == made
    assert made["urls"] == {
        "apimo": "http://127.0.0.1:8080/~a/apimo",
        "gsl": "http://127.0.0.1:8080/~a/gsl",
        "gsl_token_url": "http://127.0.0.1:8080/~a/gsl/oauth/token",
        "seeker": "http://127.0.0.1:8080/~a/seeker",
        "seeker_token_url": "http://127.0.0.1:8080/~a/seeker/oauth/token",
    }
    assert (made["now"], made["frozen"], made["seed"], made["world"]) == ("2026-03-01T11:00:00.000Z", True, 5, "small")
    auth = (made["credentials"]["apimo"]["provider"], made["credentials"]["apimo"]["token"])
    by_path = ok(client.get(f"{made['urls']['apimo']}/agencies/101/leads?limit=1", auth=auth))
    assert ok(client.get(f"{LEADS}?limit=1", auth=auth)) == by_path, "its credentials alone lead to it"
    gsl = {**made["credentials"]["gsl"], "grant_type": "client_credentials"}
    assert client.post(made["urls"]["gsl_token_url"], json=gsl, auth=NOBODY).status_code == 200
    assert client.get(f"/~a{LEADS}").status_code == 401, "those of the default one are worth nothing in it"


def test_the_default_sandbox_is_shown_without_an_address_of_its_own(client: TestClient) -> None:
    shown = ok(client.get("/__admin/sandboxes/default"))
    assert shown["urls"]["apimo"] == "http://127.0.0.1:8080/apimo"
    assert (shown["credentials"]["apimo"]["provider"], shown["credentials"]["apimo"]["token"]) == AUTH


def test_addresses_are_those_by_which_the_client_came(client: TestClient) -> None:
    made = ok(client.post("/__admin/sandboxes", headers={"host": "localhost:9"}), 201)
    assert made["urls"]["apimo"] == f"http://localhost:9/~{made['id']}/apimo"


def test_a_provider_with_a_port_of_its_own_is_told() -> None:
    app = build(Settings(world="small", now=NOW), own_ports=[8080, 8081], provider_ports={8081: "apimo"})
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    assert ok(client.get("/__admin/sandboxes/default"))["origins"] == {"apimo": "http://127.0.0.1:8081"}


def test_sandboxes_are_listed_and_dropped(pair: TestClient) -> None:
    ok(pair.post("/__admin/sandboxes", json={"id": "b"}), 201)
    listed = ok(pair.get("/__admin/sandboxes"))
    assert [line["id"] for line in listed["sandboxes"]] == ["default", "a", "b"]
    assert (listed["total"], listed["sandboxes"][1]["url"]) == (3, "http://127.0.0.1:8080/~a")
    ok(pair.delete(A), 204)
    for path in (A, f"{A}/clock", f"{A}/journal"):
        assert "There is no sandbox 'a'" in refused(pair.get(path), 404)
    assert "no sandbox 'a'" in refused(pair.delete(A), 404)
    assert "always there" in refused(pair.delete("/__admin/sandboxes/default"), 422)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"id": "a"}, 409, "There is a sandbox 'a' already"),
        ({"id": "default"}, 409, "There is a sandbox 'default' already"),
        ({"id": "a/b"}, 422, "/id: a name of letters, digits, dots, hyphens and underscores, at most 64, is needed"),
        ({"id": ""}, 422, "/id: a name of letters, digits, dots, hyphens and underscores, at most 64, is needed"),
        ({"world": "nowhere"}, 422, "There is no world 'nowhere'; there is busy, default"),
        ({"world": {"name": "mine", "agencies": []}}, 422, "/world/agencies: the least number of items is 1"),
        ({"seed": "1"}, 422, "/seed: a whole number is needed"),
        ({"now": "yesterday"}, 422, "/now: 'yesterday' is not an ISO 8601 moment"),
        ({"now": 5}, 422, "/now: an ISO 8601 moment such as"),
        ({"now": "0001-01-01T00:00:00Z"}, 422, "between the years 1970 and 9994"),
        ({"now": "9999-12-31T23:59:59Z"}, 422, "between the years 1970 and 9994"),
        ({"variants": {"apimo": {"quota": "endless"}}}, 422, "Variant apimo.quota cannot be 'endless'"),
        ({"variants": {"nobody": {}}}, 422, "There is no provider 'nobody'"),
        ({"scenario": "nothing"}, 422, "nothing"),
        ({"scenario": {"name": "x"}}, 422, "why"),
        ({"credentials": {"apimo": {"provider": AUTH[0], "token": "t" * 40}}}, 409, "lead to sandbox 'default'"),
        ({"credentials": {"gsl": {"client_id": "x"}}}, 422, "credentials.gsl: `client_id` and `client_secret`"),
        ({"colour": "red"}, 422, "/colour: is not known here; known are id, world, seed,"),
        ([], 422, "the body: an object is needed"),
    ],
    ids=str,
)
def test_a_sandbox_that_cannot_be_made_says_why(pair: TestClient, body: Any, status: int, said: str) -> None:
    assert said in refused(pair.post("/__admin/sandboxes", json=body), status)
    assert len(ok(pair.get("/__admin/sandboxes"))["sandboxes"]) == 2


def test_what_is_wrong_is_told_by_pointer(client: TestClient) -> None:
    body = {"seed": 1.5, "world": {"name": "w", "agencies": [{"id": 0}], "a/b": 1}, "variants": {"gsl": {"count": 1}}}
    errors = client.post("/__admin/sandboxes", json=body).json()["errors"]
    pointers = {error["pointer"] for error in errors}
    assert {"/seed", "/world/agencies/0/id", "/world/a~1b", "/variants/gsl/count"} <= pointers


def test_a_world_of_ones_own_is_given_by_content(client: TestClient) -> None:
    world = {"name": "mine", "size": {"enquiries": 3}, "agencies": [{"id": 7}]}
    made = ok(client.post("/__admin/sandboxes", json={"id": "w", "world": world}), 201)
    assert made["credentials"]["apimo"]["agencies"] == [7]
    assert ok(client.get("/__admin/sandboxes/w/leads"))["total"] == 3


def test_a_reset_takes_back_everything_and_only_there(pair: TestClient) -> None:
    before = ok(pair.get(f"{A}/leads"))
    for path in (A, "/__admin"):
        ok(pair.post(f"{path}/leads", json={"count": 2}), 201)
        ok(pair.put(f"{path}/clock", json={"advance": "P1D"}))
        ok(pair.post(f"{path}/faults", json={"kind": "status", "status": 503}), 201)
    assert pair.get(f"/~a{LEADS}", auth=credentials(pair)).status_code == 503
    ok(pair.post(f"{A}/reset"), 204)
    assert ok(pair.get(f"{A}/leads")) == before
    assert ok(pair.get(f"{A}/clock"))["now"] == "2026-01-01T00:00:00.000Z"
    assert ok(pair.get(f"{A}/faults")) == {"faults": []}
    assert ok(pair.get(f"{A}/journal")) == {"entries": [], "total": 0, "evicted": 0}
    assert ok(pair.get("/__admin/clock"))["now"] == "2026-01-02T00:00:00.000Z"
    assert len(ok(pair.get("/__admin/faults"))["faults"]) == 1


def test_a_snapshot_brings_back_what_there_was_but_not_the_journal(pair: TestClient) -> None:
    ok(pair.post(f"{A}/leads", json={"message": "before"}), 201)
    assert ok(pair.post(f"{A}/snapshot")) == {"snapshot": "s1"}
    assert ok(pair.post(f"{A}/snapshot", json={"name": "mine"})) == {"snapshot": "mine"}
    ok(pair.post(f"{A}/leads", json={"message": "after"}), 201)
    pair.get(f"/~a{LEADS}", auth=credentials(pair))
    ok(pair.post(f"{A}/restore", json={"snapshot": "s1"}), 204)
    assert ok(pair.get(f"{A}/leads/newest"))["message"] == "before"
    assert ok(pair.get(f"{A}/journal"))["total"] == 1
    assert ok(pair.get(A))["snapshots"] == ["s1", "mine"]
    assert "there is s1, mine" in refused(pair.post(f"{A}/restore", json={"snapshot": "s9"}), 404)
    assert "there is none yet" in refused(pair.post("/__admin/restore", json={"snapshot": "s1"}), 404)


def test_a_clock_is_set_advanced_frozen_and_resumed(pair: TestClient) -> None:
    clock = f"{A}/clock"
    assert ok(pair.get(clock)) == {"now": "2026-01-01T00:00:00.000Z", "frozen": True}
    assert ok(pair.put(clock, json={"advance": "P1DT1H"}))["now"] == "2026-01-02T01:00:00.000Z"
    assert ok(pair.put(clock, json={"advance": "-PT30M"}))["now"] == "2026-01-02T00:30:00.000Z"
    assert ok(pair.put(clock, json={"set": "2027-01-01T00:00:00Z"})) == {
        "now": "2027-01-01T00:00:00.000Z",
        "frozen": True,
    }
    assert ok(pair.put(clock, json={"frozen": False}))["frozen"] is False
    assert ok(pair.put(clock, json={"frozen": True}))["frozen"] is True
    assert ok(pair.get("/__admin/clock"))["now"] == "2026-01-01T00:00:00.000Z", "each has its own"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "exactly one of `set`, `advance` and `frozen`"),
        ({"frozen": True, "advance": "PT1H"}, "exactly one"),
        ({"set": None}, "exactly one"),
        ({"advance": "1h"}, "/advance: '1h' is not an ISO 8601 duration"),
        ({"advance": "P1M"}, "is not an ISO 8601 duration"),
        ({"advance": 3600}, "/advance: an ISO 8601 duration such as PT1H30M is needed"),
        ({"advance": "-P99999W"}, "The clock shows 2026-01-01T00:00:00.000Z; the moment must lie between"),
        ({"advance": "P416000W"}, "must lie between the years 1970 and 9994"),
        ({"set": "9999-12-31T23:59:59Z"}, "/set: the moment must lie between the years 1970 and 9994"),
        ({"frozen": "yes"}, "/frozen: true or false is needed"),
    ],
    ids=str,
)
def test_a_clock_that_cannot_be_set_so_says_why(client: TestClient, body: Any, said: str) -> None:
    assert said in refused(client.put("/__admin/clock", json=body), 422)
    assert ok(client.get("/__admin/clock"))["now"] == "2026-01-01T00:00:00.000Z"


def test_faults_are_placed_shown_and_taken_away(pair: TestClient) -> None:
    placed = ok(pair.post(f"{A}/faults", json={"kind": "status", "status": 503, "provider": "apimo", "times": 1}), 201)
    assert (placed["id"], placed["fired"], placed["exhausted"]) == ("f1", 0, False)
    auth = credentials(pair)
    assert [pair.get(f"/~a{LEADS}", auth=auth).status_code for _ in range(2)] == [503, 200]
    assert pair.get(LEADS).status_code == 200, "another sandbox"
    shown = ok(pair.get(f"{A}/faults/f1"))
    assert (shown["fired"], shown["exhausted"], shown["kind"]) == (1, True, "status")
    assert ok(pair.get(f"{A}/faults")) == {"faults": [shown]}
    struck = ok(pair.get(f"{A}/journal?fault=true"))["entries"]
    assert [(entry["status"], entry["fault"]["id"]) for entry in struck] == [(503, "f1")]
    ok(pair.delete(f"{A}/faults/f1"), 204)
    assert "There is no fault 'f1' in this sandbox; there is none" in refused(pair.delete(f"{A}/faults/f1"), 404)
    refused(pair.get(f"{A}/faults/f1"), 404)
    ok(pair.post(f"{A}/faults", json={"kind": "empty"}), 201)
    ok(pair.delete(f"{A}/faults"), 204)
    assert ok(pair.get(f"{A}/faults")) == {"faults": []}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "explode"}, "/kind: 'delay', 'drip', "),
        ({"kind": "dely"}, "is needed; did you mean `delay`?"),
        ({"kind": "delay", "delay": 5}, "/delay: is not known here; did you mean `delay_ms`?"),
        ({"kind": "status", "Status": 503}, "/Status: is not known here; did you mean `status`?"),
        ({"kind": "empty", "method": "G T"}, "/method: the name of a method, such as GET is needed"),
        ({"kind": "delay"}, "needs `delay_ms`"),
        ({"kind": "status", "status": 200}, "is not possible"),
        ({"kind": "empty", "provider": "nobody"}, "There is no provider 'nobody'"),
        ({"kind": "empty", "operation": "listLead"}, "did you mean listLeads?"),
    ],
    ids=str,
)
def test_a_fault_that_makes_no_sense_says_why(client: TestClient, body: Any, said: str) -> None:
    assert said in refused(client.post("/__admin/faults", json=body), 422)


def test_a_scenario_is_put_to_work_signalled_and_ended(pair: TestClient) -> None:
    document = {
        "name": "mine",
        "why": "to see it",
        "steps": [{"when": {"signal": "go"}, "do": [{"fault": {"kind": "status", "status": 503}}]}],
    }
    state = ok(pair.put(f"{A}/scenario", json=document))
    assert (state["name"], state["done"], state["step"], state["steps"]) == ("mine", False, 0, 1)
    assert "waits for the signal 'go'" in refused(pair.post(f"{A}/scenario/signal", json={"name": "stop"}), 409)
    assert ok(pair.post(f"{A}/scenario/signal", json={"name": "go"}))["done"] is True
    assert pair.get(f"/~a{LEADS}", auth=credentials(pair)).status_code == 503
    assert ok(pair.get(f"{A}/scenario"))["fired"][0]["step"] == 1
    ok(pair.delete(f"{A}/scenario"), 204)
    assert ok(pair.get(f"{A}/scenario"))["name"] is None


def test_a_sandbox_may_start_with_a_scenario(client: TestClient) -> None:
    ok(client.post("/__admin/sandboxes", json={"id": "s", "scenario": "quota-reached"}), 201)
    assert ok(client.get("/__admin/sandboxes/s/scenario"))["name"] == "quota-reached"


def test_every_bundled_scenario_is_listed_with_its_reason_and_can_be_started(client: TestClient) -> None:
    scenarios = ok(client.get("/__admin/scenarios"))["scenarios"]
    assert len(scenarios) >= 20
    for line in scenarios:
        assert line["why"]
        assert ok(client.put("/__admin/scenario", json={"name": line["name"]}))["steps"] == line["steps"]


def test_leads_arrive_change_come_again_and_go(pair: TestClient) -> None:
    (lead,) = ok(pair.post(f"{A}/leads", json={"category": "CLASSIFIED", "seeker": {"lastname": "Petit"}}), 201)[
        "leads"
    ]
    path = f"{A}/leads/{lead['id']}"
    assert (lead["seeker"]["lastname"], lead["category"]) == ("Petit", "CLASSIFIED")
    assert ok(pair.get(f"{A}/leads/{lead['ids']['gsl']}")) == lead == ok(pair.get(f"{A}/leads/newest"))
    changed = ok(pair.patch(path, json={"message": "Bonjour", "step": 2}))
    assert (changed["message"], changed["step"]) == ("Bonjour", 2)
    again = ok(pair.post(f"{path}/duplicate"), 201)
    assert (again["parent"], again["message"]) == (lead["id"], "Bonjour")
    (erased, *_) = ok(pair.post(f"{path}/erase"))["leads"]
    assert erased["erased"]
    assert ok(pair.get(path))["seeker"]["lastname"] != "Petit"
    ok(pair.delete(path), 204)
    assert "There is no lead" in refused(pair.get(path), 404)
    assert ok(pair.get("/__admin/leads/newest"))["id"] != again["id"], "another sandbox"


def test_leads_are_listed_in_pages(client: TestClient) -> None:
    everything = ok(client.get("/__admin/leads?agency=101&limit=1000&newest_first=false"))
    ids = [lead["id"] for lead in everything["leads"]]
    assert len(ids) == everything["total"]
    page = ok(client.get("/__admin/leads?agency=101&limit=2&offset=1"))
    assert [lead["id"] for lead in page["leads"]] == [ids[-2], ids[-3]]
    assert "no agency 9" in refused(client.get("/__admin/leads?agency=9"), 422)


def test_a_seeker_is_erased_everywhere(pair: TestClient) -> None:
    lead = ok(pair.get(f"{A}/leads/newest"))
    changed = ok(pair.post(f"{A}/seekers/{lead['seeker']['id']}/erase"))["leads"]
    assert lead["id"] in [one["id"] for one in changed]
    assert ok(pair.get(f"{A}/leads/{lead['id']}"))["erased"]
    for unknown in ("1", "x", "9" * 30, "-1"):
        refused(pair.post(f"{A}/seekers/{unknown}/erase"), 404)


def test_access_to_an_agency_is_cut_and_granted(pair: TestClient) -> None:
    auth, leads = credentials(pair), f"/~a{LEADS}"
    ok(pair.post(f"{A}/agencies/101/revoke"), 204)
    assert pair.get(leads, auth=auth).status_code == 403
    ok(pair.post(f"{A}/agencies/101/grant", json={"provider": "apimo"}), 204)
    assert pair.get(leads, auth=auth).status_code == 200
    assert "There is no agency '9'" in refused(pair.post(f"{A}/agencies/9/revoke"), 404)
    assert "There is no provider 'x'" in refused(pair.post(f"{A}/agencies/101/revoke", json={"provider": "x"}), 422)
    assert "There is no user 'x'" in refused(pair.post(f"{A}/agencies/101/revoke", json={"user": "x"}), 422)


def test_credentials_are_rotated_and_revoked(pair: TestClient) -> None:
    old, leads = credentials(pair), f"/~a{LEADS}"
    told = ok(pair.post(f"{A}/credentials/apimo/rotate"))
    new = (told["credentials"]["provider"], told["credentials"]["token"])
    assert new == credentials(pair)
    assert [pair.get(leads, auth=auth).status_code for auth in (old, new)] == [401, 200]
    chosen = ok(pair.post(f"{A}/credentials/apimo/rotate", json={"secret": "s" * 40}))
    assert chosen["credentials"]["token"] == "s" * 40
    assert "s" * 40 not in pair.get(f"{A}/journal").text
    ok(pair.post(f"{A}/credentials/apimo/revoke"), 204)
    assert pair.get(leads, auth=(new[0], "s" * 40)).status_code == 401
    assert "apimo" not in ok(pair.get(A))["credentials"]
    assert "There is no provider 'x'" in refused(pair.post(f"{A}/credentials/x/rotate"), 404)


def test_tokens_are_revoked_and_new_ones_are_good(pair: TestClient) -> None:
    gsl = {**ok(pair.get(A))["credentials"]["gsl"], "grant_type": "client_credentials"}
    search = {"SearchCriteria": {"StartDate": 0, "EndDate": 1_800_000_000}}

    def token() -> dict[str, str]:
        return {
            "authorization": f"Bearer {ok(pair.post('/~a/gsl/oauth/token', json=gsl, auth=NOBODY))['access_token']}"
        }

    def status(headers: dict[str, str]) -> int:
        return pair.post("/~a/gsl/v2/leads", json=search, headers=headers, auth=NOBODY).status_code

    first = token()
    assert status(first) == 200
    ok(pair.post(f"{A}/tokens/gsl/revoke"), 204)
    assert status(first) == 401
    assert status(token()) == 200
    assert "has no tokens to revoke" in refused(pair.post(f"{A}/tokens/apimo/revoke"), 422)


def test_one_token_is_revoked_and_no_other(pair: TestClient) -> None:
    gsl = {**ok(pair.get(A))["credentials"]["gsl"], "grant_type": "client_credentials"}
    first, second = (ok(pair.post("/~a/gsl/oauth/token", json=gsl, auth=NOBODY))["access_token"] for _ in range(2))

    def status(token: str) -> int:
        headers = {"authorization": f"Bearer {token}"}
        search = {"SearchCriteria": {"StartDate": 0, "EndDate": 1_800_000_000}}
        return pair.post("/~a/gsl/v2/leads", json=search, headers=headers, auth=NOBODY).status_code

    ok(pair.post(f"{A}/tokens/gsl/revoke", json={"token": first}), 204)
    assert (status(first), status(second)) == (401, 200)
    assert "has no tokens to revoke" in refused(pair.post(f"{A}/tokens/apimo/revoke", json={"token": first}), 422)
    both = {"token": second, "user": gsl["client_id"]}
    assert "cannot both be given" in refused(pair.post(f"{A}/tokens/gsl/revoke", json=both), 422)
    assert status(second) == 200


def test_cursors_go_stale(make_client: MakeClient) -> None:
    gsl = Gsl(make_client())
    cursor = gsl.search(Limit=1)["Data"]["LastItemKey"]
    assert gsl.search(Limit=1, LastItemKey=cursor)["Data"]["Items"]
    ok(gsl.client.post("/__admin/cursors/expire"), 204)
    body = {"SearchCriteria": ALL_TIME, "Pagination": {"Limit": 1, "LastItemKey": cursor}}
    stale = gsl.client.post("/gsl/v2/leads", json=body)
    assert (stale.status_code, "`LastItemKey`" in stale.text) == (400, True)
    anew = gsl.search(Limit=1)["Data"]["LastItemKey"]
    assert gsl.search(Limit=1, LastItemKey=anew)["Data"]["Items"]


@pytest.mark.parametrize(
    ("method", "path", "content", "headers", "status", "said"),
    [
        ("POST", "/verify", b"{", {"content-type": "application/json"}, 400, "The body is not JSON"),
        ("POST", "/verify", b"NaN", {"content-type": "application/json"}, 400, "The body is not JSON"),
        ("POST", "/verify", b'{"a": "\xff"}', {"content-type": "application/json"}, 400, "The body is not JSON"),
        ("POST", "/verify", b"{}", {}, 415, "Content-Type is missing; send application/json"),
        ("POST", "/verify", b"{}", {"content-type": "text/plain"}, 415, "send application/json"),
        ("POST", "/reset", b'{"clock": true}', {"content-type": "application/json"}, 400, "This call reads no body"),
        ("GET", "/clock?sandbox=a", b"", {}, 400, "/sandbox: no query parameter is known here"),
        ("GET", "/journal?limit=1&limit=2", b"", {}, 400, "/limit: query parameter is given twice"),
        ("GET", "/journal?limit=1_0", b"", {}, 400, "/limit: a whole number is needed"),
        ("GET", "/journal?fault=1", b"", {}, 400, "/fault: `true` or `false` is needed"),
        ("GET", "/journal?x=1", b"", {}, 400, "Known query parameters are provider, operation"),
    ],
    ids=str,
)
def test_a_request_that_cannot_be_read_says_what_is_wrong(
    client: TestClient, method: str, path: str, content: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    answer = client.request(method, f"/__admin{path}", content=content, headers=headers)
    assert said in refused(answer, status)


@pytest.mark.parametrize("now", ["1970-01-01T00:00:00Z", "9994-12-29T00:00:00Z"])
def test_a_sandbox_lives_at_either_end_of_time(client: TestClient, now: str) -> None:
    made = ok(client.post("/__admin/sandboxes", json={"id": "end", "now": now}), 201)
    there = "/__admin/sandboxes/end"
    ok(client.put(f"{there}/clock", json={"frozen": False}))
    auth = (made["credentials"]["apimo"]["provider"], made["credentials"]["apimo"]["token"])
    ok(client.post(f"{there}/faults", json={"kind": "status", "status": 503, "lasts": "P999999W", "times": 1}), 201)
    assert [client.get(f"/~end{LEADS}", auth=auth).status_code for _ in range(2)] == [503, 200]
    for path in ("", "/clock", "/faults", "/leads", "/journal", "/journal.har"):
        ok(client.get(there + path))


def test_a_call_for_no_sandbox_moves_no_scenario(client: TestClient) -> None:
    steps = [{"when": {"calls": 1, "provider": "apimo"}, "do": [{"arrive": {}}]}]
    ok(client.put("/__admin/scenario", json={"name": "mine", "why": "to see", "steps": steps}))
    for address, headers in ((f"/~gone{LEADS}", {}), (LEADS, {"x-mockserver-sandbox": "gone"})):
        assert client.get(address, headers=headers).status_code == 404
    assert ok(client.get("/__admin/scenario"))["step"] == 0
    assert client.get(LEADS).status_code == 200
    assert ok(client.get("/__admin/scenario"))["step"] == 1


@pytest.mark.parametrize("path", ["sandboxes", "metrics"])
def test_who_looks_finds_no_idle_sandboxes(make_app: MakeApp, path: str) -> None:
    app = make_app(sandbox_idle=100)
    app.sandboxes.create(SandboxRequest(id="idle")).note_use(real_time() - 101)
    app.sandboxes._swept_at -= 100
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    assert "idle" not in client.get(f"/__admin/{path}").text
    assert app.sandboxes.ids() == ["default"]


def test_idle_sandboxes_and_the_limit_are_those_of_the_settings(make_client: MakeClient) -> None:
    client = make_client(sandbox_limit=1)
    ok(client.post("/__admin/sandboxes"), 201)
    assert "There are 1 sandboxes beside the default one" in refused(client.post("/__admin/sandboxes"), 409)
    assert ok(client.get("/__admin/sandboxes"))["limit"] == 1


def test_a_fault_of_ours_is_a_problem_without_a_traceback(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*anything: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("mockserver.admin.journal.cover", broken)
    answer = client.get("/__admin/coverage")
    assert refused(answer, 500) == "The mock server failed; its log says why."
    assert "secret inside" not in answer.text


def test_pins_that_break_a_rule_are_told_when_a_sandbox_is_made_and_kept(client: TestClient) -> None:
    pin = {"kind": "estate", "agency": 101, "position": 0, "why": "as ours", "set": {"price": 418_137}}
    world = {"name": "mine", "size": {"agents": 1, "estates": 2, "enquiries": 3}, "agencies": [{"id": 101}]}
    made = ok(client.post("/__admin/sandboxes", json={"id": "a", "world": {**world, "pins": [pin]}}), 201)
    assert made["warnings"] == [
        "listing-price: Prices and rents are round. Not so: estate 5120001 (418137 €).",
    ]
    shown = client.get("/~a/apimo/agencies/101/properties", auth=credentials(client)).json()["properties"]
    assert [home["price"]["value"] for home in shown if home["id"] == 5_120_001] == [418_137]
    assert ok(client.get(A))["warnings"] == made["warnings"]
    assert ok(client.post("/__admin/sandboxes", json={"id": "b", "world": world}), 201)["warnings"] == []


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("clock", {"advanc": "PT1H"}, "/advanc: is not known here; did you mean `advance`?"),
        ("clock", {"hour": 1}, "/hour: is not known here; known are set, advance, frozen"),
        (
            "sandboxes",
            {"idd": "a", "wrld": "b"},
            "/idd: is not known here; did you mean `id`?; /wrld: is not known here; did",
        ),
        ("verify", {"cuont": 1}, "/cuont: is not known here; did you mean `count`?"),
        ("leads", {"categry": "AGENCY"}, "/categry: is not known here; did you mean `category`?"),
        ("leads", {"seeker": {"lastnam": "A"}}, "/seeker/lastnam: is not known here; did you mean `lastname`?"),
        ("leads", {"seeker": {"email": "nobody"}}, "/seeker/email: an e-mail address is needed"),
        ("leads", {"category": "agency"}, "is needed; did you mean `AGENCY`?"),
        ("leads", {"seeker": 5}, "/seeker: an object is needed"),
        ("webhooks/delivery-faults", {"kind": "dupplicate"}, "is needed; did you mean `duplicate`?"),
        (
            "faults",
            {"kind": "patch", "changes": [{"pointer": "/a", "renam": "b"}]},
            "/changes/0/renam: is not known here; did you mean `rename`?",
        ),
    ],
    ids=str,
)
def test_a_refusal_says_what_would_be_right(client: TestClient, path: str, body: Any, said: str) -> None:
    assert said in refused(client.request("PUT" if path == "clock" else "POST", f"/__admin/{path}", json=body), 422)


def test_forms_of_texts_are_told_in_words() -> None:
    missing = {
        pattern for endpoint in ENDPOINTS if endpoint.body for pattern in patterns(endpoint.body.model_json_schema())
    }
    assert missing - set(FORMS) == {DURATION}, "that is read by a function with words of its own"


def patterns(schema: Any) -> Iterator[str]:
    """The patterns at all depths of a schema."""
    if isinstance(schema, dict):
        if isinstance(pattern := schema.get("pattern"), str):
            yield pattern
        schema = list(schema.values())
    for part in schema if isinstance(schema, list) else ():
        yield from patterns(part)
