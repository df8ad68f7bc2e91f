"""What is special to Apimo when it is read: types, lists, catalogs, times, refusals, quota, variants."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.contract import load_contract
from mockserver.contract.examples import check_examples, examples
from mockserver.foundation.resources import resource
from mockserver.providers.apimo.times import from_paris, next_midnight, to_paris
from mockserver.server.app import MockServer
from tests.conftest import AUTH, NOW
from tests.support.in_process import TestClient

MakeApp = Callable[..., MockServer]
MakeClient = Callable[..., TestClient]

AGENCY = "/apimo/agencies/101"
CONTRACT = load_contract("apimo", resource("contracts", "apimo.yaml"))


def notes(client: TestClient) -> list[str]:
    """What the journal says of the last call."""
    found: list[str] = client.get("/__admin/journal").json()["entries"][-1]["notes"]
    return found


def listed(client: TestClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """The items of a list."""
    reply = client.get(path, params=query)
    assert reply.status_code == 200, reply.text
    body = reply.json()
    items: list[dict[str, Any]] = body if isinstance(body, list) else next(v for v in body.values() if type(v) is list)
    assert items, f"{path} is empty"
    return items


# ---------------------------------------------------------------------------------------------------------- types

TEXT = (str, NoneType)
WHOLE = (int, NoneType)
NUMBER = (int, float, NoneType)
OBJECT = (dict, NoneType)

LEAD: dict[str, Any] = {
    **dict.fromkeys(["id", "provider"], int),
    **dict.fromkeys(["type", "step", "date", "reference", "agency", "message", "created_at", "updated_at"], str),
    **dict.fromkeys(["parent", "property", "request", "user"], WHOLE),
    **dict.fromkeys(["lastname", "firstname", "email", "phone", "fax", "mobile", "language", "contact"], TEXT),
    **dict.fromkeys(["start_at", "end_at", "method", "country", "referral", "subreferral"], TEXT),
    **dict.fromkeys([f"property_{part}" for part in ("address", "address_more", "zipcode", "city", "country")], TEXT),
    **dict.fromkeys(["property_view_landscape", "property_view_type"], WHOLE),
    **dict.fromkeys(["opened", "assigned", "closed"], OBJECT),
    "criteria": {
        "category": WHOLE,
        "area": {"min": NUMBER, "max": NUMBER},
        "room": {"min": WHOLE, "max": WHOLE},
        "price": {"min": NUMBER, "max": NUMBER, "currency": TEXT},
        **dict.fromkeys(["cities", "locations", "types"], list),
        "subtype": WHOLE,
    },
}
"""Dossier §2.1: the 25 members of the published page and those of the provider's own example."""

REQUEST: dict[str, Any] = {
    "id": int,
    **dict.fromkeys(["active", "auto", "validated"], bool),
    **dict.fromkeys(["contact", "user", "category", "country", "rooms_operator", "margin"], str),
    **dict.fromkeys(["comment", "free_criteria", "created_at", "created_by", "updated_at", "updated_by"], str),
    **dict.fromkeys(["last_action", "subcategory", "subtype", "referral", "subreferral", "sector", "zone"], TEXT),
    **dict.fromkeys(["ranking", "rooms", "bedrooms", "standing", "condition", "availability"], WHOLE),
    **dict.fromkeys(["types", "locations", "areas", "proximities", "services", "activities", "tags"], list),
    "tags_customized": list,
    "coordinates": OBJECT,
    "emailing": {"subscription": str, "last_at": TEXT},
    "view": {"type": WHOLE, "landscape": WHOLE},
    "area": {"min": TEXT, "max": TEXT, "unit": str},
    "price": {"min": TEXT, "max": TEXT, "currency": str},
    "floor": {"operator": str, "type": WHOLE, "value": WHOLE},
}
"""Dossier §2.3: the 43 members of the published example."""

CONTACT: dict[str, Any] = {
    "id": int,
    **dict.fromkeys(["category", "created_at", "updated_at"], str),
    **dict.fromkeys(["name", "lastname", "firstname", "email", "phone", "mobile", "address", "address_more"], TEXT),
    **dict.fromkeys(["country", "nationality", "birthday_at", "birthplace", "job", "taxcode", "vat_number"], TEXT),
    **dict.fromkeys(["password", "comment", "fax", "website"], TEXT),
    **dict.fromkeys([f"spouse_{part}" for part in ("lastname", "firstname", "email", "mobile", "job")], TEXT),
    **dict.fromkeys([f"spouse_{part}" for part in ("birthday_at", "birthplace", "nationality")], TEXT),
    **dict.fromkeys(["title", "user"], WHOLE),
    "city": OBJECT,
    **dict.fromkeys(["tags", "language", "tags_customized"], list),
}
"""Dossier §2.5."""

USER: dict[str, Any] = {
    **dict.fromkeys(["id", "agency", "created_at", "updated_at", "username", "password", "group"], str),
    "active": bool,
    **dict.fromkeys(["firstname", "lastname", "language", "email", "phone", "mobile", "fax", "timezone"], TEXT),
    "picture": TEXT,
    "spoken_languages": list,
}
"""Dossier §2.6."""

