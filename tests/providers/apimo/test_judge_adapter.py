"""What the judge of clients knows of Apimo, and the clients of Apimo that it is tested with."""

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.domain import Enquiry, Kind
from mockserver.foundation.settings import Settings
from mockserver.judge.catalogue import OBLIGATIONS, reasons_of
from mockserver.provider_api.judge_adapter import Contact, PageRequest, SeenPage
from mockserver.providers.apimo.auth import describe_credentials
from mockserver.providers.apimo.judge_adapter import JUDGE_ADAPTER
from mockserver.sandbox.changes.access import revoke_agency
from mockserver.sandbox.faults.model import Fault
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox
from mockserver.server.app import MockServer, read_contract
from mockserver.server.embedded import EmbeddedServer
from tests.clients import apimo
from tests.clients.broken_apimo import BROKEN
from tests.conftest import MakeClient
from tests.support.covering import readings_in_pairs
from tests.support.in_process import TestClient

LEADS = "/apimo/agencies/101/leads"
FEED = "leads of agency 101"
WHOLE = 1024 * 1024
NEW = {"reference": "A1", "lastname": "Delattre"}
BINDING = {
    *(f"RUN-0{number}" for number in (1, 2, 3, 4, 5)),
    *(f"CONTRACT-0{number}" for number in (1, 2, 3, 5, 6, 7)),
    *(f"PAGE-0{number}" for number in (1, 2, 4, 5, 6, 7)),
    *(f"SYNC-0{number}" for number in (1, 2, 3, 4, 5, 6)),
    *(f"TOKEN-0{number}" for number in (4, 5, 7, 9)),
    *(f"FAULT-0{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8)),
    *(f"TOLERANCE-0{number}" for number in (1, 2, 3, 4, 5, 7)),
    *("GDPR-01", "GDPR-03", "GDPR-04", "WRITE-01", "WRITE-02", "WRITE-03"),
}
READINGS = readings_in_pairs(read_contract("apimo", Settings()))


def sandbox_of(client: TestClient) -> Sandbox:
    assert isinstance(client.app, MockServer)
    return client.app.sandbox


def last(client: TestClient) -> tuple[Entry, Mapping[str, str]]:
    """The last call in the journal, and the readings under which it was answered."""
    sandbox = sandbox_of(client)
    return list(sandbox.journal.entries())[-1], sandbox.variants["apimo"]


def asked(client: TestClient) -> PageRequest | None:
    return JUDGE_ADAPTER.read_page_request(*last(client))


def page(client: TestClient) -> SeenPage | None:
    return JUDGE_ADAPTER.read_page(*last(client))


# What was asked for


@pytest.mark.parametrize(
    ("query", "since", "place", "limit"),
    [
        ("", None, "", 10_000),
        ("limit=100&offset=0", None, "", 100),
        ("limit=100&offset=200&timestamp=1767000000", 1_767_000_000, "200", 100),
        ("limit=&offset=&timestamp=", None, "", 10_000),
        ("limit=50000", None, "", 10_000),
        ("limit=%2050%20&offset=10.0", None, "10", 50),
        ("limit=1&limit=2", None, "", 2),
        ("timestamps=5&colour=red", None, "", 10_000),
    ],
)
def test_a_list_of_leads_is_read_as_the_road_reads_it(
    make_client: MakeClient, query: str, since: int | None, place: str, limit: int
) -> None:
    client = make_client(journal_body=WHOLE)
    assert client.get(f"{LEADS}?{query}").status_code == 200
    assert asked(client) == PageRequest(FEED, since, None, place, limit)
    found = page(client)
    assert found is not None
    assert len(found.items) <= limit


@pytest.mark.parametrize("query", ["limit=abc", "limit=0", "offset=-1", "timestamp=2026-01-01", "limit=10&limit=ten"])
def test_what_is_refused_asks_for_no_page(make_client: MakeClient, query: str) -> None:
    client = make_client()
    assert client.get(f"{LEADS}?{query}").status_code == 422
    assert asked(client) is None
    assert page(client) is None


def test_other_calls_ask_for_no_leads(make_client: MakeClient) -> None:
    client = make_client()
    for method, path in [("GET", "/apimo/agencies/101/contacts"), ("GET", "/apimo/nothing"), ("HEAD", LEADS)]:
        client.request(method, path)
        assert asked(client) is None
    client.post(LEADS, json=NEW)
    assert asked(client) is None


def test_parameters_may_stand_in_the_body_of_a_get(make_client: MakeClient) -> None:
    client = make_client(journal_body=WHOLE)
    body = {"limit": 3, "offset": "2", "timestamp": "", "culture": None}
    assert client.request("GET", LEADS, json=body).status_code == 200
    assert asked(client) == PageRequest(FEED, None, None, "2", 3)
    # With a query they do not count.
    client.request("GET", f"{LEADS}?limit=5", json={"limit": 3})
    assert asked(client) == PageRequest(FEED, None, None, "", 5)
    client.request("GET", LEADS, content="[]")
    assert page(client) is None


def test_an_exclusive_timestamp_asks_from_the_second_after_it(make_client: MakeClient) -> None:
    client = make_client(variants={"apimo": {"timestamp-bound": "exclusive"}})
    client.get(f"{LEADS}?timestamp=1767000000")
    found = asked(client)
    assert found is not None
    assert found.since == 1_767_000_001


# What was got


def test_a_page_tells_what_follows(make_client: MakeClient) -> None:
    client = make_client(journal_body=WHOLE)
    total = client.get(LEADS).json()["total_items"]
    whole = page(client)
    assert whole is not None
    assert (whole.next, whole.total, len(whole.items)) == (None, total, total)
    places = []
    for offset in range(0, total, 7):
        client.get(f"{LEADS}?limit=7&offset={offset}")
        found = page(client)
        assert found is not None
        assert found.items == whole.items[offset : offset + 7]
        places.append(found.next)
    assert places == [*map(str, range(7, total, 7)), None]
    client.get(f"{LEADS}?limit=7&offset={total}")
    assert page(client) == SeenPage((), None, total)


def test_a_total_of_everything_says_nothing_of_a_list_with_a_bound(make_client: MakeClient) -> None:
    client = make_client(journal_body=WHOLE, variants={"apimo": {"total-items": "all"}})
    newest = client.get(LEADS).json()["timestamp"]
    everything = page(client)
    assert everything is not None
    assert everything.total == len(everything.items) > 1
    # Full, so more may follow; not full, so nothing does, though the answer counts more.
    for limit, following in [(1, "1"), (2, None)]:
        answer = client.get(f"{LEADS}?timestamp={newest}&limit={limit}").json()
        assert (len(answer["leads"]), answer["total_items"]) == (1, everything.total)
        found = page(client)
        assert found is not None
        assert (found.next, found.total) == (following, None)


def test_a_lead_that_comes_twice_moves_no_page(make_client: MakeClient) -> None:
    client = make_client(journal_body=WHOLE)
    answer = client.get(f"{LEADS}?limit=4", headers={"Prefer": "fault=duplicate_items"}).json()
    assert len(answer["leads"]) == 5
    found = page(client)
    assert found is not None
    assert (len(found.items), found.next) == (5, "4")


@pytest.mark.parametrize(
    "fault", ["code=503", "fault=truncate", "fault=malformed", "fault=empty", "fault=content_type"]
)
def test_what_did_not_come_whole_is_no_page(make_client: MakeClient, fault: str) -> None:
    client = make_client(journal_body=WHOLE)
    client.get(LEADS, headers={"Prefer": fault})
    assert asked(client) is not None
    assert page(client) is None


def test_members_of_a_later_version_leave_a_page_whole(make_client: MakeClient) -> None:
    client = make_client(journal_body=WHOLE)
    client.get(f"{LEADS}?limit=2", headers={"Prefer": "fault=extra_members"})
    found = page(client)
    assert found is not None
    assert len(found.items) == 2


def test_a_list_of_a_wrong_type_is_no_page(make_client: MakeClient) -> None:
    client = make_client(journal_body=WHOLE)
    client.get(LEADS)
    entry, readings = last(client)
    for reply in ["[]", '{"leads": null}', "{}", entry.reply[:-1]]:
        assert JUDGE_ADAPTER.read_page(replace(entry, reply=reply), readings) is None
    assert JUDGE_ADAPTER.read_details(entry, readings) == ()


def test_a_lead_is_read_with_its_contact_and_parent() -> None:
    shown = {"id": 5, "parent": 4, "firstname": "Jean", "lastname": "Dupont", "email": "a@example.org"}
    numbers = {"phone": "+331", "mobile": "+336", "fax": "+339"}
    item = JUDGE_ADAPTER.read_lead({**shown, **numbers, "message": "Bonjour"})
    assert (item.id, item.parent) == ("5", "4")
    assert item.contact == Contact("a@example.org", ("+331", "+336"), "Jean Dupont", "Bonjour")
    bare = JUDGE_ADAPTER.read_lead({**dict.fromkeys(shown), **dict.fromkeys(numbers, ""), "id": 6, "lastname": "Null"})
    assert (bare.id, bare.parent, bare.contact) == ("6", None, Contact(name="Null"))
    assert bare.raw["phone"] == ""


def test_a_lead_is_in_the_list_of_its_agency_while_that_is_open(make_client: MakeClient) -> None:
    sandbox = sandbox_of(make_client())
    enquiry = sandbox.store.get(Kind.ENQUIRY, sandbox.store.ids(Kind.ENQUIRY, 101)[0])
    assert isinstance(enquiry, Enquiry)
    assert JUDGE_ADAPTER.is_listed(enquiry, FEED, sandbox)
    assert not JUDGE_ADAPTER.is_listed(enquiry, "leads of agency 102", sandbox)
    revoke_agency(sandbox, 101)
    assert not JUDGE_ADAPTER.is_listed(enquiry, FEED, sandbox)


def test_a_lead_past_its_retention_is_in_no_list(make_client: MakeClient) -> None:
    sandbox = sandbox_of(make_client())
    enquiry = sandbox.store.get(Kind.ENQUIRY, sandbox.store.ids(Kind.ENQUIRY, 101)[0])
    assert isinstance(enquiry, Enquiry)
    sandbox.clock.set(enquiry.expires_at)
    assert not JUDGE_ADAPTER.is_listed(enquiry, FEED, sandbox)


# What was written


def test_writes_tell_their_reference_and_their_target(make_client: MakeClient) -> None:
    client = make_client()
    id = client.post(LEADS, json=NEW).json()["id"]
    entry, readings = last(client)
    create = JUDGE_ADAPTER.writes[entry.operation]
    assert (create.creates, create.reference(entry), create.target(entry)) == (True, "A1", None)
    assert JUDGE_ADAPTER.read_details(entry, readings) == ()
    client.put(f"{LEADS}/{id}", json={"step": "2"})
    entry, _ = last(client)
    change = JUDGE_ADAPTER.writes[entry.operation]
    assert (change.creates, change.reference(entry), change.target(entry)) == (False, None, str(id))
    client.post(LEADS, content="no JSON", headers={"Content-Type": "application/json"})
    assert create.reference(last(client)[0]) is None


def test_a_client_is_told_where_and_with_what_to_call(make_client: MakeClient) -> None:
    account = next(iter(sandbox_of(make_client()).accounts["apimo"].values()))
    assert JUDGE_ADAPTER.environment({"apimo": "http://127.0.0.1:1/apimo"}, describe_credentials(account), 101) == {
        "APIMO_BASE_URL": "http://127.0.0.1:1/apimo",
        "APIMO_PROVIDER": account.user,
        "APIMO_TOKEN": account.secret,
        "APIMO_AGENCY_ID": "101",
    }


def test_each_obligation_has_its_reason() -> None:
    assert set(reasons_of("apimo")) == BINDING
    assert set(reasons_of("apimo")) <= set(OBLIGATIONS)
    for reason in reasons_of("apimo").values():
        assert reason.reason.endswith(".")
        assert reason.document


# The clients


class DrillRun:
    """A server with a client's environment."""

    def __init__(self, server: EmbeddedServer, folder: Path) -> None:
        self.sandbox = server.app.sandbox
        account = next(iter(self.sandbox.accounts["apimo"].values()))
        own = {"MOCKSERVER_STATE_DIR": str(folder), "MOCKSERVER_OUTCOME": str(folder / "outcome.jsonl")}
        self.environment = {
            **JUDGE_ADAPTER.environment({"apimo": f"{server.url}/apimo"}, describe_credentials(account), 101),
            **own,
        }

    def run(self) -> int:
        """Runs the reference."""
        return apimo.main(self.environment, threading.Event())

    @property
    def held(self) -> dict[str, dict[str, Any]]:
        """The outcome, by id."""
        lines = Path(self.environment["MOCKSERVER_OUTCOME"]).read_text(encoding="utf-8").splitlines()
        leads = [json.loads(line) for line in lines]
        assert len({lead["id"] for lead in leads}) == len(leads)
        return {lead["id"]: lead for lead in leads}

    @property
    def enquiries(self) -> list[Enquiry]:
        """What the agency has."""
        store = self.sandbox.store
        found = [store.get(Kind.ENQUIRY, id) for id in store.ids(Kind.ENQUIRY, 101)]
        return [enquiry for enquiry in found if isinstance(enquiry, Enquiry)]

    def customers(self) -> dict[str, str]:
        """Those that repeat no other lead, by id their messages."""
        return {str(enquiry.id): enquiry.message for enquiry in self.enquiries if enquiry.parent is None}


@pytest.mark.parametrize("readings", READINGS)
def test_the_reference_holds_what_there_is_under_any_readings(tmp_path: Path, readings: dict[str, str]) -> None:
    with EmbeddedServer(world="small", journal_body=WHOLE, variants={"apimo": readings}) as server:
        drill_run = DrillRun(server, tmp_path)
        assert (drill_run.run(), drill_run.run()) == (0, 0)
        held = {id: lead["message"] for id, lead in drill_run.held.items()}
        assert held == drill_run.customers()
        own = drill_run.enquiries[-1]
        assert (own.step, own.message, own.search.area_min) == (2, "Bonjour, merci de me rappeler.", 60)
        for entry in drill_run.sandbox.journal.entries():
            assert (entry.violations, entry.notes) == ([], []), entry
            assert entry.status == 200


def test_the_reference_reads_no_more_than_what_is_new_in_a_second_run(tmp_path: Path) -> None:
    with EmbeddedServer(world="default", journal_body=WHOLE) as server:
        drill_run = DrillRun(server, tmp_path)
        drill_run.run()
        before = drill_run.sandbox.journal.total
        drill_run.run()
        calls = [
            JUDGE_ADAPTER.read_page(entry, drill_run.sandbox.variants["apimo"])
            for entry in drill_run.sandbox.journal.entries()
        ]
        shown = [found for found in calls[before:] if found is not None]
        assert len(shown) == 1
        assert len(shown[0].items) < 100
        assert set(drill_run.held) == set(drill_run.customers())


def test_the_reference_creates_one_lead_though_the_answer_is_lost(tmp_path: Path) -> None:
    with EmbeddedServer(world="small") as server:
        drill_run = DrillRun(server, tmp_path)
        drill_run.sandbox.faults.add(Fault.model_validate({"kind": "reset", "operation": "createLead", "times": 1}))
        there = len(drill_run.enquiries)
        assert (drill_run.run(), drill_run.run(), len(drill_run.enquiries)) == (0, 0, there + 1)


def test_the_reference_sends_the_same_reference_when_its_lead_is_not_there(tmp_path: Path) -> None:
    with EmbeddedServer(world="small") as server:
        drill_run = DrillRun(server, tmp_path)
        lost = {"kind": "reset", "operation": "createLead", "at": "before", "times": 1}
        drill_run.sandbox.faults.add(Fault.model_validate(lost))
        there = len(drill_run.enquiries)
        assert (drill_run.run(), drill_run.run(), len(drill_run.enquiries)) == (1, 0, there + 1)
        sent = [json.loads(entry.request) for entry in drill_run.sandbox.journal.entries(operation="createLead")]
        assert len(sent) == 2
        assert sent[0] == sent[1]


def test_the_reference_keeps_what_it_has_and_says_that_it_failed(tmp_path: Path) -> None:
    with EmbeddedServer(world="small") as server:
        drill_run = DrillRun(server, tmp_path)
        assert drill_run.run() == 0
        held = drill_run.held
        broken = {"kind": "status", "status": 503, "retry_after": 600}
        drill_run.sandbox.faults.add(Fault.model_validate(broken))
        assert drill_run.run() == 1
        assert drill_run.held == held


def test_every_obligation_is_broken_by_a_client_of_its_own() -> None:
    assert {obligation for _, obligation in BROKEN.values()} == BINDING
    assert len({client for client, _ in BROKEN.values()}) == len(BROKEN)
