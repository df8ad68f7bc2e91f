"""What the judge knows of Seeker Leads, and the correct client of it that stands for all correct ones."""

import json
import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import Client as Admin
from mockserver import EmbeddedServer
from mockserver.contract import load_contract
from mockserver.domain import Category, Enquiry, Kind
from mockserver.foundation.clock import iso, stopwatch
from mockserver.foundation.redaction import MASK, Redactor
from mockserver.foundation.resources import resource
from mockserver.judge.catalogue import OBLIGATIONS, reasons_of
from mockserver.provider_api.judge_adapter import Contact, PageRequest, SeenPage
from mockserver.providers.seeker.judge_adapter import JUDGE_ADAPTER
from mockserver.sandbox.faults import Fault
from mockserver.sandbox.journal import Entry
from tests.clients.broken_seeker import BROKEN
from tests.clients.seeker import AHEAD, WINDOW, Client, main
from tests.conftest import NOW, MakeClient
from tests.support.covering import readings_in_pairs
from tests.support.patience import PATIENCE, until
from tests.support.seeker import SANDBOX_AUDIENCE, SANDBOX_BASE, Seeker

DAY = 86_400
BOUND_ELSEWHERE = {"CONTRACT-03", "PAGE-04", "PAGE-10", "PAGE-11", "SYNC-06", "WRITE-01", "WRITE-02", "WRITE-03"}
WHOLE = 1_048_576
MakeSeeker = Callable[..., Seeker]
ADMIN: dict[str, Admin] = {}
"""By the server's address."""
READINGS = readings_in_pairs(load_contract("seeker", resource("contracts", "seeker.yaml")))


# What the judge reads


@pytest.fixture
def make_seeker(make_client: MakeClient) -> MakeSeeker:
    """A client of the messy world whose journal keeps bodies whole; readings by keyword."""

    def make(where: Mapping[str, Any] | None = None, **readings: str) -> Seeker:
        chosen = {"seeker": {name.replace("_", "-"): value for name, value in readings.items()}}
        return Seeker(make_client(world="messy", journal_body=WHOLE, variants=chosen), **where or {})

    return make


def newest(api: Seeker) -> tuple[Entry, Mapping[str, str]]:
    """The newest call, and the readings in which it is to be taken."""
    return list(api.app.sandbox.journal.entries())[-1], api.app.sandbox.variants["seeker"]


def asked(api: Seeker) -> PageRequest | None:
    """What the newest call asked for."""
    return JUDGE_ADAPTER.read_page_request(*newest(api))


def page(api: Seeker) -> SeenPage | None:
    """What it got."""
    return JUDGE_ADAPTER.read_page(*newest(api))


def hit(api: Seeker, **members: Any) -> None:
    """The next call meets a fault."""
    api.app.sandbox.faults.add(Fault.model_validate({"times": 1, **members}))


def test_there_is_a_reason_for_exactly_what_binds_clients_of_seeker_leads() -> None:
    assert set(reasons_of("seeker")) == set(OBLIGATIONS) - BOUND_ELSEWHERE
    for id, reason in reasons_of("seeker").items():
        assert reason.reason.endswith("."), id
        names = ("Seeker Leads", "RFC ", "GDPR art.", "POSIX")
        assert any(name in reason.document for name in names), id


def test_a_list_is_asked_for_by_bounds_limit_and_place_at_both_addresses(make_seeker: MakeSeeker) -> None:
    for where in ({}, {"base": SANDBOX_BASE, "audience": SANDBOX_AUDIENCE}):
        api = make_seeker(where)
        api.leads(NOW - DAY, NOW)
        assert asked(api) == PageRequest("leads", NOW - DAY, NOW, "", 20)
    api.leads(NOW - DAY, NOW, limit=7, start="a/b+c=")
    assert asked(api) == PageRequest("leads", NOW - DAY, NOW, "a/b+c=", 7)
    api.leads(NOW - DAY, NOW, cursor="other")
    assert asked(api) == PageRequest("leads", NOW - DAY, NOW, "other", 20)
    api.get("/leads", minDate=f"{NOW}.0")
    assert asked(api) == PageRequest("leads", NOW, None, "", 20)


