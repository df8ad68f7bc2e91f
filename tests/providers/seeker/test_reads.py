"""Seeker Leads over HTTP: lists, details, creation, errors, and every variant (seed 003, dossier seeker)."""

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.contract import load_contract
from mockserver.domain import Category, Condition, Enquiry, Estate, EstateType, Kind, Transaction
from mockserver.foundation.resources import resource
from mockserver.server.app import MockServer
from tests.conftest import AUTH, NOW, MakeClient
from tests.support.gsl import Gsl
from tests.support.in_process import TestClient
from tests.support.receiver import Receiver, Rig
from tests.support.seeker import BASE, CREDENTIALS, DAY, SANDBOX_AUDIENCE, SANDBOX_BASE, Seeker, erase

MakeApp = Callable[..., MockServer]
CONTRACT = load_contract("seeker", resource("contracts", "seeker.yaml"))
ERROR_MEMBERS = {"type", "title", "detail", "instance", "status"}


@pytest.fixture
def seeker(make_client: MakeClient) -> Seeker:
    """A client over the small world."""
    return Seeker(make_client())


def with_variant(make_client: MakeClient, **variants: str) -> Seeker:
    """A client of a sandbox that chose those readings."""
    chosen = {name.replace("_", "-"): value for name, value in variants.items()}
    return Seeker(make_client(variants={"seeker": chosen}))


def estate_of(seeker: Seeker) -> Estate:
    """A listing of the customer."""
    store = seeker.app.sandbox.store
    estate = store.get(Kind.ESTATE, store.ids(Kind.ESTATE, 101)[0])
    assert isinstance(estate, Estate)
    return estate


def new_lead(seeker: Seeker, **changes: Any) -> dict[str, Any]:
    """The body of a creation."""
    return {
        "firstName": "Jane",
        "lastName": "Doe",
        "gender": "FEMALE",
        "email": "test@example.com",
        "phoneNumbers": [{"number": "+33511223344"}],
        "message": "Bonjour",
        "classifiedId": estate_of(seeker).classified_id,
        "submittedDate": "2026-01-01T00:00:00Z",
        **changes,
    }


# Lists


def test_a_list_has_all_categories_mixed_oldest_first_and_every_lead_of_the_world(seeker: Seeker) -> None:
    found = seeker.crawl(NOW - 200 * DAY, NOW, 7)

    expected = seeker.enquiries()
    assert list(found) == [enquiry.uuid for enquiry in expected]
    categories = {lead["metadata"]["leadCategory"] for lead in found.values()}
    assert categories == {"CLASSIFIED", "AGENCY", "PROPERTY_SEARCH"}


def test_pages_are_206_until_the_last_which_is_200_without_next(seeker: Seeker) -> None:
    pages = list(seeker.pages(NOW - 7 * DAY, NOW, 5))

    assert len(pages) > 2
    assert [page.status_code for page in pages] == [206] * (len(pages) - 1) + [200]
    assert ["next" in page.json()["links"] for page in pages] == [True] * (len(pages) - 1) + [False]
    assert all(len(page.json()["items"]) == 5 for page in pages[:-1])
    assert all(page.json()["metadata"] == {"count": len(page.json()["items"]), "limit": 5} for page in pages)


def test_the_link_to_the_next_page_works_as_it_is_at_both_addresses(make_client: MakeClient) -> None:
    for base, audience in ((BASE, "http://127.0.0.1:8080" + BASE), (SANDBOX_BASE, SANDBOX_AUDIENCE)):
        seeker = Seeker(make_client(), base=base, audience=audience)
        first = seeker.leads(limit=5).json()
        assert first["links"]["next"].startswith(f"http://127.0.0.1:8080{base}/leads?")
        second = seeker.client.get(first["links"]["next"])
        assert second.status_code in (200, 206)
        ids = [item["metadata"]["leadId"] for page in (first, second.json()) for item in page["items"]]
        assert ids == [enquiry.uuid for enquiry in seeker.enquiries() if enquiry.created_at >= NOW - 7 * DAY][:10]


def test_the_last_lead_id_will_do_as_start(seeker: Seeker) -> None:
    first = seeker.leads(limit=3).json()
    last = first["items"][-1]["metadata"]["leadId"]
    by_id, by_link = seeker.leads(limit=3, start=last), seeker.client.get(first["links"]["next"])

    assert by_id.json()["items"] == by_link.json()["items"]
    assert seeker.leads(limit=3, cursor=last).json()["items"] == by_link.json()["items"]