AN_AGENCY: dict[str, Any] = {
    **dict.fromkeys(["id", "name", "country", "latitude", "longitude", "currency", "providers", "parameters"], str),
    **dict.fromkeys(["created_at", "updated_at"], str),
    **dict.fromkeys(["reference", "brand", "address", "address_more", "district", "region", "email", "phone"], TEXT),
    **dict.fromkeys(["fax", "url", "logo", "logo_svg", "picture", "timetable", "subscription"], TEXT),
    "active": bool,
    "quality": WHOLE,
    "city": {"id": str, "name": str, "zipcode": str},
    "company": {"id": str, "name": str},
    **dict.fromkeys(["networks", "rates", "partners", "stories", "users", "sectors", "pictures"], list),
}
"""Dossier §2.6."""

PROPERTY: dict[str, Any] = {
    **dict.fromkeys(["id", "agency", "step", "status", "group", "category", "type", "radius"], int),
    "reference": (int, str),
    **dict.fromkeys(["parent", "ranking", "subcategory", "subtype", "altitude", "rooms", "bedrooms", "sleeps"], WHOLE),
    **dict.fromkeys(["condition", "standing"], WHOLE),
    **dict.fromkeys(["availability", "owner", "created_by", "updated_by", "created_at", "updated_at", "country"], str),
    **dict.fromkeys(["name", "address", "address_more", "available_at", "delivered_at"], TEXT),
    **dict.fromkeys(["latitude", "longitude"], float),
    "publish_address": bool,
    **dict.fromkeys(["region", "district", "plot"], OBJECT),
    "city": {"id": int, "name": str, "zipcode": str},
    "user": USER,
    "area": {"unit": int, "value": NUMBER, "total": NUMBER, "weighted": NUMBER},
    "price": {
        **dict.fromkeys(["value", "max", "fees", "unit", "period"], WHOLE),
        **dict.fromkeys(["inventory", "deposit", "commission"], NUMBER),
        "hide": bool,
        "currency": str,
    },
    "agreement": {"type": int, "reference": str, "start_at": TEXT, "end_at": TEXT},
    **dict.fromkeys(["construction", "floor", "heating", "view"], OBJECT),
    **dict.fromkeys(["activities", "orientations", "services", "proximities", "tags", "tags_customized"], list),
    **dict.fromkeys(["pictures", "medias", "documents", "comments", "areas", "regulations", "financial"], list),
    **dict.fromkeys(["exchanges", "logs"], list),
}
"""Dossier §2.7."""

CROSSING = {"step_id": int, "total": str, "created_at": str, "updated_at": str}
"""Dossier §2.4."""

SHAPES: dict[str, dict[str, Any]] = {
    "/apimo/agencies": AN_AGENCY,
    f"{AGENCY}/leads": LEAD,
    f"{AGENCY}/requests": REQUEST,
    f"{AGENCY}/contacts": CONTACT,
    f"{AGENCY}/users": USER,
    f"{AGENCY}/properties": PROPERTY,
    f"{AGENCY}/requests/156004/crossings": {"property_id": int, **CROSSING},
    f"{AGENCY}/properties/5120019/crossings": {"request_id": int, **CROSSING},
    "/apimo/catalogs": {"name": str, "path": str, "private": bool},
    "/apimo/catalogs/property_type": {"id": int, "culture": str, "name": TEXT, "name_plurial": TEXT},
}


def differences(value: Any, shape: Any, at: str = "") -> list[str]:
    """Where a value is not of that shape: members that are missing or too many, and types, `bool` apart from `int`."""
    if isinstance(shape, dict):
        if type(value) is not dict or value.keys() != shape.keys():
            return [f"{at} has {sorted(value)}" if type(value) is dict else f"{at} is {value!r}"]
        return [entry for name in shape for entry in differences(value[name], shape[name], f"{at}/{name}")]
    wanted = shape if isinstance(shape, tuple) else (shape,)
    return [] if type(value) in wanted else [f"{at} is {value!r}, not {' or '.join(t.__name__ for t in wanted)}"]


@pytest.mark.parametrize("path", SHAPES)
def test_every_item_has_exactly_the_members_and_types_that_the_dossier_tells(client: TestClient, path: str) -> None:
    for item in listed(client, path):
        assert differences(item, SHAPES[path]) == []


def test_a_request_has_the_same_members_and_types_as_the_published_one(client: TestClient) -> None:
    published = published_example("listRequests 200 published")["requests"][0]

    assert list(listed(client, f"{AGENCY}/requests")[0]) == list(published)
    assert differences(published, REQUEST) == []


def test_a_lead_has_the_members_of_the_published_one_first_with_the_same_types(client: TestClient) -> None:
    published = published_example("listLeads 200 published")["leads"][0]

    for lead in listed(client, f"{AGENCY}/leads"):
        order = [name for name in lead if name in published]
        assert order == list(published)
        for name, value in published.items():
            assert lead[name] is None or value is None or type(lead[name]) is type(value), name


