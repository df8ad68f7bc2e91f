"""`mockserver.Client` over a real server in a thread: everything that a test can turn, and what it is told."""

import json
import pickle
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

import mockserver
from mockserver.client import Client, ClientError, Credentials, ProviderHandle, SandboxHandle
from mockserver.client.connection import AdminConnection, refusal
from mockserver.client.moments import duration_text, moment_text
from mockserver.server.embedded import EmbeddedServer

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """One server for the module; each test has a sandbox of its own."""
    with EmbeddedServer(world="small", now="2026-01-01T00:00:00Z") as embedded:
        yield embedded


@pytest.fixture
def client(server: EmbeddedServer) -> Iterator[Client]:
    """A client of it."""
    with Client(server.url) as client:
        yield client


@pytest.fixture
def sandbox(client: Client) -> Iterator[SandboxHandle]:
    """A sandbox that is dropped after the test."""
    sandbox = client.sandboxes.create()
    yield sandbox
    sandbox.delete()


@pytest.fixture
def apimo(sandbox: SandboxHandle) -> ProviderHandle:
    """A provider with HTTP Basic."""
    return sandbox.provider("apimo")


@pytest.fixture
def gsl(sandbox: SandboxHandle) -> ProviderHandle:
    """A provider with tokens."""
    return sandbox.provider("gsl")


def leads(apimo: ProviderHandle, agency: int = 101, **query: Any) -> httpx2.Response:
    """A page of Apimo leads."""
    with httpx2.Client() as http:
        return http.get(f"{apimo.url}/agencies/{agency}/leads", params=query, auth=apimo.credentials)


def token(gsl: ProviderHandle) -> httpx2.Response:
    """The answer of the token endpoint."""
    with httpx2.Client() as http:
        form = {"grant_type": "client_credentials", "scope": gsl.credentials.scope}
        return http.post(gsl.token_url, data=form, auth=gsl.credentials)


def search(gsl: ProviderHandle, bearer: str) -> httpx2.Response:
    """A search at GSL."""
    with httpx2.Client() as http:
        body = {"SearchCriteria": {"StartDate": 0, "EndDate": 4_000_000_000}, "Pagination": {"Limit": 1}}
        return http.post(f"{gsl.url}/v2/leads", json=body, headers={"authorization": f"Bearer {bearer}"})


def test_a_sandbox_is_made_listed_and_deleted(client: Client) -> None:
    sandbox = client.sandboxes.create("made-here", seed=5, now=MOMENT)
    try:
        assert sandbox.id == "made-here"
        assert sandbox.urls["apimo"] == f"{client.url}/~made-here/apimo"
        assert [one.id for one in client.sandboxes.list()] == ["default", "made-here"]
        assert repr(sandbox) == f"<sandbox 'made-here' at {client.url}>"
        with pytest.raises(ClientError, match="made-here") as caught:
            client.sandboxes.create("made-here")
        assert caught.value.status == 409
        assert caught.value.problem["status"] == 409
    finally:
        client.sandboxes.delete("made-here")
    assert [one.id for one in client.sandboxes.list()] == ["default"]
    with pytest.raises(ClientError, match="made-here") as caught:
        sandbox.clock.state()
    assert caught.value.status == 404


def test_the_server_tells_of_itself(client: Client) -> None:
    assert (client.is_live(), client.is_ready()) == (True, True)
    assert (client.release().name, client.release().version) == ("lead-mockserver", client.version())
    assert {scenario.name: scenario.steps for scenario in client.scenarios()}["stale-cursor"] >= 1
    rows = client.fidelity("gsl")
    assert {row.provider for row in rows} == {"gsl"}
    assert {row.provider for row in client.fidelity()} > {"gsl"}
    assert client.contract("gsl")["openapi"] == "3.1.0"
    assert "/version" in client.openapi()["paths"]


