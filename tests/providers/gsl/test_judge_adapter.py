"""What the judge knows of GSL: how calls are read, what binds a client and why; and the client that does all of it."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract import load_contract
from mockserver.domain import Category, Enquiry, Estate, Kind, PhoneKind
from mockserver.foundation.clock import iso
from mockserver.foundation.resources import resource
from mockserver.judge.catalogue import OBLIGATIONS, reasons_of
from mockserver.judge.reasons import ObligationReason
from mockserver.provider_api.judge_adapter import Contact, PageRequest, SeenLead, SeenPage
from mockserver.providers.gsl.judge_adapter import JUDGE_ADAPTER
from mockserver.sandbox.faults import Fault
from mockserver.sandbox.journal import Entry
from mockserver.server.embedded import EmbeddedServer
from tests.clients import gsl as reference
from tests.clients.broken_gsl import BROKEN
from tests.conftest import NOW, MakeClient
from tests.support.covering import readings_in_pairs
from tests.support.gsl import ALL_TIME, CREDENTIALS, DAY, ROUTES, SCOPE, Gsl

WHOLE = 1_048_576
CLASSIFIED = "/v2/leads/classifieds"
CONTRACT = load_contract("gsl", resource("contracts", "gsl.yaml"))
DEFAULTS = {name: variant.default for name, variant in CONTRACT.variants.items()}
READINGS = readings_in_pairs(CONTRACT)
BOUND = {
    *(f"RUN-0{number}" for number in range(1, 6)),
    *("CONTRACT-01", "CONTRACT-03", "CONTRACT-05", "CONTRACT-06", "CONTRACT-07"),
    *("PAGE-01", "PAGE-02", "PAGE-03", "PAGE-05", "PAGE-06", "PAGE-07", "PAGE-09", "PAGE-10", "PAGE-11"),
    *("SYNC-01", "SYNC-02", "SYNC-03", "SYNC-04", "SYNC-05", "SYNC-07"),
    *(f"TOKEN-0{number}" for number in range(1, 8)),
    *("TOKEN-09", "TOKEN-10", "TOKEN-11", "TOKEN-12", "SYNC-08"),
    *(f"FAULT-0{number}" for number in range(1, 9)),
    *(f"TOLERANCE-0{number}" for number in range(1, 8)),
    *("GDPR-01", "GDPR-02", "GDPR-03", "GDPR-04"),
}
Make = Callable[..., Gsl]


@pytest.fixture
def make(make_client: MakeClient) -> Make:
    """A client with a token; readings by their names with underscores."""

    def make_gsl(world: str = "small", **readings: str) -> Gsl:
        variants = {"gsl": {name.replace("_", "-"): value for name, value in readings.items()}}
        return Gsl(make_client(world=world, journal_body=WHOLE, variants=variants))

    return make_gsl


def last(gsl: Gsl) -> Entry:
    """The newest call."""
    return list(gsl.app.sandbox.journal.entries())[-1]


def ask(gsl: Gsl, path: str = CLASSIFIED, body: Any = None, **criteria: int) -> PageRequest | None:
    """What a search is taken for; by its body, or by both its dates."""
    gsl.client.post(f"/gsl{path}", json={"SearchCriteria": criteria} if body is None else body)
    return JUDGE_ADAPTER.read_page_request(last(gsl), readings(gsl))


def readings(gsl: Gsl) -> Mapping[str, str]:
    """Those of its sandbox."""
    return gsl.app.sandbox.variants["gsl"]


def read(
    gsl: Gsl, path: str = CLASSIFIED, criteria: Mapping[str, int] = ALL_TIME, **pagination: Any
) -> SeenPage | None:
    """What a search shows."""
    gsl.client.post(f"/gsl{path}", json={"SearchCriteria": criteria, "Pagination": pagination})
    return JUDGE_ADAPTER.read_page(last(gsl), readings(gsl))


# What a client owes


def test_there_is_a_reason_for_exactly_what_binds_a_client() -> None:
    assert set(reasons_of("gsl")) == BOUND
    assert set(OBLIGATIONS) >= BOUND


@pytest.mark.parametrize("reason", reasons_of("gsl").values(), ids=reasons_of("gsl"))
def test_a_reason_says_why_and_where_that_stands(reason: ObligationReason) -> None:
    assert reason.reason.endswith(".")
    assert any(name in reason.document for name in ("GSL Leads", "RFC ", "POSIX", "GDPR art."))


# Searches


@pytest.mark.parametrize(
    ("path", "feed"),
    [
        ("/v2/leads", "classified leads"),
        (CLASSIFIED, "classified leads"),
        ("/v2/leads/agencies", "agency leads"),
        ("/v2/leads/estimations", "estimation leads"),
        ("/v2/leads/projects", "project leads"),
    ],
)
def test_a_search_is_about_a_list_and_a_period(make: Make, path: str, feed: str) -> None:
    assert ask(make(), path, StartDate=NOW - DAY, EndDate=NOW) == PageRequest(feed, NOW - DAY, NOW, "", 100)


def test_a_search_of_every_category_is_another_list(make: Make) -> None:
    found = ask(make(search_leads="all"), "/v2/leads", StartDate=0, EndDate=NOW)
    assert found is not None
    assert found.feed == "leads of every category"


def test_a_period_is_read_in_the_unit_of_the_sandbox(make: Make) -> None:
    gsl = make(date_unit="milliseconds")
    found = ask(gsl, StartDate=NOW * 1000 - 500, EndDate=NOW * 1000 + 999)
    assert found == PageRequest("classified leads", NOW, NOW, "", 100)


def test_the_end_of_a_period_may_be_no_part_of_it(make: Make) -> None:
    found = ask(make(date_bounds="exclusive-end"), StartDate=0, EndDate=NOW)
    assert found == PageRequest("classified leads", 0, NOW - 1, "", 100)


def test_a_period_may_end_beyond_the_calendar(make: Make) -> None:
    found = ask(make(), StartDate=0, EndDate=4_000_000_000_000)
    assert found is not None
    assert found.until == 4_000_000_000_000


@pytest.mark.parametrize("place", ["", None])
def test_a_cursor_that_is_no_cursor_is_the_beginning(make: Make, place: str | None) -> None:
    found = ask(make(), body={"SearchCriteria": ALL_TIME, "Pagination": {"LastItemKey": place, "Limit": 10.0}})
    assert found is not None
    assert (found.place, found.limit) == ("", 10)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"SearchCriteria": {"StartDate": 0}},
        {"SearchCriteria": {"StartDate": "yesterday", "EndDate": NOW}},
        {"SearchCriteria": {"StartDate": True, "EndDate": NOW}},
        {"SearchCriteria": {"StartDate": 0.5, "EndDate": NOW}},
        {"SearchCriteria": ALL_TIME, "Pagination": {"LastItemKey": 7}},
        {"SearchCriteria": ALL_TIME, "Pagination": {"Limit": "all"}},
        {"SearchCriteria": ALL_TIME, "Pagination": "all"},
    ],
)
def test_a_search_that_cannot_be_understood_asks_for_nothing(make: Make, body: Any) -> None:
    gsl = make()
    assert ask(gsl, body=body) is None
    assert JUDGE_ADAPTER.read_page(last(gsl), readings(gsl)) is None


def test_other_calls_ask_for_no_page(make: Make) -> None:
    gsl = make()
    assert JUDGE_ADAPTER.read_page_request(last(gsl), readings(gsl)) is None
    gsl.client.get("/gsl/v2/leads/x")
    assert JUDGE_ADAPTER.read_page_request(last(gsl), readings(gsl)) is None


def listing(gsl: Gsl) -> Estate:
    """One that somebody enquired about."""
    enquiry = gsl.enquiries(Category.CLASSIFIED)[0]
    estate = gsl.app.sandbox.store.get(Kind.ESTATE, enquiry.estate or 0)
    assert isinstance(estate, Estate)
    return estate


@pytest.mark.parametrize("body", [None, {"Pagination": {"Limit": 1}}])
def test_the_leads_of_a_listing_are_a_list_without_a_period(make: Make, body: Any) -> None:
    gsl = make()
    number = listing(gsl).classified_number
    gsl.client.post(f"/gsl{CLASSIFIED}/{number}", json=body) if body else gsl.client.post(f"/gsl{CLASSIFIED}/{number}")
    limit = 1 if body else 100
    assert JUDGE_ADAPTER.read_page_request(last(gsl), DEFAULTS) == PageRequest(
        f"leads of listing {number}", None, None, "", limit
    )
    page = JUDGE_ADAPTER.read_page(last(gsl), DEFAULTS)
    assert page is not None
    assert page.items


# Answers


@pytest.mark.parametrize("end", ["absent", "null", "empty"])
def test_pages_follow_one_another_to_the_end(make: Make, end: str) -> None:
    gsl = make(last_item_key=end)
    shown: list[str] = []
    place: str | None = ""
    while place is not None:
        cursor: dict[str, Any] = {"LastItemKey": place} if place else {}
        page = read(gsl, Limit=10, **cursor)
        asked = JUDGE_ADAPTER.read_page_request(last(gsl), readings(gsl))
        assert page is not None
        assert asked is not None
        assert asked.place == place
        shown += [item.id for item in page.items]
        place = page.next
    assert shown == [enquiry.uuid for enquiry in gsl.enquiries(Category.CLASSIFIED)]


@pytest.mark.parametrize(("count", "total"), [("page", None), ("total", 24)])
def test_a_page_tells_how_many_there_are_where_the_provider_does(make: Make, count: str, total: int | None) -> None:
    gsl = make(count=count)
    page = read(gsl, Limit=10)
    assert page is not None
    assert (len(page.items), page.total) == (10, total)


@pytest.mark.parametrize("reading", ["items", "not-found"])
def test_a_period_without_leads_is_an_empty_page(make: Make, reading: str) -> None:
    page = read(make(empty_result=reading), criteria={"StartDate": 0, "EndDate": 1})
    assert page == SeenPage((), None, None)


def test_an_error_is_no_page(make: Make) -> None:
    gsl = make(empty_result="not-found")
    assert read(gsl, LastItemKey="made-up") is None
    gsl.client.post(f"/gsl{CLASSIFIED}/1", json={})
    assert JUDGE_ADAPTER.read_page(last(gsl), readings(gsl)) is None
    gsl.app.sandbox.faults.add(Fault.model_validate({"kind": "status", "status": 404}))
    assert read(gsl) is None


@pytest.mark.parametrize(
    ("fault", "is_page"),
    [
        ({"kind": "truncate"}, False),
        ({"kind": "malformed"}, False),
        ({"kind": "empty"}, False),
        ({"kind": "content_type"}, False),
        ({"kind": "status", "status": 503}, False),
        ({"kind": "redirect"}, False),
        ({"kind": "wrong_type", "pointer": "/Data/Items"}, False),
        ({"kind": "extra_members"}, True),
        ({"kind": "unknown_values"}, True),
        ({"kind": "duplicate_items"}, True),
        ({"kind": "reorder_items"}, True),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_only_what_comes_whole_is_a_page(make: Make, fault: dict[str, Any], is_page: bool) -> None:
    gsl = make()
    gsl.app.sandbox.faults.add(Fault.model_validate(fault))
    gsl.client.follow_redirects = False
    assert (read(gsl) is not None) is is_page


@pytest.mark.parametrize("reply", ["[]", "{}", '{"Data": []}', '{"Data": {"Items": {}}}', '{"Data": {"Items": [{}]}}'])
def test_an_answer_of_another_shape_is_no_page(make: Make, reply: str) -> None:
    gsl = make()
    read(gsl)
    assert JUDGE_ADAPTER.read_page(replace(last(gsl), reply=reply), DEFAULTS) is None


@pytest.mark.parametrize("world", ["small", "messy"])
@pytest.mark.parametrize("operation", list(ROUTES)[1:])
def test_a_lead_is_read_with_its_contact_in_every_shape(make: Make, world: str, operation: str) -> None:
    gsl = make(world)
    path, category = ROUTES[operation]
    page = read(gsl, path, {"StartDate": 0, "EndDate": NOW + 365 * DAY})
    assert page is not None
    by_id = {item.id: item for item in page.items}
    for enquiry in gsl.enquiries(category):
        assert by_id[enquiry.uuid].contact == contact_of(gsl, enquiry)
        gsl.client.get(f"/gsl/v2/leads/{enquiry.uuid}")
        assert JUDGE_ADAPTER.read_details(last(gsl), DEFAULTS) == (by_id[enquiry.uuid],)


def contact_of(gsl: Gsl, enquiry: Enquiry) -> Contact:
    """What the world has to be shown."""
    person: Any = gsl.app.sandbox.store.get(Kind.PERSON, enquiry.seeker)
    if person.erased:
        return Contact(email=person.email or "")
    phones = [phone for kind in (PhoneKind.MOBILE, PhoneKind.LANDLINE) if (phone := person.number(kind))][:1]
    return Contact(person.email or "", tuple(phones), person.full_name or "", enquiry.message)


def test_what_is_no_lead_shows_none(make: Make) -> None:
    gsl = make()
    gsl.client.get("/gsl/v2/leads/x")
    assert JUDGE_ADAPTER.read_details(last(gsl), DEFAULTS) == ()
    gsl.client.get(f"/gsl/v2/leads/{gsl.enquiries(Category.AGENCY)[0].uuid}")
    assert JUDGE_ADAPTER.read_details(replace(last(gsl), reply="[]"), DEFAULTS) == ()
    read(gsl)
    assert JUDGE_ADAPTER.read_details(last(gsl), DEFAULTS) == ()


def test_a_contact_of_wrong_types_is_empty() -> None:
    lead = {"leadMetaInfos": {"leadId": "a"}, "contactRequest": {"email": 1, "personContact": None, "message": ["b"]}}
    assert JUDGE_ADAPTER.read_lead(lead) == SeenLead("a", Contact())


# Lists


@pytest.mark.parametrize("operation", [*ROUTES, "searchLeadsByClassified"])
def test_a_list_shows_what_belongs_to_it(make: Make, operation: str) -> None:
    gsl = make(search_leads="all")
    number = listing(gsl).classified_number
    path = f"{CLASSIFIED}/{number}" if operation == "searchLeadsByClassified" else ROUTES[operation][0]
    page = read(gsl, path)
    asked = JUDGE_ADAPTER.read_page_request(last(gsl), readings(gsl))
    assert page is not None
    assert asked is not None
    sandbox = gsl.app.sandbox
    everything = [sandbox.store.get(Kind.ENQUIRY, id) for agency in (101, 102, 103) for id in ids(gsl, agency)]
    leads = [enquiry for enquiry in everything if isinstance(enquiry, Enquiry)]
    assert {item.id for item in page.items} == {
        e.uuid for e in leads if JUDGE_ADAPTER.is_listed(e, asked.feed, sandbox)
    }
    assert not any(JUDGE_ADAPTER.is_listed(enquiry, "no such list", sandbox) for enquiry in leads)


def ids(gsl: Gsl, agency: int) -> Any:
    """The enquiries of an agency."""
    return gsl.app.sandbox.store.ids(Kind.ENQUIRY, agency)


# The client that owes nothing


class Place:
    """A server and a client's own folder."""

    def __init__(self, server: EmbeddedServer, folder: Path) -> None:
        self.sandbox = server.app.sandbox
        self.outcome = folder / "outcome.jsonl"
        urls = {"gsl": f"{server.url}/gsl", "gsl_token_url": f"{server.url}/gsl/oauth/token"}
        self.environment = {
            **JUDGE_ADAPTER.environment(urls, CREDENTIALS, 101),
            "MOCKSERVER_STATE_DIR": str(folder),
            "MOCKSERVER_OUTCOME": str(self.outcome),
        }

    def run(self, client: type[reference.Client] = reference.Client) -> int:
        """The exit code of one run."""
        now = iso(self.sandbox.clock.time())
        return client({**self.environment, "MOCKSERVER_NOW": now}).run()

    def held(self) -> dict[str, dict[str, str]]:
        """The outcome, by id."""
        lines = [json.loads(line) for line in self.outcome.read_text(encoding="utf-8").splitlines()]
        assert len({line["id"] for line in lines}) == len(lines)
        return {line["id"]: line for line in lines}

    def there(self) -> set[str]:
        """The leads that are there to be read."""
        found = [self.sandbox.store.get(Kind.ENQUIRY, id) for agency in (101, 102) for id in self.ids(agency)]
        return {enquiry.uuid for enquiry in found if isinstance(enquiry, Enquiry)}

    def ids(self, agency: int) -> Any:
        """The enquiries of an agency."""
        return self.sandbox.store.ids(Kind.ENQUIRY, agency)

    def calls(self) -> list[Entry]:
        """Those since the last look."""
        found = list(self.sandbox.journal.entries())
        self.sandbox.journal.clear()
        return found