def test_absent_text_of_a_lead_is_met_both_as_an_empty_text_and_as_null(client: TestClient) -> None:
    leads = listed(client, f"{AGENCY}/leads")

    assert {lead["fax"] for lead in leads} == {"", None}
    for lead in leads:
        assert len({lead[name] for name in ("email", "phone", "fax", "mobile")} & {"", None}) == 1


def test_references_of_properties_are_met_both_as_numbers_and_as_texts(client: TestClient) -> None:
    assert {type(shown["reference"]) for shown in listed(client, f"{AGENCY}/properties")} == {int, str}


def test_a_price_on_request_is_null_and_hidden(make_client: MakeClient) -> None:
    shown = listed(make_client(world="messy"), f"{AGENCY}/properties")[3]["price"]

    assert (shown["value"], shown["hide"]) == (None, True)


def test_each_provider_sees_itself_in_the_exchanges_of_properties(client: TestClient) -> None:
    """Sandboxes of one world share what was made of it, but not that."""
    for id in ("one", "other"):
        made = client.post("/__admin/sandboxes", json={"id": id}).json()["credentials"]["apimo"]
        auth = (made["provider"], made["token"])
        shown = client.get(f"/~{id}{AGENCY}/properties", auth=auth).json()["properties"]
        names = {exchange["provider"] for item in shown for exchange in item["exchanges"]}
        assert names == {int(made["provider"])}


def test_one_property_is_the_one_of_the_list(client: TestClient) -> None:
    for shown in listed(client, f"{AGENCY}/properties"):
        assert client.get(f"{AGENCY}/properties/{shown['id']}").json() == shown


def published_example(name: str) -> Any:
    """A payload that the provider published, as the contract has it."""
    return next(value for where, _, value in examples(CONTRACT.document) if where == name)


def test_the_published_payloads_are_in_the_contract_and_keep_it() -> None:
    published = [where for where, _, _ in examples(CONTRACT.document) if where.endswith(" published")]

    assert sorted(published) == [
        "createLead 200 published",
        "createLead request published",
        "createRequest 200 published",
        "createRequest request published",
        "listLeads 200 published",
        "listRequestCrossings 200 published",
        "listRequests 200 published",
        "updateRequest 200 published",
        "updateRequest request published",
    ]
    assert check_examples(CONTRACT.document) > len(published)


# ------------------------------------------------------------------------------------------------- query parameters


@pytest.mark.parametrize(
    ("path", "most"),
    [("leads", 10_000), ("requests", 10_000), ("contacts", 10_000), ("users", 10_000), ("properties", 1_000)],
)
def test_a_limit_above_the_maximum_is_taken_as_the_maximum_and_noted(client: TestClient, path: str, most: int) -> None:
    whole = client.get(f"{AGENCY}/{path}", params={"limit": most}).json()
    assert notes(client) == []

    assert client.get(f"{AGENCY}/{path}", params={"limit": most + 1}).json() == whole
    assert notes(client) == [f"limit {most + 1} is above the maximum; {most} was used"]


def test_an_unknown_parameter_is_ignored_and_the_journal_says_what_was_meant(client: TestClient) -> None:
    assert len(listed(client, f"{AGENCY}/leads", timestamps=NOW)) == 25
    assert notes(client) == ["query parameter `timestamps`: unknown, ignored; did you mean `timestamp`?"]


def test_empty_parameters_are_absent_ones(client: TestClient) -> None:
    whole = client.get(f"{AGENCY}/properties").json()
    empty = dict.fromkeys(["limit", "offset", "timestamp", "step", "status", "group"], "")

    assert client.get(f"{AGENCY}/properties", params=empty).json() == whole
    assert notes(client) == []


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ("status=30", {30}),
        ("status[]=30", {30}),
        ("status%5B%5D=30", {30}),
        ("status[]=30&status[]=34", {30, 34}),
        ("status=30&status=34", {30, 34}),
        ("status=1&step=1", {1}),
        ("step=3", {30, 34}),
        ("step=1&group=1", {1, 22}),
    ],
)
def test_properties_are_filtered_by_step_and_by_one_status_or_several(
    client: TestClient, query: str, statuses: set[int]
) -> None:
    whole = listed(client, f"{AGENCY}/properties")
    page = client.get(f"{AGENCY}/properties?{query}").json()

    assert page["properties"] == [shown for shown in whole if shown["status"] in statuses]
    assert {shown["status"] for shown in page["properties"]} == statuses
    assert page["total_items"] == len(page["properties"])


@pytest.mark.parametrize("query", ["step=4", "status=40", "group=2", "step=1&status=30"])
def test_filters_that_nothing_passes_give_an_empty_list(client: TestClient, query: str) -> None:
    page = client.get(f"{AGENCY}/properties?{query}").json()

    assert page == {"properties": [], "total_items": 0, "timestamp": None}


def test_parameters_in_the_body_of_a_get_are_read_as_old_clients_sent_them(client: TestClient) -> None:
    reply = client.request("GET", f"{AGENCY}/leads", json={"limit": 10, "offset": 3, "timestamp": ""})

    assert reply.json()["leads"] == listed(client, f"{AGENCY}/leads")[3:13]
    assert client.get("/__admin/journal").json()["entries"][0]["notes"] == [
        "parameters were read from the body of a GET; the query string is where they belong"
    ]