def test_a_sandbox_is_described(client: Client, sandbox: SandboxHandle) -> None:
    sandbox.clock.advance("PT1H")
    sandbox.snapshot("before")
    description = sandbox.description()
    assert (description.id, description.world, description.seed) == (sandbox.id, "small", 1)
    assert (description.now, description.frozen) == (MOMENT + timedelta(hours=1), True)
    assert (description.snapshots, set(description.variants)) == (("before",), {"apimo", "gsl", "seeker"})
    listing = client.sandboxes.listing()
    assert (listing.total, listing.limit) == (len(listing.sandboxes), 2_000)
    assert f"{client.url}/~{sandbox.id}" in [one.url for one in listing.sandboxes if one.id == sandbox.id]


def test_the_default_sandbox_is_reached_by_its_name(client: Client) -> None:
    apimo = client.sandbox().provider("apimo")
    assert apimo.url.startswith(client.url)
    assert leads(apimo).status_code == 200
    assert client.version() == mockserver.__version__


def test_a_seed_and_a_moment_make_the_same_leads_twice(client: Client) -> None:
    answers = []
    for _ in range(2):
        sandbox = client.sandboxes.create(world="default", seed=7, now="2026-02-01T00:00:00Z")
        answers.append(leads(sandbox.provider("apimo"), limit=5).json()["leads"])
        sandbox.delete()
    assert answers[0] == answers[1]
    assert len(answers[0]) == 5


def test_variants_and_credentials_of_ones_own(client: Client) -> None:
    sandbox = client.sandboxes.create(
        variants={"apimo": {"error-body": "message"}},
        credentials={"apimo": {"provider": "777", "token": "of-my-own"}},
    )
    apimo = sandbox.provider("apimo")
    assert apimo.credentials == ("777", "of-my-own")
    assert leads(apimo).status_code == 200
    assert "message" in leads(apimo, 999).json()
    sandbox.delete()