def test_the_last_second_is_not_asked_for_where_the_end_is_not_in_the_period(make_seeker: MakeSeeker) -> None:
    api = make_seeker(date_bounds="exclusive-end")
    api.leads(NOW - DAY, NOW)
    assert asked(api) == PageRequest("leads", NOW - DAY, NOW - 1, "", 20)


@pytest.mark.parametrize(
    "query", [{"minDate": NOW * 1000}, {"minDate": -1}, {"maxDate": "today"}, {"limit": "all"}, {"limit": 0.5}]
)
def test_what_cannot_be_understood_asks_for_nothing(make_seeker: MakeSeeker, query: dict[str, Any]) -> None:
    api = make_seeker()
    api.get("/leads", **{"minDate": NOW - DAY, "maxDate": NOW, **query})
    assert asked(api) is None
    assert page(api) is None


def test_no_other_call_asks_for_a_page(make_seeker: MakeSeeker) -> None:
    api = make_seeker()
    api.get("/webhook/subscriptions")
    assert asked(api) is None
    api.client.head(f"{api.base}/leads", params={"minDate": NOW - DAY, "maxDate": NOW})
    assert asked(api) is None


@pytest.mark.parametrize(
    "readings",
    [
        {},
        {"more_pages": "ok"},
        {"more_pages": "partial-without-link"},
        {"pagination": "generic"},
        {"pagination": "generic", "more_pages": "ok"},
    ],
)
def test_each_page_says_what_a_client_sends_for_the_next_one(make_seeker: MakeSeeker, readings: dict[str, str]) -> None:
    api = make_seeker(**readings)
    seen: list[str] = []
    place: str | None = ""
    while place is not None:
        api.leads(NOW - 7 * DAY, NOW, limit=5, **({"start": place} if place else {}))
        question, answer = asked(api), page(api)
        assert question is not None
        assert question.place == place
        assert answer is not None
        seen += [item.id for item in answer.items]
        place = answer.next
    period = [e.uuid for e in api.enquiries() if NOW - 7 * DAY <= e.created_at <= NOW]
    assert seen == period
    assert len(period) > 20


def test_a_lead_is_read_with_all_that_is_shown_of_a_person(make_seeker: MakeSeeker) -> None:
    api = make_seeker()
    enquiry = next(e for e in reversed(api.enquiries()) if e.message and len(api.person(e).phones) > 1)
    person = api.person(enquiry)
    api.leads(enquiry.created_at, enquiry.created_at, limit=100)
    answer = page(api)
    assert answer is not None
    item = next(item for item in answer.items if item.id == enquiry.uuid)
    numbers = tuple(phone.number for phone in person.phones)
    assert item.contact == Contact(
        person.email or "", numbers, f"{person.firstname} {person.lastname}", enquiry.message
    )
    assert item.raw["metadata"]["ingestionDate"] == enquiry.created_at
    assert JUDGE_ADAPTER.read_details(*newest(api)) == ()
    api.get(f"/leads/{enquiry.uuid}")
    assert JUDGE_ADAPTER.read_details(*newest(api)) == (item,)
    assert asked(api) is None
    api.get("/leads/none")
    assert JUDGE_ADAPTER.read_details(*newest(api)) == ()


def test_of_a_missed_call_there_is_the_number_alone() -> None:
    lead = {"metadata": {"leadId": "a"}, "contactRequest": None, "callDetails": {"seekerPhoneNumber": "+33511223344"}}
    assert JUDGE_ADAPTER.read_lead(lead).contact == Contact(phones=("+33511223344",))
    assert JUDGE_ADAPTER.read_lead({"metadata": {"leadId": "a"}}).contact == Contact()