def test_the_query_string_wins_over_a_body(client: TestClient) -> None:
    reply = client.request("GET", f"{AGENCY}/leads?limit=2", json={"limit": 10})

    assert len(reply.json()["leads"]) == 2


# ---------------------------------------------------------------------------------------------------------- catalogs

NAMES = {
    "fr": ["Nouveau", "Ouvert", "En traitement", "Clôturé", ""],
    "en": ["New", "Opened", "Processing", "Closed", ""],
}


@pytest.mark.parametrize(
    ("culture", "language"),
    [(None, "fr"), ("fr", "fr"), ("fr_FR", "fr"), ("FR", "fr"), ("en", "en"), ("en_GB", "en"), ("", "fr")],
)
def test_catalogs_are_in_french_or_in_english(client: TestClient, culture: str | None, language: str) -> None:
    query = {} if culture is None else {"culture": culture}
    entries = listed(client, "/apimo/catalogs/lead_step", **query)

    assert [entry["name"] for entry in entries] == NAMES[language]
    assert [entry["id"] for entry in entries] == [1, 2, 3, 4, 5]
    assert {entry["culture"] for entry in entries} == {language}
    assert notes(client) == []


def test_another_language_is_answered_in_french_with_a_note(client: TestClient) -> None:
    entries = listed(client, "/apimo/catalogs/lead_step", culture="de")

    assert [entry["name"] for entry in entries] == NAMES["fr"]
    assert notes(client) == ["culture 'de' is not one of ours (fr, en); French was used"]


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8080", "http://localhost:9999", "https://apimo.example.test"])
def test_addresses_of_catalogs_are_on_this_server_as_the_client_calls_it(make_app: MakeApp, origin: str) -> None:
    client = TestClient(make_app(), base_url=origin)
    client.auth = AUTH

    for catalog in listed(client, "/apimo/catalogs"):
        assert catalog["path"] == f"{origin}/apimo/catalogs/{catalog['name']}"
        assert listed(client, catalog["path"])
        assert catalog["private"] is False


def test_catalogs_are_those_that_the_dossier_tells_in_their_order(client: TestClient) -> None:
    names = [catalog["name"] for catalog in listed(client, "/apimo/catalogs")]

    assert [name for name in names if name.startswith(("lead", "contact", "unit", "user"))] == [
        *("contact_title", "lead_type", "lead_step", "unit_area", "unit_length", "user_group")
    ]
    assert len(names) == len(set(names)) == 49


@pytest.mark.parametrize("name", ["property_group", "origine", "lead_types", "lead%2Ftype", "LEAD_TYPE", "%20"])
def test_a_catalog_that_is_not_there_is_404(client: TestClient, name: str) -> None:
    assert client.get(f"/apimo/catalogs/{name}").status_code == 404


# ------------------------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (1_461_594_712, "2016-04-25 16:31:52"),
        (1_397_115_438, "2014-04-10 09:37:18"),
        (1_417_615_695, "2014-12-03 15:08:15"),
    ],
)
def test_times_are_those_of_paris_as_the_published_examples_show(moment: int, text: str) -> None:
    assert to_paris(moment) == text
    assert from_paris(text) == moment


def doubled(moment: int) -> bool:
    """Whether the hour of that moment is the one that an autumn change repeats, told from the zone itself."""
    zone = ZoneInfo("Europe/Paris")
    shown = datetime.fromtimestamp(moment, zone).replace(tzinfo=None)
    first, second = (shown.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
    return first < second


@given(st.integers(0, 4_102_444_800))
@example(int(datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC).timestamp()))
@example(int(datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC).timestamp()))
@example(int(datetime(2026, 10, 25, 0, 30, 0, tzinfo=UTC).timestamp()))
@example(int(datetime(2026, 10, 25, 1, 30, 0, tzinfo=UTC).timestamp()))
@example(int(datetime(2026, 10, 25, 2, 0, 0, tzinfo=UTC).timestamp()))
def test_a_time_can_be_read_back_but_for_the_second_turn_of_the_doubled_hour(moment: int) -> None:
    back = from_paris(to_paris(moment))

    assert back in ((moment, moment - 3_600) if doubled(moment) else (moment,))
    assert to_paris(back) == to_paris(moment)


@given(st.integers(2000, 2037), st.sampled_from([3, 10]), st.integers(-7_200, 7_200))
def test_around_the_two_changes_a_time_can_be_read_back_too(year: int, month: int, around: int) -> None:
    sunday = next(day for day in range(31, 24, -1) if datetime(year, month, day).weekday() == 6)
    moment = int(datetime(year, month, sunday, 1, tzinfo=UTC).timestamp()) + around

    assert from_paris(to_paris(moment)) == (moment - 3_600 if doubled(moment) and around >= 0 else moment)


