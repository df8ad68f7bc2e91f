"""Answers that are given again: as long as the same call would be answered alike, and no longer."""

from collections import Counter

import pytest

from mockserver.domain import Category, Enquiry, Kind, retention_end
from mockserver.provider_api.call import Call, Reply
from mockserver.sandbox import known_answers
from mockserver.sandbox.changes import expire_cursors, grant_agency, revoke_agency, rotate_keys
from mockserver.server.app import MockServer
from tests.conftest import AUTH, NOW, MakeClient
from tests.support.gsl import ALL_TIME, DAY, Gsl
from tests.support.in_process import TestClient

LEADS = "/apimo/agencies/101/leads"


def counted(app: MockServer, provider: str, operation: str) -> Counter[str]:
    """Counts from now on how often the handler of an operation has to answer by itself."""
    handlers = app.providers[provider].handlers
    handler, calls = handlers[operation], Counter[str]()

    def count(call: Call) -> Reply:
        calls[operation] += 1
        reply: Reply = handler(call)
        return reply

    object.__setattr__(app.providers[provider], "handlers", {**handlers, operation: count})
    return calls


def app_of(client: TestClient) -> MockServer:
    """The application behind a client."""
    assert isinstance(client.app, MockServer)
    return client.app


def test_the_same_call_is_answered_alike_by_the_handler_once(client: TestClient) -> None:
    first = client.get(f"{LEADS}?limit=20000")
    calls = counted(app_of(client), "apimo", "listLeads")
    again = client.get(f"{LEADS}?limit=20000&nobody=knows")
    assert (first.content, first.headers) == (again.content, again.headers)
    assert calls["listLeads"] == 0
    one, other = client.get("/__admin/journal").json()["entries"]
    # The note of the handler is there again, behind those on the request.
    assert (one["reply"], one["notes"]) == (other["reply"], other["notes"][1:])
    assert "limit 20000 is above the maximum" in one["notes"][0]
    client.get(f"{LEADS}?limit=19999")
    client.get("/apimo/agencies/102/leads?limit=20000")
    assert calls["listLeads"] >= 2, "a handler that takes more than one slice begins anew"


def test_what_is_written_ends_every_answer(client: TestClient) -> None:
    before = client.get(f"{LEADS}?limit=1").json()["total_items"]
    assert client.post(LEADS, json={"reference": "new", "lastname": "A"}).status_code < 300
    assert client.get(f"{LEADS}?limit=1").json()["total_items"] == before + 1
    assert client.post("/__admin/reset").status_code < 300
    assert client.get(f"{LEADS}?limit=1").json()["total_items"] == before


def total(client: TestClient) -> int:
    """The number of leads that the agency lists."""
    number: int = client.get(f"{LEADS}?limit=1").json()["total_items"]
    return number


def found(gsl: Gsl) -> int:
    """The number of leads that a search without bounds finds on its first page."""
    number: int = gsl.search("/v2/leads/classifieds", {"StartDate": 0, "EndDate": NOW + DAY}, Limit=100)["Count"]
    return number


def test_an_answer_ends_with_the_retention_of_a_lead_and_holds_again_before_it(make_client: MakeClient) -> None:
    client = make_client()
    app = app_of(client)
    sandbox = app.sandbox
    oldest = sandbox.store.oldest(Kind.ENQUIRY, 101)
    assert oldest is not None
    everything = total(client)
    ends = retention_end(oldest)
    for moment, is_less in ((ends - 1, False), (ends, True), (NOW, False), (ends + 90 * DAY, True), (ends, True)):
        sandbox.clock.set(moment)
        listed = sum(
            enquiry.expires_at > moment
            for id in sandbox.store.ids(Kind.ENQUIRY, 101)
            if isinstance(enquiry := sandbox.store.get(Kind.ENQUIRY, id), Enquiry)
        )
        assert (total(client), total(client)) == (listed, listed)
        assert (listed < everything) is is_less


def test_a_search_ends_with_the_retention_of_the_first_lead_that_it_finds(make_client: MakeClient) -> None:
    gsl = Gsl(make_client(token_lifetime=4 * 365 * DAY))
    everything = found(gsl)
    calls = counted(gsl.app, "gsl", "searchClassifiedLeads")
    assert everything == found(gsl) > 1
    assert calls["searchClassifiedLeads"] == 0
    created = [
        enquiry.created_at
        for agency in (101, 102)
        for id in gsl.app.sandbox.store.ids(Kind.ENQUIRY, agency)
        if isinstance(enquiry := gsl.app.sandbox.store.get(Kind.ENQUIRY, id), Enquiry)
        and enquiry.category is Category.CLASSIFIED
    ]
    gsl.app.sandbox.clock.set(retention_end(min(created)) - 1)
    assert found(gsl) == everything
    gsl.app.sandbox.clock.set(retention_end(min(created)))
    assert found(gsl) == everything - created.count(min(created))
    gsl.app.sandbox.clock.set(NOW)
    assert found(gsl) == everything