def test_twenty_leads_are_the_default_and_a_hundred_the_most(make_client: MakeClient) -> None:
    seeker = Seeker(make_client(world="default"))
    assert len(seeker.leads().json()["items"]) == 20
    assert len(seeker.leads(limit=100).json()["items"]) == 100
    for limit in (0, 101):
        assert seeker.leads(limit=limit).status_code == 400


def test_a_start_that_nothing_follows_is_an_empty_page(seeker: Seeker) -> None:
    last = seeker.enquiries()[-1].uuid
    answer = seeker.leads(start=last)
    assert (answer.status_code, answer.json()["items"]) == (200, [])


@pytest.mark.parametrize(
    ("query", "member"),
    [
        ({}, "/minDate"),
        ({"minDate": "x", "maxDate": 2}, "/minDate"),
        ({"minDate": 5, "maxDate": 4}, "/minDate"),
        ({"minDate": NOW - 7 * DAY - 1, "maxDate": NOW}, "/maxDate"),
        ({"minDate": NOW * 1000, "maxDate": NOW * 1000}, "/minDate"),
        ({"minDate": NOW, "maxDate": NOW, "start": "no cursor"}, "/start"),
        ({"minDate": NOW, "maxDate": NOW, "start": "eyJpbmdlc3Rpb25EYXRlIjoieCIsImxlYWRJZCI6IngifQ=="}, "/start"),
        ({"minDate": NOW, "maxDate": NOW, "start": "MQ=="}, "/start"),
    ],
)
def test_a_period_or_start_that_cannot_be_is_refused_with_the_parameter_named(
    make_client: MakeClient, query: dict[str, Any], member: str
) -> None:
    answer = with_variant(make_client, empty_period="items").get("/leads", **query)

    assert answer.status_code == 400
    body = answer.json()
    assert body.keys() >= ERROR_MEMBERS
    assert body["errors"][0]["name"] == member
    assert body["errorSource"] == "requestParameter"
    assert body["instance"] == answer.headers["traceparent"]


def test_seven_days_to_the_second_are_a_period(seeker: Seeker) -> None:
    assert seeker.leads(NOW - 7 * DAY, NOW).status_code in (200, 206)


def test_a_lead_by_its_id_is_the_one_of_the_list(seeker: Seeker) -> None:
    for id, lead in seeker.crawl(NOW - 200 * DAY, NOW).items():
        assert seeker.get(f"/leads/{id}").json() == lead


def test_a_lead_of_another_customer_is_not_there(seeker: Seeker) -> None:
    store = seeker.app.sandbox.store
    foreign = store.get(Kind.ENQUIRY, store.ids(Kind.ENQUIRY, 103)[-1])
    assert isinstance(foreign, Enquiry)
    answer = seeker.get(f"/leads/{foreign.uuid}")
    assert answer.status_code == 404
    assert answer.json()["detail"] == f"The resource you are trying to operate with doesn't exists: {foreign.uuid}."
    assert foreign.uuid not in seeker.crawl(NOW - 200 * DAY, NOW)


# Creation


def test_a_created_lead_is_in_every_providers_list_when_it_is_due_and_in_none_before(seeker: Seeker) -> None:
    app = seeker.app
    apimo, gsl = TestClient(app), Gsl(TestClient(app, base_url="http://127.0.0.1:8080"))
    apimo.auth = AUTH

    def seen() -> list[int]:
        window = {"StartDate": NOW, "EndDate": NOW + 10}
        found = len(gsl.search(criteria=window)["Data"]["Items"])
        listed = apimo.get("/apimo/agencies/101/leads", params={"timestamp": NOW}).json()["leads"]
        answer = seeker.leads(NOW, NOW + 10)
        return [found, len(listed), len(answer.json()["items"]) if answer.status_code == 200 else 0]

    answer = seeker.post("/leads", new_lead(seeker))
    assert answer.status_code == 200
    assert answer.json().keys() == {"title", "requestId"}
    assert seen() == [0, 0, 0]
    app.sandbox.clock.advance(1)
    assert seen() == [0, 0, 0]
    app.sandbox.clock.advance(1)
    assert seen() == [1, 1, 1]

    (lead,) = seeker.leads(NOW, NOW + 10).json()["items"]
    assert lead["metadata"]["ingestionDate"] == NOW + 2
    assert lead["metadata"]["leadId"] != answer.json()["requestId"]
    assert lead["contactRequest"] == {
        "firstName": "Jane",
        "lastName": "Doe",
        "gender": "FEMALE",
        "email": "test@example.com",
        "language": "FR",
        "phoneNumbers": [{"type": "MOBILE", "number": "+33511223344", "verified": False}],
        "message": "Bonjour",
    }
    assert lead["property"]["classifiedId"] == estate_of(seeker).classified_id