@given(st.integers(0, 4_102_444_800))
@example(int(datetime(2026, 3, 28, 22, 30, tzinfo=UTC).timestamp()))
@example(int(datetime(2026, 10, 24, 22, 30, tzinfo=UTC).timestamp()))
@example(int(datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC).timestamp()))
def test_the_next_midnight_begins_the_next_day_in_paris(now: int) -> None:
    zone = ZoneInfo("Europe/Paris")
    midnight = next_midnight(now)

    assert now < midnight <= now + 25 * 3_600
    assert datetime.fromtimestamp(midnight, zone).time() == datetime.min.time()
    assert datetime.fromtimestamp(midnight, zone).date() == datetime.fromtimestamp(now, zone).date() + timedelta(days=1)


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 3, 29, 0, 59, 59), "2026-03-29 01:59:59"),
        (datetime(2026, 3, 29, 1, 0, 0), "2026-03-29 03:00:00"),
        (datetime(2026, 10, 25, 0, 59, 59), "2026-10-25 02:59:59"),
        (datetime(2026, 10, 25, 1, 0, 0), "2026-10-25 02:00:00"),
        (datetime(2026, 10, 25, 2, 0, 0), "2026-10-25 03:00:00"),
    ],
)
def test_a_lead_of_a_night_of_change_has_the_right_dates_and_timestamp(
    make_client: MakeClient, moment: datetime, shown: str
) -> None:
    now = int(moment.replace(tzinfo=UTC).timestamp())
    client = make_client(now=now)
    id = client.post(f"{AGENCY}/leads", json={"reference": "night"}).json()["id"]
    page = client.get(f"{AGENCY}/leads", params={"timestamp": now}).json()

    assert [(lead["id"], lead["created_at"], lead["updated_at"], lead["date"]) for lead in page["leads"]] == [
        (id, shown, shown, shown)
    ]
    assert page["timestamp"] == now


# ---------------------------------------------------------------------------------------------------------- refusals

JSON = {"content-type": "application/json"}
TOKEN_ALONE = b64encode(AUTH[1].encode()).decode()
REFUSALS: dict[str, tuple[str, str, dict[str, Any], int, str]] = {
    "bad token": ("GET", f"{AGENCY}/leads", {"auth": (AUTH[0], "0" * 40)}, 401, "User or password is wrong"),
    "token as bearer": (
        *("GET", f"{AGENCY}/leads", {"auth": httpx2.Auth(), "headers": {"authorization": f"Bearer {AUTH[1]}"}}),
        *(401, "Please provide the token. The Authorization scheme is 'Bearer'; HTTP Basic is needed"),
    ),
    "token alone": (
        *("GET", f"{AGENCY}/leads", {"auth": httpx2.Auth(), "headers": {"authorization": AUTH[1]}}),
        *(401, "Please provide the token. The Authorization scheme is not the name of a scheme"),
    ),
    "Basic of the token alone": (
        *("GET", f"{AGENCY}/leads", {"auth": httpx2.Auth(), "headers": {"authorization": f"Basic {TOKEN_ALONE}"}}),
        *(401, "Please provide the token. The credentials have no colon"),
    ),
    "no credentials": ("GET", f"{AGENCY}/leads", {"auth": httpx2.Auth()}, 401, "There is no Authorization header"),
    "agency not granted": ("GET", "/apimo/agencies/103/leads", {}, 403, "Agency 103 exists, but is not linked"),
    "agency unknown": ("GET", "/apimo/agencies/999/leads", {}, 404, "There is no agency 999."),
    "agency not a number": ("GET", "/apimo/agencies/nice/leads", {}, 404, "a whole number is needed"),
    "write where not granted": ("POST", "/apimo/agencies/103/leads", {"json": {"reference": "1"}}, 403, "Agency 103"),
    "lead unknown": ("PUT", f"{AGENCY}/leads/1", {"json": {}}, 404, "There is no lead 1 at agency 101."),
    "lead of another agency": ("PUT", f"{AGENCY}/leads/170002", {"json": {}}, 404, "There is no lead 170002"),
    "request unknown": ("PUT", f"{AGENCY}/requests/1", {"json": {}}, 404, "There is no request 1 at agency 101."),
    "crossings unknown": ("GET", f"{AGENCY}/requests/1/crossings", {}, 404, "There is no request 1"),
    "crossings of another": ("GET", f"{AGENCY}/properties/5120002/crossings", {}, 404, "There is no property 5120002"),
    "property unknown": ("GET", f"{AGENCY}/properties/1", {}, 404, "There is no property 1 at agency 101."),
    "catalog unknown": ("GET", "/apimo/catalogs/property_group", {}, 404, "There is no catalog 'property_group'"),
    "nothing there": ("GET", f"{AGENCY}/lead", {}, 404, "nearest operation is GET /apimo/agencies/101/leads"),
    "method not there": ("DELETE", f"{AGENCY}/leads", {}, 405, "DELETE is not possible here"),
    "not JSON": ("POST", f"{AGENCY}/leads", {"content": "{", "headers": JSON}, 400, "The body is not JSON"),
    "form": ("POST", f"{AGENCY}/leads", {"data": {"reference": "1"}}, 415, "send application/json"),
    "too large": ("POST", f"{AGENCY}/leads", {"json": {"reference": "1", "message": "x" * 2**20}}, 413, "larger than"),
}  # fmt: skip
INVALID: dict[str, tuple[str, str, dict[str, Any], dict[str, str]]] = {
    "no reference": ("POST", f"{AGENCY}/leads", {"json": {}}, {"reference": "is missing; it is required"}),
    "wrong types": (
        *("POST", f"{AGENCY}/leads", {"json": {"reference": "1", "area_min": "big", "date": "01/02/2026"}}),
        {"area_min": "'big'", "date": "a date like 2026-01-31"},
    ),
    "empty requireds": (
        *("POST", f"{AGENCY}/leads", {"json": {"reference": "", "type": "1"}}),
        {"reference": "''"},
    ),
    "limit not a number": ("GET", f"{AGENCY}/leads?limit=ten", {}, {"limit": "a whole number is needed"}),
    "limit of nothing": ("GET", f"{AGENCY}/leads?limit=0", {}, {"limit": "1 is the least"}),
    "offset below zero": ("GET", f"{AGENCY}/leads?offset=-1", {}, {"offset": "0 is the least"}),
    "no such step": ("GET", f"{AGENCY}/requests/156001/crossings?step=4", {}, {"step": "3 is the most"}),
}