@pytest.mark.parametrize(("reading", "status"), [("not-found", 404), ("items", 200)])
def test_a_period_without_leads_is_an_empty_page(make_seeker: MakeSeeker, reading: str, status: int) -> None:
    api = make_seeker(empty_period=reading)
    assert api.leads(NOW + 1, NOW + 2).status_code == status
    assert page(api) == SeenPage((), None)
    hit(api, kind="status", status=404)
    assert api.leads(NOW + 1, NOW + 2).status_code == 404
    assert page(api) is None


@pytest.mark.parametrize("kind", ["malformed", "empty", "content_type", "redirect", "wrong_type"])
def test_what_a_fault_spoils_is_no_page(make_seeker: MakeSeeker, kind: str) -> None:
    api = make_seeker()
    hit(api, kind=kind)
    api.leads(NOW - DAY, NOW)
    assert asked(api) is not None
    assert page(api) is None


@pytest.mark.parametrize("kind", ["extra_members", "unknown_values", "duplicate_items", "delay"])
def test_what_a_client_has_to_take_is_a_page(make_seeker: MakeSeeker, kind: str) -> None:
    api = make_seeker()
    hit(api, kind=kind, **({"delay_ms": 1} if kind == "delay" else {}))
    api.leads(NOW - DAY, NOW, limit=5)
    answer = page(api)
    assert answer is not None
    assert len({item.id for item in answer.items}) == 5


def test_a_refusal_is_no_page(make_seeker: MakeSeeker) -> None:
    api = make_seeker()
    api.leads(NOW - 8 * DAY, NOW)
    assert page(api) is None
    assert asked(api) == PageRequest("leads", NOW - 8 * DAY, NOW, "", 20)


@pytest.mark.parametrize("reading", ["agency", "absent"])
@pytest.mark.parametrize("calls", ["off", "on"])
def test_the_list_has_what_the_account_may_see(make_seeker: MakeSeeker, reading: str, calls: str) -> None:
    api = make_seeker(estimations=reading, call_tracking=calls)
    sandbox, shown = api.app.sandbox, api.crawl(NOW - 600 * DAY, NOW)
    store = sandbox.store
    every = [store.get(Kind.ENQUIRY, id) for agency in (101, 102, 103) for id in store.ids(Kind.ENQUIRY, agency)]
    found = {e.uuid for e in every if isinstance(e, Enquiry) and JUDGE_ADAPTER.is_listed(e, "leads", sandbox)}
    assert found == set(shown)
    (oldest, *_) = [e for e in api.enquiries() if e.category is Category.CLASSIFIED]
    assert JUDGE_ADAPTER.is_listed(oldest, "leads", sandbox)
    assert not JUDGE_ADAPTER.is_listed(oldest, "leads of nobody", sandbox)
    sandbox.clock.set(oldest.expires_at)
    assert not JUDGE_ADAPTER.is_listed(oldest, "leads", sandbox)


# What the journal keeps


HEADER, CLAIMS = '{"alg":"RS256","typ":"JWT","kid":"k"}', '{"iss":"mock","exp":1}'


def base64(text: str) -> str:
    """As in a token."""
    return b64encode(text.encode()).decode().rstrip("=")


@given(before=st.text(alphabet="xyz &=", max_size=5), limit=st.integers(0, 120), whole=st.booleans())
def test_no_part_of_a_token_is_kept_wherever_the_body_is_cut(before: str, limit: int, whole: bool) -> None:
    token = f"{base64(HEADER)}.{base64(CLAIMS)}.c2lnbmF0dXJl" if whole else base64(HEADER)
    kept = Redactor().body(f'{before}"{token}"'.encode(), limit)
    assert not any(base64(HEADER)[start : start + 8] in kept for start in range(len(base64(HEADER)) - 7))
    assert "c2ln" not in kept
    assert Redactor().line(f"a={token}") == f"a={MASK}"