def test_two_leads_that_are_under_way_arrive_in_their_order_and_survive_a_restore(seeker: Seeker) -> None:
    sandbox = seeker.app.sandbox
    first = seeker.post("/leads", new_lead(seeker, lastName="One")).json()["requestId"]
    sandbox.clock.advance(1)
    assert seeker.post("/leads", new_lead(seeker, lastName="Two")).json()["requestId"] != first
    dump = sandbox.dump()
    sandbox.reset()
    seeker.client.headers["authorization"] = f"Bearer {seeker.token}"
    sandbox.clock.advance(10)
    assert seeker.leads(NOW, NOW + 10).status_code == 404
    sandbox.restore(dump)
    sandbox.clock.advance(10)

    leads = seeker.leads(NOW, NOW + 11).json()["items"]
    assert [lead["contactRequest"]["lastName"] for lead in leads] == ["One", "Two"]
    assert [lead["metadata"]["ingestionDate"] for lead in leads] == [NOW + 2, NOW + 3]


def test_a_lead_about_a_listing_that_is_not_there_is_taken_in_and_never_comes(seeker: Seeker) -> None:
    assert seeker.post("/leads", new_lead(seeker, classifiedId="99AAAAAAAAAA")).status_code == 200
    seeker.app.sandbox.clock.advance(100)
    assert seeker.leads(NOW, NOW + 100).status_code == 404
    entry = list(seeker.app.sandbox.journal.entries(operation="createLead"))[-1]
    assert "no lead will come of it" in entry.notes[0]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"lastName": ""}, "/lastName"),
        ({"lastName": "x" * 101}, "/lastName"),
        ({"phoneNumbers": []}, "/phoneNumbers"),
        ({"phoneNumbers": [{"number": "12"}]}, "/phoneNumbers/0/number"),
        ({"classifiedId": "classifiedId"}, "/classifiedId"),
        ({"submittedDate": "submittedDate"}, "/submittedDate"),
        ({"gender": "X"}, "/gender"),
        ({"language": "fr"}, "/language"),
        ({"email": "nobody"}, "/email"),
    ],
)
def test_a_creation_that_breaks_the_schema_is_refused(seeker: Seeker, changes: dict[str, Any], pointer: str) -> None:
    answer = seeker.post("/leads", new_lead(seeker, **changes))
    assert answer.status_code == 400
    assert [error["name"] for error in answer.json()["errors"]] == [pointer]
    assert answer.json()["errorSource"] == "body"


# Views


def test_metadata_says_portal_retention_and_for_an_agency_the_intention(seeker: Seeker) -> None:
    found, portals = seeker.crawl(NOW - 200 * DAY, NOW), set()
    for enquiry in seeker.enquiries():
        meta = found[enquiry.uuid]["metadata"]
        assert (meta["ingestionDate"], meta["TTL"]) == (enquiry.created_at, enquiry.expires_at)
        portals.add(meta["portal"])
        assert ("seekerIntention" in meta) is (meta["leadCategory"] == "AGENCY")
        if meta["leadCategory"] == "AGENCY":
            assert meta["seekerIntention"] == enquiry.intention
    assert len(portals) > 3


def test_property_has_the_shape_of_its_category(seeker: Seeker) -> None:
    shapes: dict[str, set[str]] = {}
    for lead in seeker.crawl(NOW - 200 * DAY, NOW).values():
        shapes.setdefault(lead["metadata"]["leadCategory"], set()).update(lead.get("property", {}))
        assert ("distributionType" in lead) is (lead["metadata"]["leadCategory"] == "PROPERTY_SEARCH")
    programme = {"projectId", "projectOffererEstateId", "projectOffererMarketingKey"}
    assert shapes["CLASSIFIED"] - programme == {"classifiedId", "offererEstateId", "offererMarketingKey"}
    assert {**shapes, "CLASSIFIED": set()} == {
        "CLASSIFIED": set(),
        "AGENCY": set(),
        "PROPERTY_SEARCH": {"estateType", "rooms", "spaces", "budget", "geo"},
    }