@pytest.mark.parametrize("case", REFUSALS)
@pytest.mark.parametrize("style", ["problem", "message"])
def test_a_refusal_has_the_right_status_and_body_in_both_styles(make_client: MakeClient, style: str, case: str) -> None:
    method, path, given, status, said = REFUSALS[case]
    reply = make_client(variants={"apimo": {"error-body": style}}).request(method, path, **given)
    body = reply.json()

    assert reply.status_code == status
    if style == "problem":
        assert reply.headers["content-type"] == "application/problem+json"
        assert list(body) == ["type", "title", "status", "detail"]
        assert body["status"] == status
        assert said in body["detail"]
    else:
        assert reply.headers["content-type"] == "application/json; charset=utf-8"
        assert list(body) == ["message"]
        assert said in body["message"]


@pytest.mark.parametrize("case", INVALID)
@pytest.mark.parametrize("style", ["problem", "message"])
def test_invalid_data_is_422_with_a_message_for_each_member_in_both_styles(
    make_client: MakeClient, style: str, case: str
) -> None:
    method, path, given, said = INVALID[case]
    reply = make_client(variants={"apimo": {"error-body": style}}).request(method, path, **given)
    body = reply.json()

    assert reply.status_code == 422
    if style == "problem":
        assert list(body) == ["type", "title", "status", "detail", "validation_messages"]
        told = {name: "; ".join(messages.values()) for name, messages in body["validation_messages"].items()}
    else:
        assert list(body) == ["message", "errors"]
        assert body["message"] == "Validation failed"
        told = {name: "; ".join(messages) for name, messages in body["errors"].items()}
    assert told.keys() == said.keys()
    for name, fragment in said.items():
        assert fragment in told[name]


# ------------------------------------------------------------------------------------------------------------- quota


def test_more_than_ten_calls_in_a_second_are_refused_until_the_next_second(make_app: MakeApp) -> None:
    app = make_app(variants={"apimo": {"quota": "documented"}})
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    client.auth = AUTH
    path = "/apimo/catalogs/lead_step"

    assert [client.get(path).status_code for _ in range(12)] == [200] * 10 + [429] * 2
    refused = client.get(path)
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["title"] == "Too Many Requests"
    app.sandbox.clock.advance(int(refused.headers["retry-after"]))
    assert client.get(path).status_code == 200


def test_who_is_not_known_uses_up_no_quota(make_client: MakeClient) -> None:
    client = make_client(variants={"apimo": {"quota": "documented"}})

    statuses = [client.get("/apimo/catalogs", auth=("4321", "wrong")).status_code for _ in range(20)]
    assert statuses == [401] * 20
    assert client.get("/apimo/catalogs").status_code == 200


def test_a_thousand_calls_a_day_are_all_until_midnight_in_paris(make_app: MakeApp) -> None:
    # Half an hour into the day that has 25 hours, where "tomorrow" is not 24 hours away.
    start, midnight = datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 23, 0, tzinfo=UTC)
    app = make_app(now=int(start.timestamp()), variants={"apimo": {"quota": "documented"}})
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    client.auth = AUTH
    statuses = []
    for _ in range(100):
        statuses += [client.get("/apimo/catalogs/lead_step").status_code for _ in range(10)]
        app.sandbox.clock.advance(1)
    assert statuses == [200] * 1_000

    refused = client.get("/apimo/catalogs/lead_step")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) == int(midnight.timestamp() - app.sandbox.clock.time())
    app.sandbox.clock.set(midnight.timestamp() - 1)
    assert client.get("/apimo/catalogs/lead_step").status_code == 429
    app.sandbox.clock.set(midnight.timestamp())
    assert client.get("/apimo/catalogs/lead_step").status_code == 200


# ---------------------------------------------------------------------------------------------------------- variants
# Each in each of its readings: a choice that changes nothing would be a lie.

READINGS = [(name, value) for name, variant in CONTRACT.variants.items() for value in variant.values]


def error_body(client: TestClient) -> Any:
    return sorted(client.get("/apimo/agencies/999/leads").json())