@pytest.mark.parametrize("text", ['{"client_secret":"a"}', '{"alg":"none"}', '{"enc":"A128GCM"}', '{"id":"half'])
def test_what_may_be_a_secret_in_base64_is_not_kept(text: str) -> None:
    assert Redactor().line(f"start={base64(text)}") == f"start={MASK}"


def test_a_cursor_is_kept_as_it_was_given_out_and_sent_back(make_seeker: MakeSeeker) -> None:
    api = make_seeker()
    following = api.leads(NOW - DAY, NOW, limit=2).json()["links"]["next"]
    assert "start=eyJ" in following
    assert following in newest(api)[0].reply
    api.client.get(following)
    assert newest(api)[0].query == following.partition("?")[2]
    kept = api.client.get("/__admin/journal").text
    assert api.token not in kept
    assert api.token.split(".")[0] not in kept


# A correct client


class Trial:
    """A sandbox of its own, and the client at work in it; in the default world there are leads for a second page."""

    def __init__(self, server: EmbeddedServer, directory: Path, **wanted: Any) -> None:
        self.handle = ADMIN[server.url].sandboxes.create(**{"world": "default", "now": NOW, **wanted})
        # All of them have one world, made for one moment; from there time goes on.
        self.handle.clock.resume()
        if "world" not in wanted:
            self.handle.leads.arrive(120, agency=101, created_at=iso(NOW - 3_600))
        found = server.app.sandboxes.get(self.handle.id)
        assert found is not None
        self.sandbox = found
        self.outcome = directory / "outcome.jsonl"
        state = directory / "state"
        state.mkdir(exist_ok=True)
        self.paths = {"MOCKSERVER_OUTCOME": str(self.outcome), "MOCKSERVER_STATE_DIR": str(state)}

    def environment(self, **more: str) -> dict[str, str]:
        """What the client is told now."""
        words = self.handle.credentials["seeker"].words
        configured = JUDGE_ADAPTER.environment(self.handle.urls, words, 101)
        return {**configured, **self.paths, "MOCKSERVER_NOW": iso(self.sandbox.clock.time()), **more}

    def run(self, client: type[Client] = Client) -> int:
        """One run; its exit code."""
        return client(self.environment()).run()

    def held(self) -> dict[str, dict[str, str]]:
        """The outcome by id; no id stands there twice."""
        lines = [json.loads(line) for line in self.outcome.read_text(encoding="utf-8").splitlines()]
        assert len({line["id"] for line in lines}) == len(lines)
        return {line["id"]: line for line in lines}

    def there(self) -> set[str]:
        """The leads that the client may see, from where its first run begins."""
        store, oldest = self.sandbox.store, self.sandbox.clock.now() + AHEAD - 5 * WINDOW
        leads = (store.get(Kind.ENQUIRY, id) for agency in (101, 102) for id in store.ids(Kind.ENQUIRY, agency))
        return {
            lead.uuid
            for lead in leads
            if isinstance(lead, Enquiry)
            and lead.created_at >= oldest
            and JUDGE_ADAPTER.is_listed(lead, "leads", self.sandbox)
        }

    def entries(self, operation: str = "getLeads") -> list[Entry]:
        """The calls of an operation."""
        return list(self.sandbox.journal.entries(operation=operation))

    def shown(self) -> dict[str, Contact]:
        """Every lead that a list or a detail has shown, as it was shown last."""
        found: dict[str, Contact] = {}
        readings = self.sandbox.variants["seeker"]
        for entry in self.sandbox.journal.entries():
            got = JUDGE_ADAPTER.read_page(entry, readings) if JUDGE_ADAPTER.read_page_request(entry, readings) else None
            for item in got.items if got else JUDGE_ADAPTER.read_details(entry, readings):
                found[item.id] = item.contact
        return found

    def violations(self) -> list[str]:
        """What the client broke of the contract."""
        return [str(wrong) for entry in self.sandbox.journal.entries() for wrong in entry.violations]


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """One for all trials."""
    with EmbeddedServer(journal_body=WHOLE, webhook_timeout=2.0) as running, Admin(running.url) as admin:
        ADMIN[running.url] = admin
        yield running