@pytest.fixture
def make_place(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Serves a world over TCP, with the clock standing."""
    servers: list[EmbeddedServer] = []

    def serve(world: str = "small", **readings: str) -> Place:
        server = EmbeddedServer(world=world, now=NOW, journal_body=WHOLE, variants={"gsl": readings})
        servers.append(server)
        return Place(server, tmp_path)

    yield serve
    for server in servers:
        server.stop()


def test_the_environment_has_a_scope_also_where_the_credentials_name_none() -> None:
    urls = {"gsl": "http://a", "gsl_token_url": "http://a/t"}
    assert JUDGE_ADAPTER.environment(urls, {"client_id": "i", "client_secret": "s"}, 101) == {
        "GSL_BASE_URL": "http://a",
        "GSL_TOKEN_URL": "http://a/t",
        "GSL_CLIENT_ID": "i",
        "GSL_CLIENT_SECRET": "s",
        "GSL_SCOPE": SCOPE,
    }


@pytest.mark.parametrize("readings", READINGS)
def test_the_reference_has_every_lead_in_any_readings(
    make_place: Callable[..., Place], readings: dict[str, str]
) -> None:
    place = make_place(**readings)
    assert place.run() == 0
    assert set(place.held()) == place.there()
    first = place.calls()
    assert place.run() == 0
    assert set(place.held()) == place.there()
    second = place.calls()
    assert not any(entry.violations for entry in [*first, *second])
    shown = [
        page for entry in second if (page := JUDGE_ADAPTER.read_page(entry, place.sandbox.variants["gsl"])) is not None
    ]
    assert sum(len(page.items) for page in shown) < len(place.there()) / 2
    assert [entry.operation for entry in first].count("issueToken") == 1
    assert "issueToken" not in [entry.operation for entry in second]


@pytest.mark.parametrize("world", ["default", "messy", "empty"])
def test_the_reference_has_every_lead_of_every_world(make_place: Callable[..., Place], world: str) -> None:
    place = make_place(world)
    assert [place.run(), place.run()] == [0, 0]
    assert set(place.held()) == place.there()


def test_the_reference_says_that_it_failed_and_goes_on_later(make_place: Callable[..., Place]) -> None:
    place = make_place("default")
    place.sandbox.faults.add(Fault.model_validate({"kind": "status", "status": 503, "after": 3}))
    assert place.run() == 1
    before = set(place.held())
    assert before < place.there()
    place.sandbox.faults.reset()
    assert place.run() == 0
    assert set(place.held()) == place.there()


# Its broken sisters


def test_every_obligation_is_broken_by_some_client() -> None:
    assert {obligation for _, obligation in BROKEN.values()} == BOUND