def test_who_may_no_longer_ask_gets_no_known_answer(make_client: MakeClient) -> None:
    gsl = Gsl(make_client())
    body = {"SearchCriteria": ALL_TIME}
    sandbox = gsl.app.sandbox

    def status() -> int:
        return gsl.client.post("/gsl/v2/leads/classifieds", json=body).status_code

    assert (status(), status()) == (200, 200)
    rotate_keys(sandbox, "gsl")
    assert status() == 200, "tokens of the old key are good until they expire"
    gsl.client.post("/__admin/tokens/gsl/revoke", json={"token": gsl.token})
    assert status() == 401
    sandbox.token_issuers["gsl"].reset()
    assert status() == 200
    sandbox.clock.set(NOW + 86_400)
    assert status() == 401


def test_an_agency_that_is_granted_or_taken_away_counts_at_once(make_client: MakeClient) -> None:
    gsl = Gsl(make_client())
    before = found(gsl)
    revoke_agency(gsl.app.sandbox, 102, "gsl")
    fewer = found(gsl)
    assert fewer < before
    grant_agency(gsl.app.sandbox, 102, "gsl")
    assert found(gsl) == before


def test_a_cursor_that_went_stale_is_given_out_no_more(make_client: MakeClient) -> None:
    gsl = Gsl(make_client())
    first = gsl.search("/v2/leads/classifieds", Limit=1)["Data"]["LastItemKey"]
    expire_cursors(gsl.app.sandbox)
    second = gsl.search("/v2/leads/classifieds", Limit=1)["Data"]["LastItemKey"]
    assert first != second
    assert gsl.search("/v2/leads/classifieds", Limit=1, LastItemKey=second)["Count"] == 1


def test_a_fault_meets_a_call_whose_answer_is_known(client: TestClient) -> None:
    client.get(f"{LEADS}?limit=1")
    client.post("/__admin/faults", json={"kind": "status", "status": 503, "times": 1})
    assert client.get(f"{LEADS}?limit=1").status_code == 503
    assert client.get(f"{LEADS}?limit=1").status_code == 200
    client.post("/__admin/faults", json={"kind": "empty", "times": 1})
    assert client.get(f"{LEADS}?limit=1").content == b""
    assert len(client.get(f"{LEADS}?limit=1").json()["leads"]) == 1


def test_the_same_body_in_another_format_is_another_call(make_client: MakeClient) -> None:
    gsl = Gsl(make_client())
    body = b'{"SearchCriteria": {"StartDate": 0, "EndDate": 1}}'
    statuses = [
        gsl.client.post("/gsl/v2/leads/classifieds", content=body, headers={"content-type": media_type}).status_code
        for media_type in ("application/json", "text/plain", "application/json", "application/json; charset=latin1")
    ]
    assert statuses[0] == statuses[2] < 415
    assert [status for status in statuses if status == 415] == [415, 415]


def test_an_answer_names_the_address_by_which_it_was_asked(make_client: MakeClient) -> None:
    client = make_client()
    addresses = [
        client.get("/seeker/.well-known/openid-configuration", headers={"host": host}).json()["issuer"]
        for host in ("127.0.0.1:8080", "localhost:8080")
    ]
    assert addresses == ["http://127.0.0.1:8080/seeker/", "http://localhost:8080/seeker/"]


def test_known_answers_are_bounded_in_number_and_bytes(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_answers, "_MAX_ANSWERS", 3)
    answers = app_of(client).sandbox.known_answers
    for offset in range(10):
        assert client.get(f"{LEADS}?limit=1&offset={offset}", auth=AUTH).status_code == 200
    kept = answers.weight
    assert 3 * 2_000 < kept < 3 * 8_000
    client.get(f"{LEADS}?limit=1&offset=9")
    assert answers.weight == kept
    monkeypatch.setattr(known_answers, "_MAX_WEIGHT", 1)
    client.get(f"{LEADS}?limit=2")
    assert answers.weight == 0, "none is kept that is too long"
    monkeypatch.undo()
    client.get(f"{LEADS}?limit=1")
    assert answers.weight > 0
    answers.drop_cache()
    assert answers.weight == 0
    client.get(f"{LEADS}?limit=1&timestamp=1" + "&nobody=x" * 300)
    assert answers.weight > 0
