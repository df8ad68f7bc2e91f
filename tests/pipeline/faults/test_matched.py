"""Faults at work in the pipeline, in process: each kind at each provider, and what the journal says of it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from threading import Event, Thread
from time import perf_counter
from typing import Any

import httpx2
import orjson
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mockserver.domain import Kind
from mockserver.foundation.problems import unavailable
from mockserver.foundation.settings import Settings
from mockserver.sandbox.faults import Fault
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import SandboxGone
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW
from tests.support.gsl import ALL_TIME, CREDENTIALS, SCOPE, Gsl
from tests.support.in_process import TestClient
from tests.support.patience import PATIENCE


@dataclass
class Side:
    """A provider as a test meets it: a list that it answers, and where the items are in it."""

    name: str
    app: MockServer
    client: TestClient
    method: str
    path: str
    operation: str
    items: Callable[[Any], Any]
    json: Any = None

    def fault(self, kind: str, **members: Any) -> str:
        """Puts a fault in place of all that are there; its id."""
        self.app.sandbox.faults.clear()
        return self.app.sandbox.faults.add(Fault.model_validate({"kind": kind, "provider": self.name, **members})).id

    def call(self, path: str | None = None, **given: Any) -> httpx2.Response:
        """The list, or what is at another path."""
        if path is None:
            path, given = self.path, {"json": self.json, **given} if self.json else given
            return self.client.request(self.method, path, follow_redirects=False, **given)
        return self.client.get(path, follow_redirects=False, **given)

    def entry(self) -> Entry:
        """The newest call in the journal."""
        return list(self.app.sandbox.journal.entries())[-1]

    def fits(self, answer: httpx2.Response, operation: str | None = None) -> bool:
        """Whether the contract has this answer for the operation."""
        spec = self.app.providers[self.name].contract.operations[operation or self.operation].replies
        try:
            body = orjson.loads(answer.content)
        except ValueError:
            return False
        media_type = answer.headers.get("content-type", "")
        return answer.status_code in spec and spec[answer.status_code].check(media_type, body) == []


def make_apimo() -> Side:
    """Apimo, its list of leads."""
    app = build(Settings(world="small", now=NOW))
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    client.auth = AUTH
    path = "/apimo/agencies/101/leads"
    return Side("apimo", app, client, "GET", path, "listLeads", lambda body: body["leads"])


def make_gsl() -> Side:
    """GSL, its search."""
    app = build(Settings(world="small", now=NOW))
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    Gsl(client)
    items: Callable[[Any], Any] = lambda body: body["Data"]["Items"]  # noqa: E731 - a row of a table
    return Side("gsl", app, client, "POST", "/gsl/v2/leads", "searchLeads", items, {"SearchCriteria": ALL_TIME})


SIDES: dict[str, Callable[[], Side]] = {"apimo": make_apimo, "gsl": make_gsl}


@cache
def kept(name: str) -> Side:
    """One application for all tests of a provider."""
    return SIDES[name]()


def fresh(name: str) -> Side:
    """The same as if it had just been started."""
    kept(name).app.sandbox.reset()
    return kept(name)


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[Side]:
    """Each provider in turn. Nothing that a fault does is worth a line in the log."""
    caplog.set_level(logging.INFO)
    made = fresh(request.param)
    caplog.clear()
    yield made
    assert [record for record in caplog.records if not record.name.startswith("httpx")] == []


# ------------------------------------------------------------------------------------------------- statuses
DOCUMENTED = (400, 401, 403, 404, 429, 500, 503)


@pytest.mark.parametrize("status", [*DOCUMENTED, 402, 405, 418, 451, 499, 502, 504, 599])
def test_a_status_has_the_providers_own_body(side: Side, status: int) -> None:
    side.fault("status", status=status)
    answer = side.call()
    assert answer.status_code == status
    body = answer.json()
    assert (body["status"], bool(body["title"])) == (status, True)
    assert side.entry().status == status
    assert side.entry().reply == answer.text
    assert side.entry().fault == {"id": "f1", "kind": "status", "in_contract": status in DOCUMENTED}
    assert side.fits(answer) == (status in DOCUMENTED)
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_a_401_challenges_as_the_providers_authentication_does(side: Side) -> None:
    side.fault("status", status=401)
    assert side.call().headers["www-authenticate"] == side.app.providers[side.name].auth.challenge


def test_retry_after_is_seconds_or_a_date_of_the_sandboxs_clock(side: Side) -> None:
    side.fault("status", status=429, retry_after=90)
    assert side.call().headers["retry-after"] == "90"
    side.fault("status", status=503, retry_after=90, retry_after_form="date")
    assert side.call().headers["retry-after"] == "Thu, 01 Jan 2026 00:01:30 GMT"
    side.app.sandbox.clock.advance(30)
    assert side.call().headers["retry-after"] == "Thu, 01 Jan 2026 00:02:00 GMT"


def test_headers_and_body_can_be_given(side: Side) -> None:
    headers = {"Content-Type": "application/json", "X-Quota": "0"}
    side.fault("status", status=429, headers=headers, body={"message": "slow down"}, retry_after=1)
    answer = side.call()
    assert answer.json() == {"message": "slow down"}
    assert (answer.headers["content-type"], answer.headers["x-quota"]) == ("application/json", "0")
    assert answer.headers["retry-after"] == "1"
    side.fault("status", status=500, body="Oops ☠", headers={"content-type": "text/plain; charset=utf-8"})
    assert side.call().text == "Oops ☠"
    assert side.entry().fault == {"id": "f2", "kind": "status", "in_contract": False}
    side.fault("status", status=500, body="")
    assert side.call().content == b""


def test_nothing_is_done_when_a_status_comes_instead() -> None:
    side = fresh("apimo")
    before = side.app.sandbox.store.revision
    for kind, members in (("status", {"status": 503}), ("redirect", {}), ("content_type", {})):
        side.fault(kind, **members)
        side.client.post(side.path, json={"reference": "R1"}, follow_redirects=False)
        assert side.app.sandbox.store.revision == before
    side.fault("empty")
    assert side.client.post(side.path, json={"reference": "R1"}).content == b""
    assert side.app.sandbox.store.revision > before


# ------------------------------------------------------------------------------------------ changed answers
def test_an_empty_body_keeps_status_and_headers(side: Side) -> None:
    before = side.call()
    side.fault("empty")
    answer = side.call()
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "0"
    assert answer.headers["content-type"] == before.headers["content-type"]
    assert (side.entry().reply, side.entry().reply_bytes) == ("", 0)


@pytest.mark.parametrize(("keep", "expected"), [(None, 0.5), (0, 0), (10, 10), (1, 1)])
def test_a_truncated_body_has_the_right_length_or_a_wrong_one(side: Side, keep: int | None, expected: float) -> None:
    whole = side.call().content
    size = int(len(whole) * expected) if expected == 0.5 else int(expected)
    for length, announced in (("right", size), ("wrong", len(whole))):
        side.fault("truncate", keep_bytes=keep, length=length)
        answer = side.call()
        assert answer.content == whole[:size]
        assert answer.headers["content-length"] == str(announced)
        assert side.entry().reply_bytes == size
        assert side.entry().fault == {
            "id": side.app.sandbox.faults.list()[0].id,
            "kind": "truncate",
            "in_contract": False,
        }


def test_what_is_not_cut_is_not_truncated(side: Side) -> None:
    whole = side.call().content
    side.fault("truncate", keep_bytes=1_000_000, length="wrong")
    assert side.call().content == whole
    fault = side.entry().fault
    assert fault
    assert fault["in_contract"]


def test_malformed_json_says_that_it_is_json(side: Side) -> None:
    side.fault("malformed")
    answer = side.call()
    with pytest.raises(ValueError, match=r"Expecting|delimiter"):
        answer.json()
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["content-length"] == str(len(answer.content))


def test_a_page_of_a_proxy(side: Side) -> None:
    side.fault("content_type")
    answer = side.call()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!DOCTYPE html>")
    side.fault("content_type", status=502, body="<h1>Bad gateway</h1>", headers={"Server-Timing": "x"})
    answer = side.call()
    assert (answer.status_code, answer.text) == (502, "<h1>Bad gateway</h1>")
    assert answer.headers["server-timing"] == "x"


def test_one_item_comes_twice_and_the_contract_allows_it(side: Side) -> None:
    whole = side.items(side.call().json())
    side.fault("duplicate_items")
    answer = side.call()
    items = side.items(answer.json())
    assert items[:-1] == whole
    assert items[-1] in whole
    assert side.fits(answer)


def test_another_order_is_the_same_in_every_run(side: Side) -> None:
    whole = side.items(side.call().json())
    orders = []
    for _ in range(2):
        side.app.sandbox.faults.reset()
        side.fault("reorder_items", seed=4)
        answer = side.call()
        assert side.fits(answer)
        orders.append(side.items(answer.json()))
    assert orders[0] == orders[1] != whole
    assert sorted(orders[0], key=str) == sorted(whole, key=str)
    assert side.items(side.call().json()) != orders[0]


def test_additional_members_are_in_contract(side: Side) -> None:
    side.fault("extra_members")
    answer = side.call()
    assert all("mockExtraFault" in item for item in side.items(answer.json()))
    assert "mockExtraFault" in answer.json()
    assert side.fits(answer)
    fault = side.entry().fault
    assert fault
    assert fault["in_contract"]


def test_values_of_enumerations_are_unknown_and_nothing_else_is_another(side: Side) -> None:
    before = orjson.dumps(side.call().json())
    side.fault("unknown_values")
    answer = side.call()
    text = orjson.dumps(answer.json())
    new = text.count(b'"MOCK_NEW_VALUE"') + text.count(b'"987654"')
    assert new >= 2 * len(side.items(answer.json()))
    assert before != text
    assert side.entry().fault == {"id": "f1", "kind": "unknown_values", "in_contract": side.fits(answer)}
    assert "values that no document names in " in side.entry().notes[-1]


def test_only_a_success_has_unknown_values() -> None:
    side = fresh("gsl")
    side.fault("unknown_values")
    answer = side.call("/gsl/v2/leads/none")
    assert (answer.status_code, side.fits(answer, "getLeadById")) == (404, True)
    assert "only what the contract has of a success" in side.entry().notes[-1]


def test_a_wrong_type_is_out_of_contract_and_the_journal_says_where(side: Side) -> None:
    whole = side.call().json()
    side.fault("wrong_type")
    answer = side.call()
    assert answer.json() != whole
    assert not side.fits(answer)
    assert side.entry().notes[-1].endswith("has a wrong type; out of contract")
    assert not side.entry().violations, "violations are the client's"


def test_the_wrong_type_is_where_the_pointer_says() -> None:
    side = fresh("apimo")
    side.fault("wrong_type", pointer="/leads/1/id")
    assert side.call().json()["leads"][1]["id"] == {"mock": True}
    side.fault("wrong_type", pointer="/leads/1/nothing")
    assert side.fits(side.call())
    assert "there is no /leads/1/nothing" in side.entry().notes[-1]


def test_a_stale_list_is_the_one_from_before_anything_changed() -> None:
    side = fresh("apimo")
    before = side.call().content
    made = side.client.post(side.path, json={"reference": "R1"}).json()["id"]
    after = side.call()
    assert made in [lead["id"] for lead in after.json()["leads"]]
    side.fault("stale", times=1)
    assert side.call().content == before
    assert side.call().content == after.content
    side.fault("stale")
    other = side.client.post(side.path, json={"reference": "R2"})
    assert other.status_code == 200
    assert other.json()["id"] != made, "it was written to what there is now"
    assert "only what is read can be stale" in side.entry().notes[-1]
    side.app.sandbox.faults.clear()
    assert other.json()["id"] in [lead["id"] for lead in side.call().json()["leads"]]


def test_a_stale_search_does_not_know_what_was_removed_since() -> None:
    side = fresh("gsl")
    before = side.items(side.call().json())
    store = side.app.sandbox.store
    for agency in (101, 102):
        for id in list(store.ids(Kind.ENQUIRY, agency)):
            store.remove(Kind.ENQUIRY, id)
    assert side.items(side.call().json()) == []
    side.fault("stale")
    assert side.items(side.call().json()) == before


def test_a_redirect_leads_to_the_same_address_by_another_name(side: Side) -> None:
    side.fault("redirect")
    answer = side.call()
    assert answer.status_code == 307
    assert answer.headers["location"] == f"http://localhost:8080{side.path}"
    side.fault("redirect", status=301, location="https://example.org/x")
    answer = side.call()
    assert (answer.status_code, answer.headers["location"]) == (301, "https://example.org/x")
    assert side.entry().fault == {"id": "f2", "kind": "redirect", "in_contract": False}


def test_a_redirect_keeps_sandbox_query_and_encoding() -> None:
    side = fresh("apimo")
    side.fault("redirect")
    answer = side.call("/~default/apimo/catalogs/a%2Fb?culture=fr%20FR")
    assert answer.headers["location"] == "http://localhost:8080/~default/apimo/catalogs/a%2Fb?culture=fr%20FR"


# -------------------------------------------------------------------------------------------- time and ends
def test_a_drip_is_whole_in_the_end(side: Side) -> None:
    whole = side.call().content
    side.fault("drip", piece_bytes=len(whole) // 3, delay_ms=1)
    answer = side.call()
    assert answer.content == whole
    assert side.fits(answer)


@pytest.mark.parametrize(
    ("kind", "members"),
    [("delay", {"delay_ms": 60}), ("status", {"status": 504, "delay_ms": 60}), ("drip", {"delay_ms": 30})],
)
def test_a_response_is_held_for_as_long_as_it_was_asked_for(side: Side, kind: str, members: dict[str, Any]) -> None:
    pieces = {"piece_bytes": len(side.call().content) // 3 + 1} if kind == "drip" else {}
    side.fault(kind, **members, **pieces)
    started = perf_counter()
    assert side.call().status_code == members.get("status", 200)
    assert perf_counter() - started >= 0.06


@pytest.mark.parametrize(("kind", "members"), [("delay", {"delay_ms": 3_600_000}), ("reset", {"at": "after"})])
def test_where_the_store_is_out_of_reach_no_fault_touches_the_refusal(
    kind: str, members: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    side = fresh("apimo")
    side.fault(kind, **members)

    @contextmanager
    def transaction() -> Iterator[None]:
        yield
        raise unavailable("The store cannot be reached.")

    monkeypatch.setattr(side.app.sandbox, "transaction", transaction)
    answer = side.call()
    assert (answer.status_code, answer.json()["detail"]) == (503, "The store cannot be reached.")
    assert answer.headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"


def held(side: Side, release: Callable[[], object], *, briefly: bool = False) -> httpx2.Response:
    """An answer that a fault would hold for an hour, if nothing were done to release it once it is in the journal."""
    answers: list[httpx2.Response] = []
    calls = side.app.sandbox.journal.total
    thread = Thread(target=lambda: answers.append(side.call()))
    recorded = Event()
    side.app.sandbox.journal.listeners.add(lambda entry: recorded.set())
    with side.client:
        thread.start()
        assert recorded.wait(PATIENCE)
        assert side.app.sandbox.journal.total == calls + 1, "the work is done and journalled before the answer is held"
        assert briefly or thread.is_alive(), "nothing is held"
        release()
        thread.join(PATIENCE)
        released = not thread.is_alive()
        side.app.sandbox.faults.clear()
    assert released, "the call still hangs"
    return answers[0]


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("delay", {"delay_ms": 3_600_000}),
        ("status", {"status": 504, "delay_ms": 3_600_000}),
        ("drip", {"delay_ms": 3_600_000, "piece_bytes": 20_000}),
    ],
)
def test_a_held_answer_comes_when_the_clock_has_moved_on(side: Side, kind: str, members: dict[str, Any]) -> None:
    side.fault(kind, **members)
    answer = held(side, lambda: side.app.sandbox.clock.advance(20 * 3_600))
    assert answer.status_code == members.get("status", 200)


def test_a_held_answer_comes_when_its_fault_is_taken_away(side: Side) -> None:
    id = side.fault("delay", delay_ms=3_600_000)
    assert held(side, lambda: side.app.sandbox.faults.remove(id)).status_code == 200


def test_a_held_answer_comes_when_the_sandbox_is_reset(side: Side) -> None:
    side.fault("delay", delay_ms=3_600_000)
    assert held(side, side.app.sandbox.reset).status_code == 200


def test_a_clock_that_moves_too_little_or_back_or_stands_still_holds_no_longer_than_real_time(side: Side) -> None:
    side.fault("delay", delay_ms=40)
    before = set(side.app.sandbox.clock.listeners)

    def fiddle() -> None:
        for seconds in (0.001, -3_600, 0.001):
            side.app.sandbox.clock.advance(seconds)

    assert held(side, fiddle, briefly=True).status_code == 200
    assert side.app.sandbox.clock.listeners == before
    assert not side.app.sandbox.faults.listeners


def test_a_clock_that_another_process_moves_is_looked_at_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    side = fresh("apimo")
    clock = side.app.sandbox.clock
    side.fault("delay", delay_ms=3_600_000)
    monkeypatch.setattr(side.app.sandbox, "is_shared", True)

    def elsewhere() -> None:
        clock.listeners.clear()  # nobody here is told
        clock.advance(3_600)

    assert held(side, elsewhere).status_code == 200


def test_a_sandbox_that_another_process_deleted_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    side = fresh("apimo")
    gone: list[bool] = []

    def transaction() -> AbstractContextManager[None]:
        if gone:
            raise SandboxGone
        return nullcontext()

    side.fault("delay", delay_ms=3_600_000)
    monkeypatch.setattr(side.app.sandbox, "is_shared", True)
    monkeypatch.setattr(side.app.sandbox, "transaction", transaction)
    assert held(side, lambda: gone.append(True)).status_code == 200


@pytest.mark.parametrize("at", ["before", "middle", "after"])
def test_in_process_a_reset_is_an_error_of_the_connection(side: Side, at: str) -> None:
    side.fault("reset", at=at)
    with pytest.raises(ConnectionResetError):
        side.call()
    entry = side.entry()
    assert entry.status == (200 if at == "middle" else 0)
    assert bool(entry.reply_bytes) == (at == "middle")
    assert entry.fault == {"id": "f1", "kind": "reset", "in_contract": False}
    side.app.sandbox.faults.clear()
    assert side.call().status_code == 200


@pytest.mark.parametrize(("at", "stored"), [("before", False), ("middle", True), ("after", True)])
def test_only_before_is_nothing_done(at: str, stored: bool) -> None:
    side = fresh("apimo")
    side.fault("reset", at=at, method="POST")
    with pytest.raises(ConnectionResetError):
        side.client.post(side.path, json={"reference": "R1"})
    assert ("R1" in [lead["reference"] for lead in side.call().json()["leads"]]) is stored


# --------------------------------------------------------------------------------------- which calls are met
def test_calls_that_are_not_routed_or_not_let_in_meet_no_fault(side: Side) -> None:
    side.fault("status", status=503)
    assert side.call(f"/{side.name}/nothing/here").status_code == 404
    assert side.client.request("DELETE", side.path).status_code == 405
    assert side.client.options(side.path).status_code == 204
    assert side.call(auth=httpx2.BasicAuth("4321", "wrong")).status_code == 401
    assert [placed.seen for placed in side.app.sandbox.faults.list()] == [0]
    assert side.entry().fault is None
    assert side.call().status_code == 503


def test_a_fault_comes_before_the_request_is_read() -> None:
    side = fresh("apimo")
    side.fault("status", status=503)
    assert side.call("/apimo/agencies/101/leads?limit=none").status_code == 503
    assert side.entry().violations == []
    side.fault("extra_members")
    assert side.call("/apimo/agencies/101/leads?limit=none").status_code == 422
    assert side.entry().violations != []


def test_one_provider_operation_path_and_method_is_met_and_the_others_are_not() -> None:
    side = fresh("apimo")
    side.fault("status", status=500, operation="listLeads", path="/agencies/102/*", method="GET")
    leads = [side.call(f"/apimo/agencies/{agency}/leads").status_code for agency in (101, 102)]
    assert leads == [200, 500]
    assert side.call("/apimo/agencies/102/users").status_code == 200
    assert side.client.head("/apimo/agencies/102/leads").status_code == 200


def test_after_and_times_count_the_calls_that_fit() -> None:
    side = fresh("apimo")
    side.fault("status", status=500, operation="listLeads", after=1, times=2)
    assert [side.call().status_code for _ in range(5)] == [200, 500, 500, 200, 200]
    assert side.app.sandbox.faults.list()[0].exhausted


def test_a_lifetime_is_one_on_the_sandboxs_clock(side: Side) -> None:
    side.fault("status", status=503, lasts="PT1M")
    assert side.call().status_code == 503
    side.app.sandbox.clock.advance(61)
    assert side.call().status_code == 200


def test_faults_are_part_of_a_snapshot() -> None:
    side = fresh("apimo")
    side.fault("status", status=503, times=2)
    side.call()
    dump = side.app.sandbox.dump()
    assert [side.call().status_code for _ in range(2)] == [503, 200]
    side.app.sandbox.restore(orjson.loads(orjson.dumps(dump)))
    assert [side.call().status_code for _ in range(2)] == [503, 200]
    side.app.sandbox.reset()
    assert side.app.sandbox.faults.list() == []


TOKEN_FAULTS: list[tuple[str, dict[str, Any], int, str | None]] = [
    ("status", {"status": 400}, 400, "invalid_request"),
    ("status", {"status": 401}, 401, "invalid_client"),
    ("status", {"status": 403}, 403, "invalid_scope"),
    ("status", {"status": 429, "retry_after": 5}, 429, "temporarily_unavailable"),
    ("status", {"status": 500}, 500, "server_error"),
    ("status", {"status": 503}, 503, "temporarily_unavailable"),
    ("status", {"status": 504}, 504, "server_error"),
    ("content_type", {"status": 502}, 502, None),
    ("empty", {}, 200, None),
    ("malformed", {}, 200, None),
]


@pytest.mark.parametrize(("kind", "members", "status", "error"), TOKEN_FAULTS)
def test_a_token_endpoint_that_fails_speaks_oauth(
    kind: str, members: dict[str, Any], status: int, error: str | None
) -> None:
    side = fresh("gsl")
    side.fault(kind, operation="issueToken", **members)
    answer = TestClient(side.app).post("/gsl/oauth/token", json={**CREDENTIALS, "scope": SCOPE})
    assert answer.status_code == status
    if error:
        assert answer.json()["error"] == error
        assert answer.headers["cache-control"] == "no-store"
        assert "www-authenticate" not in answer.headers
    fault = side.entry().fault
    assert fault
    assert fault["in_contract"] == side.fits(answer, "issueToken") == (error is not None and status != 504)
    assert side.call().status_code == 200, "the token that there is still works"


def test_head_gets_the_head_of_what_get_would() -> None:
    side = fresh("apimo")
    for kind, members in (
        ("truncate", {}),
        ("malformed", {}),
        ("drip", {"piece_bytes": 9}),
        ("status", {"status": 500}),
    ):
        side.fault(kind, **members, **({"delay_ms": 0} if kind == "drip" else {}))
        get, head = side.call(), side.client.head(side.path)
        assert head.content == b""
        assert (head.status_code, head.headers) == (get.status_code, get.headers)


# ------------------------------------------------------------------------------------------------ truthfulness
KINDS: list[dict[str, Any]] = [
    *({"kind": "status", "status": status} for status in (400, 401, 403, 404, 409, 429, 500, 502, 503)),
    *({"kind": kind} for kind in ("empty", "malformed", "redirect", "content_type", "wrong_type", "stale")),
    *({"kind": kind} for kind in ("duplicate_items", "reorder_items", "extra_members", "unknown_values")),
    {"kind": "truncate"},
    {"kind": "truncate", "keep_bytes": 1_000_000},
    {"kind": "drip", "delay_ms": 0, "piece_bytes": 65_536},
    {"kind": "delay", "delay_ms": 0},
]
CALLS: dict[str, list[tuple[str, str]]] = {
    "apimo": [
        *(
            ("listLeads", f"/apimo/agencies/{agency}/leads?{query}")
            for agency in (101, 102)
            for query in ("", "limit=0")
        ),
        ("listProperties", "/apimo/agencies/101/properties"),
        ("getProperty", "/apimo/agencies/101/properties/5120001"),
        ("listRequests", "/apimo/agencies/101/requests"),
        ("listUsers", "/apimo/agencies/101/users"),
        ("listCatalogs", "/apimo/catalogs"),
        ("getCatalog", "/apimo/catalogs/none"),
    ],
    "gsl": [
        ("searchLeads", ""),
        ("getLeadById", "/gsl/v2/leads/none"),
        ("openidConfiguration", "/gsl/.well-known/openid-configuration"),
        ("jwks", "/gsl/.well-known/jwks.json"),
    ],
}


@pytest.mark.parametrize("name", SIDES)
@given(data=st.data())
@hypothesis_settings(max_examples=60)
def test_what_is_said_to_be_in_contract_is_and_what_is_not_is_not(name: str, data: st.DataObject) -> None:
    side = kept(name)
    operation, path = data.draw(st.sampled_from(CALLS[name]))
    members = data.draw(st.sampled_from(KINDS))
    side.fault(**{**members, "seed": data.draw(st.integers(0, 1000))})
    answer = side.call(path or None)
    entry = side.entry()
    assert entry.fault
    assert entry.operation == operation
    assert entry.fault["in_contract"] == side.fits(answer, operation)
    assert entry.notes[-1].endswith("; out of contract") != entry.fault["in_contract"]
    assert (entry.status, entry.reply_bytes) == (answer.status_code, len(answer.content))
    if members["kind"] in ("stale", "duplicate_items", "reorder_items", "extra_members", "delay", "drip"):
        assert entry.fault["in_contract"]