def error_media_type(client: TestClient) -> Any:
    return client.get("/apimo/agencies/999/leads").headers["content-type"]


def limit_above_maximum(client: TestClient) -> Any:
    paths = (f"{AGENCY}/leads?limit=10001", f"{AGENCY}/properties?limit=1001", "/apimo/agencies?limit=1001")
    return [client.get(path).status_code for path in paths]


def lead_required(client: TestClient) -> Any:
    bodies: list[dict[str, Any]] = [{"reference": "1"}, {"reference": "1", "type": ""}, {"reference": "1", "type": "1"}]
    return [client.post(f"{AGENCY}/leads", json=body).status_code for body in bodies]


def duplicate_reference(client: TestClient) -> Any:
    first = client.post(f"{AGENCY}/leads", json={"reference": "same", "message": "first"}).json()["id"]
    again = client.post(f"{AGENCY}/leads", json={"reference": "same", "message": "again"})
    leads = [lead for lead in client.get(f"{AGENCY}/leads").json()["leads"] if lead["reference"] == "same"]
    parents = [lead["parent"] and lead["parent"] - first for lead in leads]
    return again.status_code, parents, [lead["message"] for lead in leads]


def list_order(client: TestClient) -> Any:
    ids = [lead["id"] for lead in client.get(f"{AGENCY}/leads?limit=3").json()["leads"]]
    return ids == sorted(ids), min(ids) == 170_001


def timestamp_bound(client: TestClient) -> Any:
    newest = client.get(f"{AGENCY}/leads").json()["timestamp"]
    crossings = f"{AGENCY}/requests/156004/crossings"
    newest_crossing = client.get(crossings).json()["timestamp"]
    return (
        client.get(f"{AGENCY}/leads?timestamp={newest}").json()["total_items"] > 0,
        client.get(f"{crossings}?timestamp={newest_crossing}").json()["total_items"] > 0,
    )


def total_items(client: TestClient) -> Any:
    crossings = "requests/156004/crossings"
    paths = [f"leads?timestamp={NOW + 1}", "properties?step=4", f"{crossings}?timestamp={NOW + 1}"]
    paths += [f"{crossings}?step=2", f"{crossings}?limit=1"]
    return [client.get(f"{AGENCY}/{path}").json()["total_items"] for path in paths]


def lead_milestones(client: TestClient) -> Any:
    closed = [lead for lead in client.get(f"{AGENCY}/leads").json()["leads"] if lead["step"] == "4"]
    assert closed
    return {type(lead[name]).__name__ for lead in closed for name in ("opened", "assigned", "closed")}


def lead_ids(client: TestClient) -> Any:
    leads = client.get(f"{AGENCY}/leads").json()["leads"]
    return {
        (type(lead["provider"]).__name__, type(lead["contact"]).__name__)
        for lead in leads
        if lead["contact"] is not None
    }


def property_envelope(client: TestClient) -> Any:
    shown = client.get(f"{AGENCY}/properties/5120001").json()
    return list(shown) == ["property"], shown.get("property", shown)["id"]


def properties_without_step(client: TestClient) -> Any:
    shown = client.get(f"{AGENCY}/properties").json()["properties"]
    closed = client.get(f"{AGENCY}/properties?step=3").json()["properties"]
    return {entry["step"] for entry in shown}, {entry["step"] for entry in closed}


def request_created(client: TestClient) -> Any:
    body = {"contact": "1", "user": "3801", "category": "1", "country": "FR"}
    return sorted(client.post(f"{AGENCY}/requests", json=body).json())


def request_required(client: TestClient) -> Any:
    bodies: list[dict[str, str]] = [
        {"comment": "x"},
        {"contact": "1", "user": "3801", "category": "1", "country": "FR"},
    ]
    return [client.post(f"{AGENCY}/requests", json=body).status_code for body in bodies]


def catalog_ids(client: TestClient) -> Any:
    body = {"contact": "1", "user": "3801", "category": "99", "country": "FR"}
    lead = {"reference": "1", "property_types": "1,99"}
    return [
        client.post(f"{AGENCY}/requests", json=body).status_code,
        client.post(f"{AGENCY}/leads", json=lead).status_code,
        client.put(f"{AGENCY}/leads/170001", json={"step": "9"}).status_code,
        client.put(f"{AGENCY}/requests/156001", json={"tags": [1, 10_000]}).status_code,
        client.put(f"{AGENCY}/requests/156001", json={"tags": [1]}).status_code,
    ]


def update(client: TestClient) -> Any:
    client.put(f"{AGENCY}/leads/170001", json={"lastname": "Nouveau"})
    lead = client.get(f"{AGENCY}/leads?limit=1").json()["leads"][0]
    client.put(f"{AGENCY}/requests/156001", json={"comment": "nouveau"})
    request = client.get(f"{AGENCY}/requests?limit=1").json()["requests"][0]
    return (lead["lastname"], bool(lead["firstname"])), (request["comment"], bool(request["types"]))


def quota(client: TestClient) -> Any:
    return [client.get("/apimo/catalogs/lead_step").status_code for _ in range(11)][-2:]


