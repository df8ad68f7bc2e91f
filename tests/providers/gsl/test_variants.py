"""Each variant of GSL's contract, in each of its readings; an overlay that moves operations; envelopes and traces."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.contract import load_contract
from mockserver.domain import Category, Enquiry, Estate, Kind, Person
from mockserver.foundation.resources import resource
from tests.conftest import NOW, MakeClient
from tests.support.gsl import ALL_TIME, CREDENTIALS, DAY, ROUTES, SCOPE, Gsl
from tests.support.in_process import TestClient

CONTRACT = load_contract("gsl", resource("contracts", "gsl.yaml"))
READINGS = [(name, value) for name, variant in CONTRACT.variants.items() for value in variant.values]
BASE = "http://127.0.0.1:8080"
SEARCH = "/gsl/v2/leads"
NO_END = {"SearchCriteria": {"StartDate": 0}}


def token_without_scope(gsl: Gsl) -> str:
    """A good token that carries nothing."""
    sandbox = gsl.app.sandbox
    account = sandbox.accounts["gsl"]["mock-gsl-client"]
    token: str = sandbox.token_issuers["gsl"].issue(account, frozenset(), None, f"{BASE}/gsl/", NOW).access_token
    return token


def errors(gsl: Gsl) -> dict[int, Any]:
    """An answer of each error status that a client can bring about. The body limit must be its default."""
    client = gsl.client
    return {
        400: client.post(SEARCH, json=NO_END),
        401: client.post(SEARCH, json={}, headers={"authorization": "Bearer x"}),
        403: client.get(f"{SEARCH}/x", headers={"authorization": f"Bearer {token_without_scope(gsl)}"}),
        404: client.get(f"{SEARCH}/x"),
        405: client.delete(SEARCH),
        413: client.post(SEARCH, content=b" " * (1024 * 1024 + 1), headers={"content-type": "application/json"}),
        415: client.post(SEARCH, content="<a/>", headers={"content-type": "text/xml"}),
    }


def journal(gsl: Gsl) -> list[dict[str, Any]]:
    """The entries of the journal, oldest first."""
    entries: list[dict[str, Any]] = gsl.client.get("/__admin/journal", headers={"authorization": ""}).json()["entries"]
    return entries


# What is observed of each variant


def error_items(gsl: Gsl) -> Any:
    return gsl.client.post(SEARCH, json=NO_END).json()["errors"]


def error_media_type(gsl: Gsl) -> Any:
    return {status: answer.headers["content-type"] for status, answer in errors(gsl).items()}


def token_scopes(gsl: Gsl) -> Any:
    """The scopes of a token for which none was asked, and what a call with it gets."""
    asked = {name: value for name, value in CREDENTIALS.items() if name != "scope"}
    token = gsl.client.post("/gsl/oauth/token", json=asked, headers={"authorization": ""}).json()
    bearer = {"authorization": f"Bearer {token['access_token']}"}
    return token["scope"], gsl.client.post(SEARCH, json={"SearchCriteria": ALL_TIME}, headers=bearer).status_code


def compression(gsl: Gsl) -> Any:
    """The encodings of a long body for who takes gzip and for who does not, and of a short one."""
    found = []
    for path, takes in ((SEARCH, "gzip"), (SEARCH, "identity"), ("/gsl/x", "gzip")):
        answer = gsl.client.post(path, json={"SearchCriteria": ALL_TIME}, headers={"accept-encoding": takes})
        assert answer.headers["vary"] == "Accept-Encoding"
        found.append(answer.headers.get("content-encoding"))
    return found


def last_item_key(gsl: Gsl) -> Any:
    """What it is on the last page and on an empty one. On those before, it always is a text."""
    first = gsl.search(Limit=1)["Data"]
    assert first["LastItemKey"]
    empty = gsl.search(criteria={"StartDate": 0, "EndDate": 0})["Data"]
    return [data.get("LastItemKey", "left out") for data in (gsl.search()["Data"], empty)]


def count(gsl: Gsl) -> Any:
    """Whether it is the number of items of each page, and whether it is the number of all of them."""
    total = len(gsl.enquiries(Category.CLASSIFIED))
    counts, sizes = [], []
    pagination: dict[str, Any] = {"Limit": 5}
    while True:
        answer = gsl.search(**pagination)
        counts.append(answer["Count"])
        sizes.append(len(answer["Data"]["Items"]))
        if "LastItemKey" not in answer["Data"]:
            return counts == sizes, counts == [total] * len(sizes)
        pagination["LastItemKey"] = answer["Data"]["LastItemKey"]


def date_unit(gsl: Gsl) -> Any:
    """What a window finds in seconds and then in milliseconds, each with the notes of the journal."""
    seen = []
    for scale in (1, 1000):
        criteria = {"StartDate": (NOW - 400 * DAY) * scale, "EndDate": NOW * scale}
        found = gsl.search(criteria=criteria)["Count"]
        notes = [note for note in journal(gsl)[-1]["notes"] if "date-unit" in note]
        seen.append((found > 10, [note.partition(" ")[0] + note.partition(";")[2] for note in notes]))
    return seen


def date_bounds(gsl: Gsl) -> Any:
    """How many leads of four a window has that begins with the second and ends with the last; and one of a second."""
    four = gsl.enquiries(Category.CLASSIFIED)[:4]
    moments = [enquiry.created_at for enquiry in four]
    assert moments == sorted(set(moments))
    windows = [(moments[1], moments[3]), (moments[1] + 1, moments[3] + 1), (moments[1], moments[1])]
    return [gsl.search(criteria={"StartDate": start, "EndDate": end})["Count"] for start, end in windows]


def search_leads(gsl: Gsl) -> Any:
    """The categories that each of the two searches for classified leads finds; all leads by their creation."""
    leads = gsl.walk("/v2/leads", Limit=7)
    assert [lead["leadMetaInfos"]["creationDate"] for lead in leads] == sorted(
        lead["leadMetaInfos"]["creationDate"] for lead in leads
    )
    both = (leads, gsl.walk("/v2/leads/classifieds"))
    return [sorted({lead["leadMetaInfos"]["leadCategory"] for lead in found}) for found in both]


def empty_result(gsl: Gsl) -> Any:
    """Statuses of searches that find nothing, the last one of a listing; of one that finds something; of an order."""
    store = gsl.app.sandbox.store
    asked = {enquiry.estate for enquiry in gsl.enquiries(Category.CLASSIFIED)}
    estates = [store.get(Kind.ESTATE, id) for id in store.ids(Kind.ESTATE, 101) if id not in asked]
    lonely = next(estate.classified_number for estate in estates if isinstance(estate, Estate))
    nothing = {"SearchCriteria": {"StartDate": 0, "EndDate": 1}}
    answers = [gsl.client.post(f"/gsl{path}", json=nothing) for path, _ in ROUTES.values()]
    answers.append(gsl.client.post(f"{SEARCH}/classifieds/{lonely}", json={}))
    answers.append(gsl.client.post(SEARCH, json={"SearchCriteria": ALL_TIME}))
    for answer in answers[:-1]:
        assert answer.json().get("title") == "Not found" or answer.json() == {"Data": {"Items": []}, "Count": 0}
    return [answer.status_code for answer in answers]


def erased_contact(gsl: Gsl) -> Any:
    """What is left of two contacts, an ordinary one and that of a project, but for the e-mail address."""
    store, left = gsl.app.sandbox.store, []
    for category in (Category.CLASSIFIED, Category.PROPERTY_SEARCH):
        enquiry = gsl.enquiries(category)[0]
        person = store.get(Kind.PERSON, enquiry.seeker)
        assert isinstance(person, Person)
        before = gsl.client.get(f"{SEARCH}/{enquiry.uuid}").json()["contactRequest"]
        kept = {name: getattr(person, name) for name in ("id", "agency", "created_at", "updated_at", "role", "email")}
        store.put(Kind.PERSON, Person(**kept, language=None, erased=True))
        contact = gsl.client.get(f"{SEARCH}/{enquiry.uuid}").json()["contactRequest"]
        route = next(path for path, of in ROUTES.values() if of is category)
        assert contact == gsl.walk(route)[0]["contactRequest"] != before, "the list says the same"
        for holder in (contact, contact.get("personContact") or {}):
            holder.pop("email", None)
        left.append({name: value for name, value in contact.items() if value != {}})
    return left


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """The value and every object in it, but for those in additional members."""
    if isinstance(value, dict):
        yield value
        for name, member in value.items():
            if not name.startswith("mockExtra"):
                yield from objects(member)
    elif isinstance(value, list):
        for item in value:
            yield from objects(item)


def additional_members(gsl: Gsl) -> Any:
    """Whether all objects of all answers have some, or none has: leads, lists, errors, tokens, keys, metadata."""
    client = gsl.client
    answers = [client.post(f"/gsl{path}", json={"SearchCriteria": ALL_TIME}) for path, _ in ROUTES.values()]
    answers.append(client.get(f"{SEARCH}/{gsl.enquiries(Category.PROPERTY_SEARCH)[0].uuid}"))
    answers += errors(gsl).values()
    answers += [
        client.post("/gsl/oauth/token", json=CREDENTIALS, headers={"authorization": ""}),
        client.post("/gsl/oauth/token", json={}, headers={"authorization": ""}),
    ]
    answers += [client.get(f"/gsl/.well-known/{name}") for name in ("openid-configuration", "jwks.json")]
    per_answer = [list(objects(answer.json())) for answer in answers]
    assert sum(map(len, per_answer)) > 500
    return {any(name.startswith("mockExtra") for name in each) for found in per_answer for each in found}


TITLES = [{"title": "EndDate", "message": "Missing required parameter 'endDate'."}]
NAMES = [{"name": "EndDate", "reason": "Missing required parameter 'endDate'."}]
STATUSES = (400, 401, 403, 404, 405, 413, 415)
SISTER = {**dict.fromkeys(STATUSES, "application/json+problem"), 401: "application/json; charset=utf-8"}
EVERY = sorted(["CLASSIFIED", "AGENCY", "ESTIMATION", "PROPERTY_SEARCH"])
NULLS = {"fullName": None, "phoneNumber": None, "message": None}
PERSON_NULLS = {"fullName": None, "phoneNumber": None, "salutation": None, "adresse": None}
PROJECT_NULLS = {
    "personContact": PERSON_NULLS,
    **dict.fromkeys(("message", "personnalStatus", "borrowingCapacities")),
}


def wrong(unit: str, other: str) -> tuple[bool, list[str]]:
    """Nothing found, and the notes on a window in the other unit."""
    ending = f" it was read as {unit} (variant gsl.date-unit)"
    return False, [f"{name}{ending}" for name in ("StartDate", "EndDate")]


OBSERVED: dict[str, tuple[Callable[[Gsl], Any], dict[str, Any]]] = {
    "error-items": (error_items, {"title-message": TITLES, "name-reason": NAMES}),
    "error-media-type": (
        error_media_type,
        {"sister": SISTER, "standard": dict.fromkeys(STATUSES, "application/problem+json")},
    ),
    "token-scopes": (token_scopes, {"requested": ("", 403), "granted": (SCOPE, 200)}),
    "compression": (compression, {"gzip": ["gzip", None, None], "off": [None] * 3}),
    "last-item-key": (
        last_item_key,
        {"absent": ["left out", "left out"], "null": [None, None], "empty": ["", ""]},
    ),
    "count": (count, {"page": (True, False), "total": (False, True)}),
    "date-unit": (
        date_unit,
        {
            "seconds": [(True, []), wrong("seconds", "milliseconds")],
            "milliseconds": [wrong("milliseconds", "seconds"), (True, [])],
        },
    ),
    "date-bounds": (date_bounds, {"inclusive": [3, 2, 1], "exclusive-end": [2, 2, 0]}),
    "search-leads": (search_leads, {"classified": [["CLASSIFIED"], ["CLASSIFIED"]], "all": [EVERY, ["CLASSIFIED"]]}),
    "empty-result": (empty_result, {"items": [200] * 7, "not-found": [404] * 6 + [200]}),
    "erased-contact": (erased_contact, {"absent": [{}, {}], "null": [NULLS, PROJECT_NULLS]}),
    "additional-members": (additional_members, {"off": {False}, "on": {True}}),
}


@pytest.mark.parametrize(("name", "value"), READINGS)
def test_a_variant_does_what_it_says(name: str, value: str, make_client: MakeClient) -> None:
    observe, expected = OBSERVED[name]

    assert observe(Gsl(make_client(variants={"gsl": {name: value}}))) == expected[value]


@pytest.mark.parametrize("name", CONTRACT.variants)
def test_without_a_choice_the_default_holds(name: str, make_client: MakeClient) -> None:
    observe, expected = OBSERVED[name]

    assert observe(Gsl(make_client())) == expected[CONTRACT.variants[name].default]


def test_every_variant_is_observed_in_all_of_its_readings_and_each_is_different() -> None:
    observed = [(name, value) for name, (_, expected) in OBSERVED.items() for value in expected]

    assert sorted(observed) == sorted(READINGS)
    for _, expected in OBSERVED.values():
        outcomes = list(expected.values())
        assert all(outcomes.count(outcome) == 1 for outcome in outcomes)


def test_a_walk_is_whole_in_every_reading_at_once(make_client: MakeClient) -> None:
    others = {
        variant.name: next(value for value in variant.values if value != variant.default)
        for variant in CONTRACT.variants.values()
    }
    others["last-item-key"] = "empty"
    gsl = Gsl(make_client(variants={"gsl": others}))
    criteria = {name: moment * 1000 for name, moment in ALL_TIME.items()}
    found: list[str] = []
    pagination: dict[str, Any] = {"Limit": 9}
    while True:
        answer = gsl.search(criteria=criteria, **pagination)
        found += [lead["leadMetaInfos"]["leadId"] for lead in answer["Data"]["Items"]]
        pagination["LastItemKey"] = answer["Data"]["LastItemKey"]
        if not pagination["LastItemKey"]:
            break

    assert found == [enquiry.uuid for enquiry in gsl.enquiries(*Category)]
    assert answer["Count"] == len(found)


def test_milliseconds_are_compared_as_milliseconds(make_client: MakeClient) -> None:
    gsl = Gsl(make_client(variants={"gsl": {"date-unit": "milliseconds"}}))
    lead: Enquiry = gsl.enquiries(Category.CLASSIFIED)[3]
    at = lead.created_at * 1000
    windows = {(at, at): 1, (at - 1, at - 1): 0, (at + 1, at + 999): 0, (at - 999, at): 1, (at, at + 999): 1}

    for (start, end), expected in windows.items():
        assert gsl.search(criteria={"StartDate": start, "EndDate": end})["Count"] == expected


def test_the_note_on_the_other_unit_names_value_unit_and_variant(make_client: MakeClient) -> None:
    gsl = Gsl(make_client())
    gsl.search(criteria={"StartDate": 0, "EndDate": NOW * 1000})

    assert [note for note in journal(gsl)[-1]["notes"] if "date-unit" in note] == [
        f"EndDate {NOW * 1000} can only be milliseconds; it was read as seconds (variant gsl.date-unit)"
    ], "0 is the same in both units"


def test_a_note_says_which_lists_there_are_beside_the_one_that_looks_like_all_leads(make_client: MakeClient) -> None:
    gsl, of_all = (Gsl(make_client(variants={"gsl": {"search-leads": reading}})) for reading in ("classified", "all"))
    for api in (gsl, of_all):
        api.search("/v2/leads")
    notes = journal(gsl)[-1]["notes"]
    assert len(notes) == 1
    assert "classified leads alone (variant gsl.search-leads); agencies, estimations and projects" in notes[0]
    assert journal(of_all)[-1]["notes"] == []
    gsl.search("/v2/leads/classifieds")
    assert journal(gsl)[-1]["notes"] == []


def test_the_api_page_says_of_which_leads_the_published_address_says_nothing(make_client: MakeClient) -> None:
    page = make_client().get("/__admin/contracts/gsl").json()
    said = page["paths"]["/v2/leads"]["post"]["description"]
    assert "says nothing of the leads of agencies, estimations and projects" in said


# Corrections by who holds the real document


@pytest.fixture
def moved(tmp_path: Path) -> Callable[..., Path]:
    """Writes an overlay that moves paths, and says of the moved operations that they are documented now."""

    def write(**moves: str) -> Path:
        actions: list[dict[str, Any]] = []
        for operation, new in moves.items():
            known = CONTRACT.operations[operation]
            method = known.method.lower()
            actions += [
                {"target": "$.paths", "update": {new: {}}},
                {"target": f"$.paths['{new}']", "copy": f"$.paths['{known.path}']"},
                {"target": f"$.paths['{known.path}']", "remove": True},
                {
                    "target": f"$.paths['{new}'].{method}['x-fidelity']",
                    "update": {"level": "documented", "source": "the real document"},
                },
            ]
        path = tmp_path / "overlay.yaml"
        document = {"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": actions}
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        return path

    return write


def test_a_moved_search_takes_handler_document_ledger_and_journal_with_it(
    moved: Callable[..., Path], make_client: MakeClient
) -> None:
    old, new = "/v2/leads/agencies", "/v2/agency-leads/search"
    plain = Gsl(make_client())
    gsl = Gsl(make_client(overlays={"gsl": (moved(searchAgencyLeads=new),)}))

    leads = gsl.walk(new, Limit=2)
    assert leads == plain.walk(old) != []
    assert gsl.client.post(f"/gsl{new}", json=NO_END).json()["errors"] == TITLES
    assert gsl.client.post(f"/gsl{new}", json=NO_END, headers={"authorization": ""}).status_code == 401
    # The old address is now that of a lead with a strange id.
    assert gsl.client.post(f"/gsl{old}", json={"SearchCriteria": ALL_TIME}).status_code == 405
    assert gsl.client.get(f"/gsl{old}").status_code == 404

    client: TestClient = gsl.client
    del client.headers["authorization"]
    paths = client.get("/__admin/contracts/gsl").json()["paths"]
    assert old not in paths
    assert paths[new]["post"]["operationId"] == "searchAgencyLeads"
    ledger = [row for row in client.get("/__admin/fidelity").json()["rows"] if row["operation"] == "searchAgencyLeads"]
    assert ("documented", "the real document") in {(row["level"], row["source"]) for row in ledger}
    rows = client.get("/__admin/fidelity").json()["rows"]
    assert {row["operation"] for row in rows if row["source"] == "the real document"} == {"searchAgencyLeads"}
    index = client.get("/").json()["providers"]["gsl"]["operations"]
    assert {"id": "searchAgencyLeads", "method": "POST", "path": f"/gsl{new}"} in index
    pages = -(-len(leads) // 2)
    calls = [(call["operation"], call["path"], call["status"]) for call in journal(gsl)[1:]]
    assert calls == [
        *[("searchAgencyLeads", new, 200)] * pages,
        ("searchAgencyLeads", new, 400),
        ("searchAgencyLeads", new, 401),
        (None, old, 405),
        ("getLeadById", old, 404),
    ]


def test_discovery_follows_a_token_endpoint_and_a_key_set_that_were_moved(
    moved: Callable[..., Path], make_client: MakeClient
) -> None:
    overlay = moved(issueToken="/v2/token", jwks="/keys")
    client = make_client(overlays={"gsl": (overlay,)})
    client.auth = ("mock-gsl-client", "mock-gsl-secret")
    known = client.get("/gsl/.well-known/openid-configuration").json()

    assert (known["token_endpoint"], known["jwks_uri"]) == (f"{BASE}/gsl/v2/token", f"{BASE}/gsl/keys")
    assert client.post(known["token_endpoint"], data={"grant_type": "client_credentials"}).status_code == 200
    assert client.post(known["token_endpoint"], data={}).json()["error"] == "invalid_request"
    assert client.get(known["jwks_uri"]).json()["keys"]
    assert client.post("/gsl/oauth/token", json=CREDENTIALS).status_code == 404


# What is refused, and how


@pytest.mark.parametrize("path", [path for path, _ in ROUTES.values()])
@pytest.mark.parametrize(
    ("criteria", "missing"),
    [
        ({"StartDate": 0}, [("EndDate", "endDate")]),
        ({"EndDate": 0}, [("StartDate", "startDate")]),
        ({}, [("EndDate", "endDate"), ("StartDate", "startDate")]),
        (None, [("SearchCriteria", "searchCriteria")]),
    ],
)
def test_every_search_says_what_is_missing_in_the_published_words(
    make_client: MakeClient, path: str, criteria: Any, missing: list[tuple[str, str]]
) -> None:
    gsl = Gsl(make_client())
    body = {} if criteria is None else {"SearchCriteria": criteria}
    answer = gsl.client.post(f"/gsl{path}", json=body)

    assert answer.status_code == 400
    said = sorted((entry["title"], entry["message"]) for entry in answer.json()["errors"])
    assert said == [(name, f"Missing required parameter '{word}'.") for name, word in missing]
    assert (answer.json()["title"], answer.json()["errorSource"]) == ("Bad request", "body")
    assert answer.json()["detail"] == "Your request has not been validated"


SISTER_SAYS = {
    400: "Your request has not been validated",
    401: "Invalid token. Please check your authentication token, it can either be not valid or expired.",
    403: "You don't have sufficient permissions to perform this action. "
    "Please check the scopes set in your authentication token.",
    404: "The resource you are trying to operate with doesn't exists: x.",
}
TITLE_OF = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    413: "Payload too large",
    415: "Unsupported media type",
}


@pytest.mark.parametrize("media", ["sister", "standard"])
def test_each_error_has_its_envelope_its_words_and_its_headers(make_client: MakeClient, media: str) -> None:
    answers = errors(Gsl(make_client(variants={"gsl": {"error-media-type": media}})))

    assert tuple(answers) == STATUSES
    for status, answer in answers.items():
        body = answer.json()
        assert answer.status_code == body["status"] == status
        assert body["title"] == TITLE_OF[status]
        assert body["detail"] == SISTER_SAYS.get(status, body["detail"])
        assert bool(body.get("mockReason")) is (status in (401, 403)), "where the sentence of the sister says less"
        assert body["instance"] == answer.headers["traceparent"]
        assert body["type"].endswith("#section/Errors/Validation-Error" if status == 400 else "about:blank")
        assert ("errors" in body) is (status == 400)
        assert body.get("errorSource") == {400: "body", 415: "contentType"}.get(status)
        assert ("www-authenticate" in answer.headers) is (status in (401, 403))
    assert answers[401].headers["www-authenticate"].startswith('Bearer realm="gsl", error="invalid_token"')
    assert 'error="insufficient_scope"' in answers[403].headers["www-authenticate"]
    assert 'scope="laas:leads:get"' in answers[403].headers["www-authenticate"]
    assert answers[405].headers["allow"] == "OPTIONS, POST"
    assert "1048576 bytes" in answers[413].json()["detail"]
    assert "application/json" in answers[415].json()["detail"]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (b"", "Body is not defined"),
        (b" ", "Body is not defined"),
        (b"{", "Validator could not parse body"),
        (b'{"a": NaN}', "Validator could not parse body"),
        (b'{"a": 1, "a": 2}', "Validator could not parse body"),
        (b"\xff", "Validator could not parse body"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_the_words_of_the_sister(
    make_client: MakeClient, sent: bytes, says: str
) -> None:
    gsl = Gsl(make_client())
    answer = gsl.client.post(SEARCH, content=sent, headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["title"], answer.json()["type"]) == (400, "Bad request", "about:blank")
    assert answer.json()["detail"] == says
    assert "errors" not in answer.json()


@pytest.mark.parametrize("limit", ["10", "10.0", "1e1"])
def test_a_whole_number_is_a_whole_number_however_it_is_written(make_client: MakeClient, limit: str) -> None:
    gsl = Gsl(make_client())
    body = f'{{"SearchCriteria": {{"StartDate": 0.0, "EndDate": {NOW}.0}}, "Pagination": {{"Limit": {limit}}}}}'
    answer = gsl.client.post(SEARCH, content=body, headers={"content-type": "application/json"})

    assert answer.json() == gsl.search(criteria={"StartDate": 0, "EndDate": NOW}, Limit=10)


GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01"


def test_a_trace_that_is_given_comes_back_with_every_answer(make_client: MakeClient) -> None:
    gsl = Gsl(make_client())
    gsl.client.headers["traceparent"] = GIVEN
    lead = gsl.search()["Data"]["Items"][0]["leadMetaInfos"]["leadId"]
    good = [
        gsl.client.get(f"{SEARCH}/{lead}"),
        gsl.client.post(SEARCH, json={"SearchCriteria": ALL_TIME}),
        gsl.client.get("/gsl/.well-known/jwks.json"),
        gsl.client.post("/gsl/oauth/token", json=CREDENTIALS, headers={"authorization": ""}),
        gsl.client.request("OPTIONS", SEARCH),
        gsl.client.head(f"{SEARCH}/{lead}"),
    ]

    assert [answer.status_code for answer in good] == [200, 200, 200, 200, 204, 200]
    assert {answer.headers["traceparent"] for answer in (*good, *errors(gsl).values())} == {GIVEN}
    assert {answer.json()["instance"] for answer in errors(gsl).values()} == {GIVEN}


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x",
        GIVEN.upper(),
        GIVEN[:-1],
        f"{GIVEN}-more",
        f"ff{GIVEN[2:]}",
        f"00-{'0' * 32}-b9c7c989f97918e1-01",
        f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
        GIVEN.replace("0af7", "é0af7"),
    ],
)
def test_what_is_no_trace_is_replaced_by_one_of_this_call(make_client: MakeClient, given: str) -> None:
    gsl = Gsl(make_client())
    headers = {b"traceparent": given.encode()}
    answers = [gsl.client.get(f"{SEARCH}/x", headers=headers) for _ in range(2)]
    traces = [answer.headers["traceparent"] for answer in answers]

    assert [answer.json()["instance"] for answer in answers] == traces
    assert traces[0] != traces[1]
    assert given not in traces
    assert all(len(trace) == len(GIVEN) and trace.startswith("00-") for trace in traces)


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/xml;q=1, application/json;q=0", "image/png", "*/*;q=0", "nonsense", ""],
)
def test_what_a_client_says_it_accepts_changes_nothing(make_client: MakeClient, accept: str) -> None:
    plain, asking = Gsl(make_client()), Gsl(make_client())
    asking.client.headers["accept"] = accept

    assert asking.search() == plain.search()
    for mine, other in zip(errors(asking).values(), errors(plain).values(), strict=True):
        assert (mine.status_code, mine.headers["content-type"]) == (other.status_code, other.headers["content-type"])
        assert mine.json() == other.json()