def test_a_lead_about_a_new_home_for_sale_names_its_programme_and_no_other_does(make_client: MakeClient) -> None:
    seeker = Seeker(make_client(world="default"))
    store, seen = seeker.app.sandbox.store, dict[str, set[Any]]()
    leads = seeker.crawl(NOW - 120 * DAY, NOW, 100)
    for enquiry in seeker.enquiries():
        estate = store.get(Kind.ESTATE, enquiry.estate) if enquiry.estate is not None else None
        if not isinstance(estate, Estate) or leads[enquiry.uuid]["metadata"]["leadCategory"] != "CLASSIFIED":
            continue
        named = {name: value for name, value in leads[enquiry.uuid]["property"].items() if name.startswith("project")}
        is_new_home = estate.condition is Condition.NEW and estate.type in (EstateType.APARTMENT, EstateType.HOUSE)
        assert len(named) == (3 if is_new_home and estate.transaction is Transaction.BUY else 0)
        if named:
            seen.setdefault(named["projectId"], set()).add((named["projectOffererEstateId"], estate.agency))
    assert seen
    assert {len(programme) for programme in seen.values()} == {1}


def test_a_lead_written_at_another_provider_with_odd_values_is_shown(seeker: Seeker) -> None:
    apimo = TestClient(seeker.app)
    apimo.auth = AUTH
    body = {
        "reference": "x",
        "type": "1",
        "lastname": "L" * 300,
        "language": "xx",
        "email": "a@b",
        "property_reference": "K" * 600,
        "message": "",
    }
    assert apimo.post("/apimo/agencies/101/leads", json=body).status_code == 200
    (lead,) = seeker.leads(NOW, NOW).json()["items"]

    assert lead["contactRequest"] == {"lastName": "L" * 100, "email": "a@b", "phoneNumbers": [], "message": ""}
    assert lead["metadata"]["portal"] == "SLG-FRA"
    assert lead["property"] == {}


# Errors


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/leads/unknown", 404),
        ("GET", "/nothing", 404),
        ("PATCH", "/leads", 405),
        ("GET", "/leads", 400),
        ("POST", "/leads", 415),
        ("GET", "/webhook/subscriptions/x/audit?limit=0", 400),
        ("PUT", "/webhook/subscriptions/x", 415),
    ],
)
def test_every_error_has_all_five_members(seeker: Seeker, method: str, path: str, status: int) -> None:
    answer = seeker.client.request(method, BASE + path)
    body = answer.json()
    assert (answer.status_code, body["status"]) == (status, status)
    assert body.keys() >= ERROR_MEMBERS
    assert answer.headers["content-type"].startswith("application/json")
    assert body["instance"] == answer.headers["traceparent"]


def test_an_error_goes_on_with_the_trace_of_the_client(seeker: Seeker) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01"
    answer = seeker.client.get(f"{BASE}/leads/x", headers={"traceparent": trace})
    assert (answer.json()["instance"], answer.headers["traceparent"]) == (trace, trace)


# Variants


def first_lead(seeker: Seeker, **wanted: Any) -> dict[str, Any]:
    """The first lead of which that is true in the domain."""
    found = seeker.crawl(NOW - 200 * DAY, NOW)
    for enquiry in seeker.enquiries():
        if enquiry.uuid in found and all(getattr(enquiry, name) == value for name, value in wanted.items()):
            lead: dict[str, Any] = found[enquiry.uuid]
            return lead
    return {}


def erased(seeker: Seeker) -> dict[str, Any]:
    """The contact of a seeker who said whether they own, after their erasure."""
    for enquiry in seeker.enquiries():
        person = seeker.person(enquiry)
        if person.is_owner is not None and person.email:
            erase(seeker.app, person.id)
            contact: dict[str, Any] = seeker.get(f"/leads/{enquiry.uuid}").json()["contactRequest"]
            return contact
    raise AssertionError("nobody")


def statuses(seeker: Seeker, count: int) -> list[int]:
    """What that many calls at once get."""
    return [seeker.get("/webhook/subscriptions").status_code for _ in range(count)]


def subscribe(seeker: Seeker) -> int:
    """The status of a new subscription."""
    answer = seeker.post("/webhook/subscriptions", {"url": "http://localhost:1/a", "apiKey": "k"})
    status: int = answer.status_code
    return status