@pytest.fixture
def trial(server: EmbeddedServer, tmp_path: Path) -> Trial:
    """A trial in the default world."""
    return Trial(server, tmp_path)


def test_the_address_and_the_audience_are_those_of_the_api(trial: Trial) -> None:
    told = trial.environment()
    assert told["SEEKER_BASE_URL"].endswith(f"/~{trial.handle.id}/seeker/seeker-leads/v1")
    assert told["SEEKER_TOKEN_URL"].endswith(f"/~{trial.handle.id}/seeker/oauth/token")
    assert told["SEEKER_AUDIENCE"] == "https://api.aviv-group.com/seeker-leads/v1"


def agrees(trial: Trial) -> None:
    """The outcome is what was shown, and that is all there is."""
    held, shown = trial.held(), trial.shown()
    assert set(held) == trial.there() <= set(shown)
    for id, line in held.items():
        contact = shown[id]
        assert line.get("email", "") == contact.email
        assert line.get("name", "") == contact.name
        assert line.get("message", "") == contact.message
        assert line.get("phone", "") in (contact.phones or ("",))


def test_two_runs_hold_all_there_is_and_the_second_asks_only_for_what_is_new(trial: Trial) -> None:
    assert trial.run() == 0
    agrees(trial)
    calls = len(trial.entries())
    assert any(entry.status == 206 for entry in trial.entries())
    trial.handle.leads.arrive(3, agency=101)
    trial.handle.leads.arrive(1, agency=102, created_at=iso(trial.sandbox.clock.time() - 3 * 3_600))
    before = trial.held()
    trial.handle.clock.advance("PT1H")
    assert trial.run() == 0
    agrees(trial)
    assert len(trial.held()) == len(before) + 4
    assert len(trial.entries()) == calls + 2
    assert len(trial.entries("issueToken")) == 1
    assert trial.violations() == []
    assert not [note for entry in trial.sandbox.journal.entries() for note in entry.notes]


@pytest.mark.no_cover
@pytest.mark.parametrize("readings", READINGS)
def test_the_correct_client_works_in_any_readings(
    server: EmbeddedServer, tmp_path: Path, readings: dict[str, str]
) -> None:
    trial = Trial(server, tmp_path, variants={"seeker": readings})
    for _ in range(2):
        assert trial.run() == 0
        agrees(trial)
        trial.handle.leads.arrive(2, agency=102)
    assert trial.violations() == []


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 429, "retry_after": 1},
        {"kind": "status", "status": 429, "retry_after": 1, "retry_after_form": "date"},
        {"kind": "status", "status": 500},
        {"kind": "reset", "at": "middle"},
        {"kind": "truncate", "length": "right"},
        {"kind": "truncate", "length": "wrong"},
        {"kind": "content_type"},
        {"kind": "empty"},
        {"kind": "status", "status": 401},
        {"kind": "status", "status": 503, "operation": "issueToken"},
        {"kind": "duplicate_items"},
        {"kind": "extra_members", "times": 4},
        {"kind": "unknown_values", "times": 20},
    ],
)
def test_what_passes_is_got_over(trial: Trial, fault: dict[str, Any]) -> None:
    trial.handle.faults.add(**{"provider": "seeker", "operation": "getLeads", "times": 1, **fault})
    began = stopwatch()
    assert trial.run() == 0
    agrees(trial)
    assert any(entry.fault for entry in trial.sandbox.journal.entries())
    assert "retry_after" not in fault or stopwatch() - began > 0.9