def test_a_world_of_ones_own_comes_from_a_file(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("name: mine\nabout: Two.\nseed: 1\nsize: {enquiries: 2}\nagencies: [{id: 5}]\n", encoding="utf-8")
    sandbox = client.sandboxes.create(world=file)
    assert leads(sandbox.provider("apimo"), 5).json()["total_items"] == 2
    sandbox.delete()


def test_credentials_are_a_pair_with_words_and_keep_their_secret(apimo: ProviderHandle, gsl: ProviderHandle) -> None:
    basic, oauth = apimo.credentials, gsl.credentials
    assert (basic.provider, basic.token) == tuple(basic) == (basic.user, basic.secret)
    assert (oauth.client_id, oauth.client_secret) == tuple(oauth)
    assert oauth.token_url == gsl.token_url == f"{gsl.url}/oauth/token"
    for credentials in (basic, oauth):
        assert credentials.secret not in repr(credentials) + str(credentials) + f"{credentials}"
        again = pickle.loads(pickle.dumps(credentials))
        assert (again, again.words) == (credentials, credentials.words)
    with pytest.raises(AttributeError, match="no 'client_id'; they have provider, token"):
        _ = basic.client_id
    with pytest.raises(AttributeError, match="token_url"):
        _ = apimo.token_url


def test_a_sandbox_of_an_impossible_name_is_not_there(client: Client) -> None:
    with pytest.raises(ClientError) as caught:
        client.sandbox("../default").clock.state()
    assert caught.value.status == 404


def test_an_unknown_provider_is_told(sandbox: SandboxHandle) -> None:
    with pytest.raises(ClientError, match="there is no provider 'acme'; there is apimo"):
        sandbox.provider("acme")


def test_the_clock_is_set_advanced_frozen_and_resumed(client: Client, sandbox: SandboxHandle) -> None:
    clock = sandbox.clock
    assert clock.frozen
    assert clock.set("2026-03-01T12:00:00Z").now == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert clock.set(datetime(2026, 3, 1)).now == datetime(2026, 3, 1, tzinfo=UTC)
    assert clock.advance("PT1H").now == datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert clock.advance(timedelta(days=1, seconds=30)).now == datetime(2026, 3, 2, 1, 0, 30, tzinfo=UTC)
    assert clock.advance(-30).now == clock.now == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert not clock.resume().frozen
    assert clock.freeze().frozen
    assert client.sandbox().clock.now == MOMENT
    with pytest.raises(ClientError, match="ISO 8601"):
        clock.advance("an hour")


def test_a_fault_strikes_once_and_only_its_provider(sandbox: SandboxHandle, apimo: ProviderHandle) -> None:
    placed = apimo.faults.next(status=503)
    assert (placed.kind, placed.provider) == ("status", "apimo")
    assert [leads(apimo).status_code for _ in range(2)] == [503, 200]
    (struck,) = apimo.journal.entries(status=503)
    assert struck.fault
    assert (struck.fault.id, struck.fault.kind) == (placed.id, "status")


def test_members_of_an_answer_are_patched(apimo: ProviderHandle) -> None:
    changes = [{"pointer": "/agencies/0/name", "set": None}, {"pointer": "/agencies/1", "remove": True}]
    placed = apimo.faults.next("patch", changes=changes)
    assert placed.fault["changes"] == changes
    with pytest.raises(ClientError, match="a change says nothing of it"):
        apimo.faults.add("patch", changes=[{"pointer": "/agencies"}])


def test_a_fault_tells_how_often_it_hit(apimo: ProviderHandle) -> None:
    fault = apimo.faults.next(status=503)
    leads(apimo)
    assert (apimo.faults.get(fault).fired, apimo.faults.get(fault.id).exhausted) == (1, True)


def test_faults_are_listed_removed_and_cleared_by_provider(
    sandbox: SandboxHandle, apimo: ProviderHandle, gsl: ProviderHandle
) -> None:
    first = apimo.faults.add("status", status=500, operation="listLeads", after=1)
    second = apimo.faults.add("delay", delay_ms=1)
    other = gsl.faults.add("empty")
    everywhere = sandbox.faults.add("status", status=429, after=1_000)
    assert [fault.id for fault in apimo.faults.list()] == [first.id, second.id]
    assert [fault.id for fault in sandbox.faults.list()] == [first.id, second.id, other.id, everywhere.id]
    assert first.operation == "listLeads"
    assert first.fault["after"] == 1
    assert [leads(apimo).status_code for _ in range(2)] == [200, 500]
    assert [(fault.seen, fault.fired) for fault in sandbox.faults.list() if fault.id == first.id] == [(2, 1)]
    apimo.faults.remove(first)
    apimo.faults.clear()
    assert [fault.id for fault in sandbox.faults.list()] == [other.id, everywhere.id]
    sandbox.faults.clear()
    assert sandbox.faults.list() == ()
    with pytest.raises(ClientError, match=first.id):
        sandbox.faults.remove(first.id)
    with pytest.raises(TypeError, match="say which fault"):
        sandbox.faults.next()


def test_leads_arrive_change_come_again_and_go(sandbox: SandboxHandle, apimo: ProviderHandle) -> None:
    before = leads(apimo).json()["total_items"]
    made = sandbox.leads.arrive(3, agency=101)
    assert len({lead.id for lead in made}) == 3
    assert all(lead.agency == 101 and lead.created_at == MOMENT for lead in made)
    assert leads(apimo).json()["total_items"] == before + 3
    lead = made[0]
    assert sandbox.leads.get(lead) == sandbox.leads.get(lead.ids["apimo"]) == lead
    assert sandbox.leads.update(lead, message="Rappelez-moi").message == "Rappelez-moi"
    again = sandbox.leads.duplicate(lead)
    assert (again.parent, again.seeker) == (lead.id, lead.seeker)
    assert {one.id for one in sandbox.leads.list()} >= {lead.id, again.id}
    sandbox.leads.withdraw(again)
    with pytest.raises(ClientError) as caught:
        sandbox.leads.get(again)
    assert caught.value.status == 404


def test_a_page_of_leads_tells_how_many_there_are(sandbox: SandboxHandle) -> None:
    page = sandbox.leads.page(101, limit=2)
    assert page.leads == sandbox.leads.list(101, limit=2)
    assert page.total == sandbox.leads.page(101).total > 2


def test_a_seeker_is_erased_everywhere(sandbox: SandboxHandle) -> None:
    (first,) = sandbox.leads.arrive(seeker={"firstname": "Ada", "lastname": "Martin", "email": "ada@example.org"})
    assert first.seeker.email == "ada@example.org"
    sandbox.leads.erase(first)
    assert sandbox.leads.get(first).erased
    (second,) = sandbox.leads.arrive()
    assert second in sandbox.leads.list(second.agency, limit=1)
    (erased,) = sandbox.seekers.erase(second.seeker)
    assert (erased.id, erased.seeker.erased) == (second.id, True)
    assert sandbox.leads.get(second).erased


def test_access_is_cut_and_granted_at_one_provider(
    sandbox: SandboxHandle, apimo: ProviderHandle, gsl: ProviderHandle
) -> None:
    apimo.access.revoke_agency(101)
    assert leads(apimo).status_code == 403
    bearer = token(gsl).json()["access_token"]
    assert search(gsl, bearer).json()["Count"] == 1
    apimo.access.grant(101)
    assert leads(apimo).status_code == 200
    sandbox.access.grant(103)
    assert leads(apimo, 103).status_code == 200


def test_credentials_are_rotated_and_revoked(apimo: ProviderHandle) -> None:
    old = apimo.credentials
    new = apimo.rotate()
    assert new == apimo.credentials
    assert (new.user, new.secret != old.secret) == (old.user, True)
    assert leads(apimo).status_code == 200
    assert apimo.rotate("a-secret-of-mine").secret == "a-secret-of-mine"
    apimo.sandbox.credentials_of("apimo").revoke()
    assert leads(apimo).status_code == 401
    apimo.sandbox.forget()
    with pytest.raises(ClientError, match="no credentials at apimo any more"):
        _ = apimo.credentials


def test_tokens_are_revoked(sandbox: SandboxHandle, gsl: ProviderHandle) -> None:
    bearer = token(gsl).json()["access_token"]
    assert search(gsl, bearer).status_code == 200
    sandbox.tokens.revoke("gsl")
    assert search(gsl, bearer).status_code == 401
    assert search(gsl, token(gsl).json()["access_token"]).status_code == 200


def test_one_token_is_revoked(sandbox: SandboxHandle, gsl: ProviderHandle) -> None:
    first, second = (token(gsl).json()["access_token"] for _ in range(2))
    sandbox.tokens.revoke("gsl", token=first)
    assert (search(gsl, first).status_code, search(gsl, second).status_code) == (401, 200)


def test_signing_keys_are_rotated(sandbox: SandboxHandle, gsl: ProviderHandle) -> None:
    bearer = token(gsl).json()["access_token"]
    first = sandbox.tokens.rotate_keys("gsl")
    second = sandbox.tokens.rotate_keys("gsl")
    assert second.keys == (second.kid, *first.keys)
    assert first.keys[0] == first.kid != second.kid
    assert search(gsl, bearer).status_code == 200
    with pytest.raises(ClientError, match="Apimo has no signing keys"):
        sandbox.tokens.rotate_keys("apimo")


def test_cursors_are_expired(sandbox: SandboxHandle, gsl: ProviderHandle) -> None:
    bearer = token(gsl).json()["access_token"]
    key = search(gsl, bearer).json()["Data"]["LastItemKey"]
    sandbox.cursors.expire()
    body = {"SearchCriteria": {"StartDate": 0, "EndDate": 4_000_000_000}, "Pagination": {"LastItemKey": key}}
    with httpx2.Client(headers={"authorization": f"Bearer {bearer}"}) as http:
        assert http.post(f"{gsl.url}/v2/leads", json=body).status_code == 400


def test_the_journal_counts_filters_and_tells_violations(sandbox: SandboxHandle, apimo: ProviderHandle) -> None:
    leads(apimo)
    leads(apimo, limit="many")
    token(sandbox.provider("gsl"))
    assert apimo.journal.count(operation="listLeads") == apimo.journal.count() == len(apimo.journal) == 2
    assert sandbox.journal.count() == 3
    assert [entry.provider for entry in sandbox.journal] == ["apimo", "apimo", "gsl"]
    (bad,) = apimo.journal.entries(violations=True)
    assert (bad.operation, bad.query, bad.at) == ("listLeads", "limit=many", MOMENT)
    assert [(broken.place, broken.pointer) for broken in apimo.journal.violations] == [("query", "/limit")]
    assert str(bad.broken[0]).startswith("query /limit: ")
    assert bad.reply.bytes > 0
    assert [entry.id for entry in sandbox.journal.entries(limit=1)] == [3]
    assert sandbox.journal.har()["log"]["version"] == "1.2"
    sandbox.journal.clear()
    assert sandbox.journal.count() == 0


def test_a_journal_that_let_go_of_calls_does_not_count_them() -> None:
    with EmbeddedServer(world="small", journal_size=2) as embedded, Client(embedded.url) as client:
        apimo = client.sandboxes.create().provider("apimo")
        for _ in range(3):
            leads(apimo)
        assert len(apimo.journal.entries()) == 2
        with pytest.raises(ClientError, match="oldest 1 of 3 calls"):
            apimo.journal.count()
        with pytest.raises(ClientError, match="oldest 1 of 3 calls"):
            assert not apimo.journal.violations


def test_a_page_of_the_journal_tells_how_many_calls_there_were(apimo: ProviderHandle) -> None:
    for _ in range(3):
        leads(apimo)
    page = apimo.journal.page(limit=1)
    assert (len(page.entries), page.total, page.evicted) == (1, 3, 0)
    assert page.entries[0].at == MOMENT < page.entries[0].real_at


def test_the_journal_is_followed(apimo: ProviderHandle) -> None:
    with apimo.journal.follow() as calls:
        made = threading.Thread(target=leads, args=(apimo,))
        made.start()
        entry = next(calls)
        made.join()
    assert (entry.operation, entry.status) == ("listLeads", 200)
    assert list(calls) == []


def test_calls_are_verified_and_the_nearest_miss_told(apimo: ProviderHandle) -> None:
    leads(apimo)
    assert apimo.verify(operation="listLeads", count=1)
    missed = apimo.verify(operation="listLeads", status=429)
    assert not missed
    assert (missed.held, missed.actual, missed.certain) == (False, 0, True)
    assert missed.nearest
    assert [difference.member for difference in missed.nearest.differs] == ["status"]
    assert missed.nearest.entry.operation == "listLeads"


def test_coverage_tells_what_was_called(sandbox: SandboxHandle, apimo: ProviderHandle) -> None:
    leads(apimo)
    assert sandbox.coverage()["apimo"].operations["listLeads"].calls == 1


def test_reset_snapshot_and_restore(sandbox: SandboxHandle, apimo: ProviderHandle) -> None:
    before = leads(apimo).json()["total_items"]
    sandbox.leads.arrive(agency=101)
    kept = sandbox.snapshot()
    sandbox.leads.arrive(agency=101)
    sandbox.restore(kept)
    assert leads(apimo).json()["total_items"] == before + 1
    assert sandbox.snapshot("named") == "named"
    sandbox.reset()
    assert leads(apimo).json()["total_items"] == before


DOCUMENT: Mapping[str, Any] = {
    "name": "one-by-signal",
    "why": "a test of the client",
    "steps": [{"when": {"signal": "go"}, "do": [{"arrive": {"agency": 101}}]}],
}


def test_a_scenario_is_started_signalled_and_stopped(sandbox: SandboxHandle, apimo: ProviderHandle) -> None:
    before = leads(apimo).json()["total_items"]
    assert sandbox.scenario.state().name is None
    state = sandbox.scenario.start(DOCUMENT)
    assert (state.name, state.step, state.steps, state.done) == ("one-by-signal", 0, 1, False)
    sandbox.scenario.signal("go")
    assert leads(apimo).json()["total_items"] == before + 1
    assert sandbox.scenario.state().done
    assert len(sandbox.scenario.state().fired) == 1
    sandbox.scenario.stop()
    assert sandbox.scenario.state().name is None
    with pytest.raises(ClientError, match="no-such-scenario"):
        sandbox.scenario.start("no-such-scenario")


def test_a_token_opens_the_admin_api() -> None:
    with EmbeddedServer(world="small", admin_token="let-me-in") as embedded:
        with Client(embedded.url) as client, pytest.raises(ClientError, match="Authorization: Bearer") as caught:
            client.sandboxes.list()
        assert caught.value.status == 401
        with Client(embedded.url, token="let-me-in") as client:
            assert [one.id for one in client.sandboxes.list()] == ["default"]


def test_a_server_that_is_not_there_is_told() -> None:
    with (
        Client("http://127.0.0.1:1") as client,
        pytest.raises(ClientError, match="no mock server answers at") as caught,
    ):
        client.version()
    assert caught.value.status is None
    connection = AdminConnection("http://127.0.0.1:1", None)
    with pytest.raises(ClientError, match="no mock server answers at"):
        connection.events("/journal/events")
    connection.close()


def test_an_answer_that_is_no_json_is_told(server: EmbeddedServer) -> None:
    connection = AdminConnection(server.url, None)
    with pytest.raises(ClientError, match="/__admin/metrics answered 200, not as a mock server does"):
        connection.get("/metrics")
    connection.close()


def test_what_is_no_answer_of_ours_is_told_as_such() -> None:
    assert str(refusal(502, b"<html>", "GET http://x/")) == "GET http://x/ answered 502, not as a mock server does"
    assert str(refusal(500, b'["detail"]', "GET http://x/")).startswith("GET http://x/ answered 500")
    told = refusal(404, json.dumps({"detail": "Nobody.", "status": 404}).encode(), "GET http://x/")
    assert (str(told), told.status) == ("Nobody.", 404)


def test_what_json_cannot_say_is_refused(sandbox: SandboxHandle) -> None:
    with pytest.raises(ClientError, match="cannot be sent as JSON"):
        sandbox.leads.arrive(message=object())


@pytest.mark.parametrize(
    ("duration", "text"),
    [("P1D", "P1D"), (90, "PT90S"), (0.25, "PT0.25S"), (timedelta(minutes=-5), "-PT300S"), (0, "PT0S")],
)
def test_durations_are_written_as_iso_8601(duration: Any, text: str) -> None:
    assert duration_text(duration) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-01-01", "2026-01-01"),
        (0, "1970-01-01T00:00:00Z"),
        (datetime(2026, 1, 1), "2026-01-01T00:00:00Z"),
        (datetime.fromisoformat("2026-01-01T01:00:00+01:00"), "2026-01-01T00:00:00Z"),
    ],
)
def test_moments_are_written_as_iso_8601_in_utc(moment: Any, text: str) -> None:
    assert moment_text(moment) == text


def test_credentials_need_no_server() -> None:
    made = Credentials({"user": "me", "password": "secret-1", "agencies": [1]})
    assert repr(made) == "Credentials(user='me', password='***', agencies=[1])"
