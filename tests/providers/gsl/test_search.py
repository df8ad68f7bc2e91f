"""What is special to GSL: tokens at the door, searches with cursors, four shapes of lead, RFC 7807."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mockserver.domain import Category, Enquiry, Kind, replace
from mockserver.providers.gsl.search import DEFAULT_LIMIT
from mockserver.server.app import MockServer
from tests.conftest import AUTH, NOW, MakeClient
from tests.support.gsl import ALL_TIME, CREDENTIALS, DAY, ROUTES, Gsl
from tests.support.in_process import TestClient


@pytest.fixture
def gsl(make_client: MakeClient) -> Gsl:
    """A client of a fresh application over the small world."""
    return Gsl(make_client())


def ids(leads: list[dict[str, Any]]) -> list[str]:
    """Their lead ids."""
    return [lead["leadMetaInfos"]["leadId"] for lead in leads]


@pytest.mark.parametrize(("path", "category"), ROUTES.values(), ids=ROUTES)
def test_each_search_lists_its_category_and_each_lead_is_found_by_its_id(
    gsl: Gsl, path: str, category: Category
) -> None:
    leads = gsl.walk(path)
    assert ids(leads) == [enquiry.uuid for enquiry in gsl.enquiries(category)] != []
    for lead in leads:
        assert gsl.client.get(f"/gsl/v2/leads/{lead['leadMetaInfos']['leadId']}").json() == lead


def test_leads_of_one_classified_are_those_that_name_it(gsl: Gsl) -> None:
    leads = gsl.walk("/v2/leads")
    number = leads[0]["leadMetaInfos"]["classifiedID"]
    expected = [lead for lead in leads if lead["leadMetaInfos"]["classifiedID"] == number]
    assert gsl.walk(f"/v2/leads/classifieds/{number}", None, Limit=1) == expected
    assert gsl.client.post(f"/gsl/v2/leads/classifieds/{number}").status_code in (200, 415)
    assert gsl.client.post("/gsl/v2/leads/classifieds/1", json={}).status_code == 404


@given(
    limit=st.integers(1, 100),
    order=st.sampled_from(["asc", "desc"]),
    first=st.integers(0, 100 * DAY),
    length=st.integers(0, 100 * DAY),
    route=st.sampled_from(sorted(ROUTES)),
)
@hypothesis_settings(max_examples=60)
def test_walking_to_the_end_gives_each_lead_of_the_window_once_and_in_order(
    shared: Gsl, limit: int, order: str, first: int, length: int, route: str
) -> None:
    path, category = ROUTES[route]
    start = NOW - 100 * DAY + first
    window = {"StartDate": start, "EndDate": start + length}
    found = ids(shared.walk(path, window, Limit=limit, Order=order))
    expected = [e.uuid for e in shared.enquiries(category) if start <= e.created_at <= start + length]
    assert found == (expected if order == "asc" else expected[::-1])


@given(limit=st.integers(1, 7), arrivals=st.lists(st.integers(0, 3), min_size=1, max_size=12))
@hypothesis_settings(max_examples=25)
def test_a_walk_is_undisturbed_by_leads_that_arrive(shared: Gsl, limit: int, arrivals: list[int]) -> None:
    before = ids(shared.walk())
    pagination: dict[str, Any] = {"Limit": limit}
    walked: list[str] = []
    for count in [*arrivals, *[0] * len(before)]:
        arrive(shared.app, count)
        answer = shared.search(**pagination)
        walked += ids(answer["Data"]["Items"])
        if "LastItemKey" not in answer["Data"]:
            break
        pagination["LastItemKey"] = answer["Data"]["LastItemKey"]
    assert walked[: len(before)] == before
    assert len(set(walked)) == len(walked)


def arrive(app: MockServer, count: int) -> None:
    """New classified leads, as if from a portal, now."""
    store = app.sandbox.store
    model = store.get(Kind.ENQUIRY, store.ids(Kind.ENQUIRY, 101)[0])
    assert isinstance(model, Enquiry)
    for _ in range(count):
        id = store.next_id(Kind.ENQUIRY)
        update = {"id": id, "uuid": app.sandbox.world.new_uuid(Kind.ENQUIRY, id), "created_at": NOW, "updated_at": NOW}
        store.put(Kind.ENQUIRY, replace(model, **update, category=Category.CLASSIFIED))


@pytest.fixture(scope="module")
def shared() -> Gsl:
    """One client for tests that Hypothesis repeats; they only read, or add."""
    from mockserver.foundation.settings import Settings
    from mockserver.server.app import build

    return Gsl(TestClient(build(Settings(world="small", now=NOW)), base_url="http://127.0.0.1:8080"))


def refused_cursor(gsl: Gsl, cursor: str, **other: Any) -> str:
    """The message of the 400 that a cursor gets."""
    body = {
        "SearchCriteria": other.pop("criteria", ALL_TIME),
        "Pagination": {"Limit": 1, "LastItemKey": cursor, **other},
    }
    answer = gsl.client.post(f"/gsl{other.pop('path', '/v2/leads')}", json=body)
    assert answer.status_code == 400, answer.text
    (error,) = answer.json()["errors"]
    assert error["title"] == "LastItemKey"
    message: str = error["message"]
    return message


def test_a_cursor_is_refused_when_it_is_altered_or_of_another_query(gsl: Gsl, make_client: MakeClient) -> None:
    cursor = gsl.search(Limit=1)["Data"]["LastItemKey"]
    assert gsl.search(Limit=2, LastItemKey=cursor), "the size of the page is free"
    for altered in ("garbage", cursor[:-1], cursor + "A", cursor + "$", "é", cursor.swapcase()):
        assert refused_cursor(gsl, altered).startswith("`LastItemKey`")
    assert "another query" in refused_cursor(gsl, cursor, Order="desc")
    assert "another query" in refused_cursor(gsl, cursor, criteria={**ALL_TIME, "StartDate": 1})
    assert "another query" in refused_cursor(Gsl(make_client(seed=2)), cursor), "another world"


def test_the_documented_refusal_of_a_missing_end_date(gsl: Gsl) -> None:
    answer = gsl.client.post("/gsl/v2/leads", json={"SearchCriteria": {"StartDate": 0}})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json+problem"
    assert answer.json()["errors"] == [{"title": "EndDate", "message": "Missing required parameter 'endDate'."}]
    assert answer.json()["errorSource"] == "body"


BASIC = f"Basic {b64encode(':'.join(AUTH).encode()).decode()}"
JSON_TYPE = {"content-type": "application/json"}
EARLY_END = {"SearchCriteria": {"StartDate": 2, "EndDate": 1}}
ERRORS: list[tuple[str, Callable[[Gsl], Any], int, str]] = [
    ("no token", lambda g: g.client.post("/gsl/v2/leads", json={}, headers={"authorization": ""}), 401, "Unauthorized"),
    ("no such lead", lambda g: g.client.get("/gsl/v2/leads/x"), 404, "Not found"),
    ("no such path", lambda g: g.client.get("/gsl/v1/leads"), 404, "Not found"),
    ("a wrong method", lambda g: g.client.delete("/gsl/v2/leads"), 405, "Method not allowed"),
    ("no JSON", lambda g: g.client.post("/gsl/v2/leads", content="{", headers=JSON_TYPE), 400, "Bad request"),
    ("another type", lambda g: g.client.post("/gsl/v2/leads", content="a"), 415, "Unsupported media type"),
    ("a wrong value", lambda g: g.client.post("/gsl/v2/leads", json={"SearchCriteria": 1}), 400, "Bad request"),
    ("an early end", lambda g: g.client.post("/gsl/v2/leads", json=EARLY_END), 400, "Bad request"),
    ("a path value", lambda g: g.client.post("/gsl/v2/leads/classifieds/x", json={}), 400, "Bad request"),
]


@pytest.mark.parametrize(("call", "status", "title"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_every_error_is_a_problem_of_this_call(gsl: Gsl, call: Callable[[Gsl], Any], status: int, title: str) -> None:
    answer = call(gsl)
    body = answer.json()
    assert (answer.status_code, body["status"], body["title"]) == (status, status, title)
    assert body["instance"] == answer.headers["traceparent"]
    assert body["type"]
    assert body["detail"]


def test_a_traceparent_comes_back_and_a_broken_one_is_replaced(gsl: Gsl) -> None:
    own = "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01"
    assert gsl.client.get("/gsl/v2/leads/x", headers={"traceparent": own}).json()["instance"] == own
    made = [gsl.client.get("/gsl/v2/leads/x", headers={"traceparent": "x"}).headers["traceparent"] for _ in range(2)]
    assert made[0] != made[1]
    assert "x" not in made


def test_a_token_without_the_scope_is_refused_with_403(make_client: MakeClient) -> None:
    gsl = Gsl(make_client())
    app = gsl.app
    token_issuer = app.sandbox.token_issuers["gsl"]
    account = app.sandbox.accounts["gsl"]["mock-gsl-client"]
    token = token_issuer.issue(account, frozenset(), None, "http://127.0.0.1:8080/gsl/", NOW)
    answer = gsl.client.get("/gsl/v2/leads/x", headers={"authorization": f"Bearer {token.access_token}"})
    assert (answer.status_code, answer.json()["title"]) == (403, "Forbidden")
    assert "sufficient permissions" in answer.json()["detail"]


def test_another_customers_lead_is_not_there(gsl: Gsl) -> None:
    store = gsl.app.sandbox.store
    foreign = store.get(Kind.ENQUIRY, store.ids(Kind.ENQUIRY, 103)[0])
    assert isinstance(foreign, Enquiry)
    answer = gsl.client.get(f"/gsl/v2/leads/{foreign.uuid}")
    assert answer.status_code == 404
    assert foreign.uuid in answer.json()["detail"]


def test_the_limit_is_100_by_default_and_at_most(make_client: MakeClient) -> None:
    gsl = Gsl(make_client(world="default"))
    assert DEFAULT_LIMIT == 100
    assert gsl.search()["Count"] == 100
    for limit in (0, 101, "10", 1.5):
        body = {"SearchCriteria": ALL_TIME, "Pagination": {"Limit": limit}}
        assert gsl.client.post("/gsl/v2/leads", json=body).status_code == 400


def test_a_lead_past_its_retention_is_gone(make_client: MakeClient) -> None:
    gsl = Gsl(make_client())
    (oldest, *others) = gsl.enquiries(Category.CLASSIFIED)
    later = Gsl(make_client(now=NOW))
    clock = later.app.sandbox.clock
    clock.set(oldest.expires_at)
    later = Gsl(later.client)  # the first token ended years ago
    assert ids(later.walk()) == [enquiry.uuid for enquiry in others]
    assert later.client.get(f"/gsl/v2/leads/{oldest.uuid}").status_code == 404


def test_the_journal_holds_no_secret_and_no_token(gsl: Gsl) -> None:
    form = "&".join(f"{name}={value}" for name, value in CREDENTIALS.items())
    gsl.client.post("/gsl/oauth/token", content=form, headers={"content-type": "application/x-www-form-urlencoded"})
    gsl.client.post("/gsl/oauth/token", auth=("mock-gsl-client", "mock-gsl-secret"), json={"grant_type": "x"})
    gsl.search(Limit=1)
    del gsl.client.headers["authorization"]
    kept = gsl.client.get("/__admin/journal").text
    assert "issueToken" in kept
    assert "mock-gsl-secret" not in kept
    assert gsl.token.split(".")[2] not in kept
    assert "eyJ" not in kept


@pytest.mark.parametrize("criteria", [{"StartDate": 5}, {"StartDate": 9, "EndDate": 2}, {"StartDate": "x"}, 7])
def test_the_leads_of_a_classified_have_no_window_whatever_is_sent(gsl: Gsl, criteria: Any) -> None:
    number = gsl.search(Limit=1)["Data"]["Items"][0]["leadMetaInfos"]["classifiedID"]
    path = f"/v2/leads/classifieds/{number}"
    assert gsl.search(path, criteria) == gsl.search(path, None)


def test_a_path_value_is_what_it_says_to_the_letter(gsl: Gsl) -> None:
    number = gsl.search(Limit=1)["Data"]["Items"][0]["leadMetaInfos"]["classifiedID"]
    for written in (f"{number}%0A", f"%20{number}", f"+{number}", f"{number}%C2%A0", f"{number}.0"):
        answer = gsl.client.post(f"/gsl/v2/leads/classifieds/{written}", json={})
        assert (answer.status_code, answer.json()["errorSource"]) == (400, "requestParameter"), written


@pytest.mark.parametrize(
    "audience",
    [
        "https://leads.api.groupeseloger.com",
        "https://leads.api.groupeseloger.com/v2/",
        "https://sandbox.leads.api.groupeseloger.com",
        "http://127.0.0.1:8080/gsl",
        "http://127.0.0.1:8080/gsl/v2",
        "http://localhost:8080/gsl",
        "https://mock.internal/gsl/v2/",
        "http://mockserver:18080/~other/gsl",
    ],
)
def test_a_client_may_name_the_api_as_it_knows_it(gsl: Gsl, audience: str) -> None:
    del gsl.client.headers["authorization"]
    token = gsl.client.post("/gsl/oauth/token", json={**CREDENTIALS, "audience": audience}).json()["access_token"]
    assert gsl.client.get("/gsl/v2/leads/x", headers={"authorization": f"Bearer {token}"}).status_code == 404


def test_a_lead_about_a_listing_that_is_not_there_has_no_number(gsl: Gsl) -> None:
    lead = {"reference": "r", "property_reference": "no such"}
    created = gsl.client.post("/apimo/agencies/101/leads", json=lead, headers={"authorization": BASIC}).json()
    enquiry = gsl.app.sandbox.store.get(Kind.ENQUIRY, created["id"])
    assert isinstance(enquiry, Enquiry)
    shown = gsl.client.get(f"/gsl/v2/leads/{enquiry.uuid}").json()["leadMetaInfos"]
    assert shown["leadCategory"] == "CLASSIFIED"
    assert "classifiedID" not in shown


def test_a_reason_of_ours_stands_beside_the_sentence_of_the_provider(gsl: Gsl) -> None:
    body = gsl.client.post("/gsl/v2/leads", content="{", headers=JSON_TYPE).json()
    assert body["detail"] == "Validator could not parse body"
    assert body["mockReason"].startswith("The body is not JSON")
    missing = gsl.client.post("/gsl/v2/leads", content="", headers=JSON_TYPE).json()
    assert missing["detail"] == "Body is not defined"