@pytest.mark.parametrize(
    ("fault", "calls"),
    [
        ({"kind": "status", "status": 503}, 4),
        ({"kind": "reset"}, 4),
        ({"kind": "status", "status": 503, "retry_after": 30}, 1),
        ({"kind": "status", "status": 429, "retry_after": 30, "retry_after_form": "date"}, 1),
        ({"kind": "status", "status": 403}, 1),
        ({"kind": "status", "status": 404, "body": "<p>nothing</p>"}, 4),
        ({"kind": "redirect"}, 1),
        ({"kind": "status", "status": 401}, 2),
        ({"kind": "wrong_type", "pointer": "/items", "times": 1}, 1),
    ],
)
def test_what_does_not_pass_is_reported_and_nothing_is_lost(
    trial: Trial, capfd: pytest.CaptureFixture[str], fault: dict[str, Any], calls: int
) -> None:
    assert trial.run() == 0
    known = trial.held()
    trial.handle.leads.arrive(2, agency=101)
    before = len(trial.entries())
    trial.handle.faults.add(**{"provider": "seeker", "operation": "getLeads", **fault})
    assert trial.run() == 1
    said = capfd.readouterr().err
    assert said.startswith("seeker: ")
    assert not [secret for secret in (trial.environment()["SEEKER_CLIENT_SECRET"], "eyJ", "start=") if secret in said]
    assert len(trial.entries()) == before + calls
    assert trial.held() == known
    trial.handle.faults.clear()
    assert trial.run() == 0
    agrees(trial)


def test_a_token_that_dies_is_replaced_and_refused_credentials_are_asked_for_once(trial: Trial) -> None:
    assert trial.run() == 0
    trial.handle.tokens.revoke("seeker")
    assert trial.run() == 0
    assert len(trial.entries("issueToken")) == 2
    told = trial.environment()
    trial.handle.credentials_of("seeker").revoke()
    assert main(told) == 1
    assert [entry.status for entry in trial.entries("issueToken")] == [200, 200, 401]
    assert set(trial.held()) == set(trial.shown())


def test_a_token_from_before_the_right_is_replaced(server: EmbeddedServer, tmp_path: Path) -> None:
    trial = Trial(server, tmp_path, scenario="token-minted-before-the-right")
    assert trial.run() == 0
    assert [entry.status for entry in trial.entries()[:2]] == [403, 200]
    agrees(trial)


def test_who_was_erased_is_forgotten_and_what_is_gone_is_dropped(trial: Trial) -> None:
    erased, gone = trial.handle.leads.arrive(2, agency=101, seeker={"firstname": "Zephyrine", "lastname": "Noël"})
    assert trial.run() == 0
    trial.handle.leads.erase(erased)
    trial.handle.leads.withdraw(gone)
    known = trial.held()
    assert [line.get("name") for line in known.values()].count("Zephyrine Noël") == 2
    assert trial.run() == 0
    agrees(trial)
    assert len(trial.held()) == len(known) - 1
    assert "Zephyrine" not in trial.outcome.read_text(encoding="utf-8")
    assert "Zephyrine" not in next(tmp.read_text(encoding="utf-8") for tmp in trial.outcome.parent.glob("state/*"))


def test_nothing_is_kept_for_longer_than_the_law_says(trial: Trial) -> None:
    assert trial.run() == 0
    trial.handle.clock.advance("P1096D")
    trial.handle.leads.arrive(1, agency=101)
    assert trial.run() == 0
    agrees(trial)
    assert len(trial.held()) == 1


def test_the_first_lead_of_all_is_found(server: EmbeddedServer, tmp_path: Path) -> None:
    trial = Trial(server, tmp_path, world="empty")
    assert trial.run() == 0
    assert trial.held() == {}
    trial.handle.clock.advance("-PT5M")
    trial.handle.leads.arrive(1, agency=101)
    assert trial.run() == 0
    agrees(trial)
    assert len(trial.held()) == 1


# Webhooks