def created(seeker: Seeker, seconds: int) -> bool:
    """Whether a created lead can be seen after that time."""
    seeker.post("/leads", new_lead(seeker))
    seeker.app.sandbox.clock.advance(seconds)
    status: int = seeker.leads(NOW, NOW + 100).status_code
    return status == 200


def on_its_last_second(seeker: Seeker) -> int:
    """What a period gets that ends with a lead."""
    moment = seeker.enquiries()[-1].created_at
    status: int = seeker.leads(moment, moment).status_code
    return status


def scopeless(seeker: Seeker) -> dict[str, Any]:
    """The error of a token without the right."""
    body: dict[str, Any] = Seeker(seeker.client, scope="seeker-leads:leads:create").leads().json()
    return body


def agents(seeker: Seeker) -> list[int]:
    """What calls with no, one and three parts of a User-Agent get."""
    given = ("", "App/1.0", "App/1.0 lib/2 Python/3")
    path = f"{BASE}/webhook/subscriptions"
    return [seeker.client.get(path, headers={"user-agent": agent}).status_code for agent in given]


def headers_of_a_webhook(seeker: Seeker) -> dict[str, str]:
    """Those with which a new lead is told."""
    receiver, rig = Receiver(), Rig(seeker.app)
    rig.subscribe(receiver.url)
    rig.arrive()
    rig.flush()
    rig.close()
    receiver.close()
    return receiver.got[0].headers


OBSERVED: dict[str, tuple[Callable[[Seeker], Any], dict[str, Any]]] = {
    "empty-period": (lambda s: s.leads(1, 2).status_code, {"not-found": 404, "items": 200}),
    "more-pages": (
        lambda s: ((answer := s.leads(limit=2)).status_code, "next" in answer.json()["links"]),
        {"partial": (206, True), "ok": (200, True), "partial-without-link": (206, False)},
    ),
    "pagination": (
        lambda s: set(s.leads(limit=2).json()),
        {"links": {"metadata", "links", "items"}, "generic": {"data", "pagination"}},
    ),
    "result-metadata": (
        lambda s: s.leads(limit=2).json()["metadata"],
        {"counted": {"count": 2, "limit": 2}, "empty": {}},
    ),
    "date-bounds": (on_its_last_second, {"inclusive": 200, "exclusive-end": 404}),
    "error-body": (
        lambda s: set(s.get("/leads/x").json()),
        {"problem": ERROR_MEMBERS, "generic": {"error"}},
    ),
    "error-media-type": (
        lambda s: s.get("/leads/x").headers["content-type"].partition(";")[0],
        {"json": "application/json", "sister": "application/json+problem", "standard": "application/problem+json"},
    ),
    "compression": (
        lambda s: s.client.get(
            f"{BASE}/leads?minDate={NOW - 7 * DAY}&maxDate={NOW}", headers={"accept-encoding": "gzip"}
        ).headers.get("content-encoding"),
        {"gzip": "gzip", "off": None},
    ),
    "token-scopes": (
        lambda s: Seeker(s.client).leads().status_code,
        {"granted": 200, "requested": 403},
    ),
    "bad-scope": (
        lambda s: [(body := scopeless(s))[name] == "Bad Scope" for name in ("title", "detail")] + [body["status"]],
        {"title": [True, False, 403], "detail": [False, True, 403]},
    ),
    "ingestion-delay": (
        lambda s: [created(s, seconds) for seconds in (0, 2, 58)],
        {"none": [True, True, True], "two-seconds": [False, True, True], "minute": [False, False, True]},
    ),
    "unknown-classified": (
        lambda s: s.post("/leads", new_lead(s, classifiedId="99AAAAAAAAAA")).status_code,
        {"accepted": 200, "not-found": 404},
    ),
    "estimations": (
        lambda s: first_lead(s, category=Category.ESTIMATION).get("metadata", {}).get("leadCategory"),
        {"agency": "AGENCY", "property-search": "PROPERTY_SEARCH", "absent": None},
    ),
    "call-tracking": (
        lambda s: first_lead(s, called=True)["metadata"]["leadCategory"],
        {"off": "CLASSIFIED", "on": "CALL_TRACKING"},
    ),
    "is-owner": (
        lambda s: any("isOwner" in lead["contactRequest"] for lead in s.leads(limit=50).json()["items"]),
        {"shown": True, "hidden": False},
    ),
    "erased-contact": (
        lambda s: [(contact := erased(s))["email"] is None, contact["isOwner"] is None],
        {"kept": [False, False], "null": [True, True]},
    ),
    "erased-name": (lambda s: "name" in erased(s), {"absent": False, "null": True}),
    "token-audience": (
        lambda s: s.client.post("/seeker/oauth/token", json=CREDENTIALS, headers={"authorization": ""}).status_code,
        {"required": 403, "defaulted": 200},
    ),
    "user-agent": (
        agents,
        {"any": [200, 200, 200], "present": [403, 200, 200], "three-parts": [403, 403, 200]},
    ),
    "rate-limit": (lambda s: statuses(s, 12)[-2:], {"off": [200, 200], "documented": [429, 429]}),
    "subscription-status": (subscribe, {"created": 201, "ok": 200}),
    "duplicate-subscription": (lambda s: [subscribe(s), subscribe(s)], {"allowed": [201, 201], "refused": [201, 409]}),
    "webhook-signature": (lambda s: "x-signature" in headers_of_a_webhook(s), {"absent": False, "hmac-sha256": True}),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, (_, expected) in OBSERVED.items() for value in expected],
)
def test_each_variant_does_what_it_says(make_client: MakeClient, name: str, value: str) -> None:
    observe, expected = OBSERVED[name]
    # One of the first enquiries of the default world rang; in the small one nobody did.
    world = "default" if name == "call-tracking" else "small"
    client = make_client(world=world, variants={"seeker": {name: value}})
    client.headers["user-agent"] = "App/1.0 lib/2 Python/3"
    assert observe(Seeker(client)) == expected[value]