def compression(client: TestClient) -> Any:
    """The encodings of a long body for who takes gzip and for who does not, and of a short one."""
    asked = (("leads", "gzip"), ("leads", "identity"), ("leads?limit=0", "gzip"))
    answers = [client.get(f"{AGENCY}/{path}", headers={"accept-encoding": takes}) for path, takes in asked]
    assert {answer.headers["vary"] for answer in answers} == {"Accept-Encoding"}
    return [answer.headers.get("content-encoding") for answer in answers]


PROBLEM_KEYS = ["detail", "status", "title", "type"]
RECEIPT = ["created_at", "id", "updated_at"]

OBSERVED: dict[str, tuple[Callable[[TestClient], Any], dict[str, Any]]] = {
    "error-body": (error_body, {"problem": PROBLEM_KEYS, "message": ["message"]}),
    "error-media-type": (
        error_media_type,
        {"problem": "application/problem+json", "json": "application/json; charset=utf-8"},
    ),
    "limit-above-maximum": (limit_above_maximum, {"clamp": [200, 200, 200], "refuse": [422, 422, 422]}),
    "lead-required": (lead_required, {"reference": [200, 200, 200], "reference-and-type": [422, 422, 200]}),
    "request-required": (request_required, {"nothing": [200, 200], "four-members": [422, 200]}),
    "duplicate-reference": (
        duplicate_reference,
        {
            "child": (200, [None, 0], ["first", "again"]),
            "refuse": (422, [None], ["first"]),
            "update": (200, [None], ["again"]),
        },
    ),
    "list-order": (list_order, {"oldest-first": (True, True), "newest-first": (False, False)}),
    "timestamp-bound": (timestamp_bound, {"inclusive": (True, True), "exclusive": (False, False)}),
    "total-items": (total_items, {"filtered": [0, 0, 0, 0, 2], "all": [25, 20, 2, 2, 2]}),
    "lead-milestones": (lead_milestones, {"objects": {"dict"}, "dates": {"str"}}),
    "lead-ids": (lead_ids, {"seed": {("int", "str")}, "openapi": {("str", "int")}}),
    "property-envelope": (property_envelope, {"bare": (False, 5_120_001), "wrapped": (True, 5_120_001)}),
    "properties-without-step": (properties_without_step, {"all": ({1, 3}, {3}), "in-progress": ({1}, {3})}),
    "request-created": (request_created, {"three-members": RECEIPT, "id-only": ["id"]}),
    "catalog-ids": (catalog_ids, {"accept": [200] * 5, "refuse": [422, 422, 422, 422, 200]}),
    "update": (
        update,
        {
            "merge": (("Nouveau", True), ("nouveau", True)),
            "replace": (("Nouveau", False), ("nouveau", False)),
        },
    ),
    "compression": (compression, {"gzip": ["gzip", None, None], "off": [None] * 3}),
    "quota": (quota, {"off": [200, 200], "documented": [200, 429]}),
}
"""How each variant is seen from outside, and what is seen under each reading."""


@pytest.mark.parametrize(("name", "value"), READINGS)
def test_a_variant_shows_as_its_reading_says(make_client: MakeClient, name: str, value: str) -> None:
    observe, expected = OBSERVED[name]

    assert observe(make_client(variants={"apimo": {name: value}})) == expected[value]


def test_every_reading_of_every_variant_is_tried_and_no_two_look_the_same() -> None:
    assert sorted((name, value) for name, (_, seen) in OBSERVED.items() for value in seen) == sorted(READINGS)
    for _, seen in OBSERVED.values():
        assert len({repr(value) for value in seen.values()}) == len(seen) > 1


def test_the_defaults_are_what_is_seen_without_any_choice(make_client: MakeClient) -> None:
    for name, (observe, expected) in OBSERVED.items():
        assert observe(make_client()) == expected[CONTRACT.variants[name].default], name


def test_all_other_readings_can_be_chosen_together(make_client: MakeClient) -> None:
    other = {
        name: next(value for value in variant.values if value != variant.default)
        for name, variant in CONTRACT.variants.items()
        if name != "quota"
    }
    client = make_client(variants={"apimo": other})

    for path in ("/apimo/agencies", *(f"{AGENCY}/{name}" for name in ("leads", "requests", "properties", "contacts"))):
        assert client.get(path).status_code == 200
    assert client.get(f"{AGENCY}/properties/5120001").status_code == 200
    assert client.post(f"{AGENCY}/leads", json={"reference": "1", "type": "1"}).status_code == 200
    assert client.get(f"{AGENCY}/lead").json().keys() == {"message"}


def test_an_exclusive_bound_hides_what_came_in_the_second_of_the_last_answer(make_client: MakeClient) -> None:
    client = make_client(variants={"apimo": {"timestamp-bound": "exclusive"}})
    client.post(f"{AGENCY}/leads", json={"reference": "seen"})
    since = client.get(f"{AGENCY}/leads").json()["timestamp"]
    client.post(f"{AGENCY}/leads", json={"reference": "missed"})

    assert since == NOW
    assert client.get(f"{AGENCY}/leads?timestamp={since}").json()["leads"] == []