class Daemon:
    """The client at work until it is stopped."""

    def __init__(self, trial: Trial, client: type[Client] = Client) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/webhook"
        self.trial = trial
        self.codes: list[int] = []
        self._stop = threading.Event()
        environment = trial.environment(MOCKSERVER_WEBHOOK_PORT=str(port))
        self._thread = threading.Thread(target=lambda: self.codes.append(client(environment, self._stop).run()))

    def __enter__(self) -> "Daemon":
        self._thread.start()
        until(self.trial.outcome.exists)
        return self

    def __exit__(self, *failure: object) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)

    def attempts(self) -> list[tuple[bool, int | None]]:
        """What became of each attempt, the oldest first."""
        kept = self.trial.sandbox.webhooks.attempts(self.trial.sandbox.webhooks.list()[0].id)
        return [(attempt.succeeded, attempt.status) for attempt in reversed(kept)]


def test_webhooks_are_taken_whatever_is_odd_about_them(trial: Trial) -> None:
    hooks = trial.handle.webhooks
    with Daemon(trial) as daemon:
        hooks.delivery_faults.next("wrong_key")
        hooks.delivery_faults.next("unknown_category", after=1)
        hooks.delivery_faults.next("duplicate", after=2)
        hooks.delivery_faults.next("erased", after=3)
        hooks.delivery_faults.next("reorder", after=4)
        for _ in range(6):
            trial.handle.leads.arrive(1, agency=101)
        new = trial.there() - set(trial.shown())
        assert len(new) == 6
        until(lambda: new - set(trial.held()) != new)
        until(lambda: len(daemon.attempts()) >= 7)
        trial.handle.clock.advance("PT15S")
        until(lambda: new <= set(trial.held()) and len(daemon.attempts()) >= 8)
        assert sorted(daemon.attempts()) == [(False, 401), *[(True, 200)] * 7]
    assert daemon.codes == [0]
    agrees(trial)
    assert trial.violations() == []


def test_who_is_erased_after_the_webhook_is_forgotten_at_the_end(trial: Trial) -> None:
    with Daemon(trial) as daemon:
        (lead,) = trial.handle.leads.arrive(1, agency=101, seeker={"firstname": "Zephyrine"})
        until(lambda: "Zephyrine" in trial.outcome.read_text(encoding="utf-8"))
        trial.handle.leads.erase(lead)
    assert daemon.codes == [0]
    agrees(trial)
    assert "Zephyrine" not in trial.outcome.read_text(encoding="utf-8")


@pytest.mark.parametrize("reading", ["allowed", "refused"])
def test_an_address_is_subscribed_once(server: EmbeddedServer, tmp_path: Path, reading: str) -> None:
    trial = Trial(server, tmp_path, world="small", variants={"seeker": {"duplicate-subscription": reading}})
    with Daemon(trial) as daemon:
        (made,) = trial.sandbox.webhooks.list()
    told = trial.environment(MOCKSERVER_WEBHOOK_PORT=daemon.url.split(":")[2].partition("/")[0])
    stop = threading.Event()
    stop.set()
    assert main(told, stop) == 0
    (kept,) = trial.sandbox.webhooks.list()
    assert (kept.id, kept.url, kept.api_key) == (made.id, daemon.url, made.api_key)
    assert len(trial.entries("updateSubscription")) == 1


# Clients with a bug


def test_every_obligation_is_broken_by_a_client() -> None:
    assert {obligation for _, obligation in BROKEN.values()} == set(reasons_of("seeker"))


FAIL_AT_ONCE = {
    "fails-always",
    "asks-in-milliseconds",
    "asks-for-a-month-at-once",
    "counts-its-leads-for-a-cursor",
    "names-no-audience",
    "reads-compressed-bodies-as-they-are",
}


@pytest.mark.no_cover
@pytest.mark.parametrize("name", sorted(BROKEN))
def test_where_nothing_is_hard_most_of_them_seem_to_work(trial: Trial, name: str) -> None:
    client, _ = BROKEN[name]
    assert trial.run(client) == (1 if name in FAIL_AT_ONCE else 0)