def test_every_variant_of_the_contract_is_observed() -> None:
    assert {name: set(expected) for name, (_, expected) in OBSERVED.items()} == {
        name: set(variant.values) for name, variant in CONTRACT.variants.items()
    }


def test_a_walk_by_the_generic_form_finds_the_same_leads(make_client: MakeClient) -> None:
    seeker = with_variant(make_client, pagination="generic")
    found: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        body = seeker.leads(limit=4, **cursor).json()
        found += [lead["metadata"]["leadId"] for lead in body["data"]]
        if not body["pagination"]["hasMore"]:
            break
        cursor = {"cursor": body["pagination"]["nextCursor"]}
    assert found == [enquiry.uuid for enquiry in seeker.enquiries() if enquiry.created_at >= NOW - 7 * DAY]


def test_a_walk_without_links_finds_the_same_leads(make_client: MakeClient) -> None:
    seeker = with_variant(make_client, more_pages="partial-without-link")
    assert len(seeker.crawl(NOW - 200 * DAY, NOW, 3)) == len(seeker.enquiries())


def test_the_eleventh_request_in_200_ms_is_refused_and_the_next_window_is_free(make_client: MakeClient) -> None:
    seeker = with_variant(make_client, rate_limit="documented")
    assert statuses(seeker, 11) == [200] * 10 + [429]
    refused = seeker.get("/webhook/subscriptions")
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["title"] == "Too many requests"
    seeker.app.sandbox.clock.advance(0.2)
    assert statuses(seeker, 11) == [200] * 10 + [429]


def test_a_call_is_answered_or_missed_and_a_missed_one_has_no_contact(make_client: MakeClient) -> None:
    seeker = Seeker(make_client(world="default", variants={"seeker": {"call-tracking": "on"}}))
    found = seeker.crawl(NOW - 120 * DAY, NOW)
    calls = [found[enquiry.uuid] for enquiry in seeker.enquiries() if enquiry.called]

    assert len(calls) > 5
    for call in calls:
        assert call["metadata"]["leadCategory"] == "CALL_TRACKING"
        answered = call["callDetails"]["status"] == "ANSWERED"
        assert (call["contactRequest"] is not None) is answered
        assert (call["callDetails"]["duration"] is not None) is answered
    assert {call["callDetails"]["status"] for call in calls} == {"ANSWERED", "MISSED"}


def test_an_address_that_the_format_does_not_allow_is_left_out(seeker: Seeker) -> None:
    apimo = TestClient(seeker.app)
    apimo.auth = AUTH
    body = {"reference": "x", "type": "1", "lastname": "L", "email": "jérôme@exemple.fr", "message": "Bonjour"}
    assert apimo.post("/apimo/agencies/101/leads", json=body).status_code == 200
    (lead,) = seeker.leads(NOW, NOW).json()["items"]
    assert "email" not in lead["contactRequest"]
