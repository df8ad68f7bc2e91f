"""Reading of requests, as clients meet it: compressed bodies, other characters, forms on a GET, misspelt names."""

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from mockserver.contract.member_names import member_names, notes_on_unknown
from mockserver.foundation.suggestions import nearest_name
from tests.conftest import AUTH, MakeClient
from tests.support.in_process import TestClient

LEADS = "/apimo/agencies/101/leads"
SCOPES = {
    "gsl": "laas:leads:get",
    "seeker": "seeker-leads:leads:get seeker-leads:leads:create seeker-leads:webhooks:manage",
}
SUBSCRIPTIONS = "/seeker/seeker-leads/v1/webhook/subscriptions"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """A client without credentials of its own."""
    client = make_client()
    client.auth = httpx2.Auth()
    return client


def last_call(client: TestClient) -> dict[str, Any]:
    """The newest entry of the journal."""
    entry: dict[str, Any] = client.get("/__admin/journal").json()["entries"][-1]
    return entry


def token(client: TestClient, provider: str) -> dict[str, str]:
    """The header with a token."""
    credentials = client.get("/").json()["providers"][provider]["credentials"][0]
    form = {"grant_type": "client_credentials", "scope": SCOPES[provider], **credentials}
    answer = client.post(f"/{provider}/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def requests_with_bodies(client: TestClient) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """One operation that reads a body at each place: method, address, and how to call it."""
    return {
        "apimo create": ("POST", LEADS, {"auth": AUTH}),
        "apimo update": ("PUT", f"{LEADS}/1001", {"auth": AUTH}),
        "gsl search": ("POST", "/gsl/v2/leads", {"headers": token(client, "gsl")}),
        "gsl token": ("POST", "/gsl/oauth/token", {}),
        "seeker token": ("POST", "/seeker/oauth/token", {}),
        "seeker subscribe": ("POST", SUBSCRIPTIONS, {"headers": token(client, "seeker")}),
    }


def send(client: TestClient, call: tuple[str, str, dict[str, Any]], body: bytes, **headers: str) -> httpx2.Response:
    """Sends a body with more headers."""
    method, address, options = call
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.request(
        method, address, **{**options, "headers": {**options.get("headers", {}), **more}, "content": body}
    )


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", lambda body: b"\x0b\x02\x80" + body),
        ("zstd", lambda body: b"\x28\xb5\x2f\xfd" + body),
        ("gzip, deflate", lambda body: zlib.compress(gzip.compress(body))),
        ("GZIP", gzip.compress),
        ("identity, gzip", gzip.compress),
    ],
)
def test_a_compressed_body_is_a_415_that_names_the_header(client: TestClient, coding: str, pack: Any) -> None:
    for name, call in requests_with_bodies(client).items():
        answer = send(client, call, pack(b'{"reference": "a"}'), content_type=JSON, content_encoding=coding)
        assert answer.status_code == 415, name
        assert answer.headers["accept-encoding"] == "identity"
        entry = last_call(client)
        (violation,) = entry["violations"]
        assert (violation["in"], violation["pointer"]) == ("header", "/content-encoding")
        assert f"Content-Encoding is {coding!r}" in violation["message"]


def test_a_body_that_is_only_called_encoded_is_read(client: TestClient) -> None:
    call = ("POST", LEADS, {"auth": AUTH})
    body = json.dumps({"reference": "plain", "type": "1"}).encode()
    assert send(client, call, body, content_type=JSON, content_encoding="identity").status_code == 200


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('{"city": "Orléans"}'.encode("latin-1"), "not UTF-8: byte 13 (0xE9)"),
        ('{"city": "Orléans"}'.encode("utf-16"), "UTF-16 or UTF-32; send UTF-8"),
        ('{"city": "Orléans"}'.encode("utf-16-le"), "UTF-16 or UTF-32; send UTF-8"),
        ('{"city": "Orléans"}'.encode("utf-32-be"), "UTF-16 or UTF-32; send UTF-8"),
        ('{"city": "Orléans"}'.encode("utf-8-sig"), "byte order mark; send UTF-8 without one"),
    ],
)
def test_other_characters_are_told_where_they_are(client: TestClient, body: bytes, sentence: str) -> None:
    for name, call in requests_with_bodies(client).items():
        assert send(client, call, body, content_type=JSON).status_code == 400, name
        assert sentence in last_call(client)["violations"][0]["message"], name


def test_another_charset_is_named(client: TestClient) -> None:
    for call in requests_with_bodies(client).values():
        assert send(client, call, b"{}", content_type=f"{JSON}; charset=iso-8859-1").status_code == 415
        assert "charset=iso-8859-1; send the body in UTF-8" in last_call(client)["violations"][0]["message"]


def test_a_form_in_other_characters_is_told_and_not_repeated(client: TestClient) -> None:
    for body in (b"client_secret=Orl%E9ans", b"client_secret=Orl\xe9ans"):
        answer = client.post("/gsl/oauth/token", content=body, headers={"Content-Type": FORM})
        assert "form must be UTF-8 in percent-encoding; the byte 0xE9 is not" in answer.json()["error_description"]
        assert "Orl" not in answer.text


def ids(answer: httpx2.Response) -> list[int]:
    """The leads of an answer."""
    assert answer.status_code == 200, answer.text
    return [lead["id"] for lead in answer.json()["leads"]]


@pytest.mark.parametrize("path", ["leads", "requests", "properties", "contacts", "users"])
def test_a_form_on_a_get_is_read_as_its_parameters(client: TestClient, path: str) -> None:
    address = f"/apimo/agencies/101/{path}"
    by_query = client.get(f"{address}?limit=2&offset=1", auth=AUTH)
    by_form = client.request("GET", address, auth=AUTH, content="limit=2&offset=1", headers={"Content-Type": FORM})
    assert by_form.status_code == 200
    assert by_form.content == by_query.content
    assert any("read from the body of a GET" in note for note in last_call(client)["notes"])


@pytest.mark.parametrize(
    ("headers", "body", "words"),
    [
        ({"Content-Type": "text/plain"}, b"limit=2", "and this is text/plain"),
        ({"Content-Type": "multipart/form-data; boundary=a"}, b"--a--", "and this is multipart/form-data"),
        (
            {"Content-Type": JSON, "Content-Encoding": "gzip"},
            gzip.compress(b"{}", mtime=0),
            "compressed (Content-Encoding: gzip)",
        ),
        ({"Content-Type": f"{JSON}; charset=latin-1"}, b"{}", "in latin-1, not in UTF-8"),
    ],
)
def test_a_body_on_a_get_that_is_no_parameters_is_passed_over(
    client: TestClient, headers: dict[str, str], body: bytes, words: str
) -> None:
    usual = ids(client.get(LEADS, auth=AUTH))
    assert ids(client.request("GET", LEADS, auth=AUTH, content=body, headers=headers)) == usual
    (note,) = last_call(client)["notes"]
    assert "passed over" in note
    assert words in note


def test_a_body_beside_a_query_is_passed_over(client: TestClient) -> None:
    answer = client.request("GET", f"{LEADS}?limit=1", auth=AUTH, json={"limit": 2})
    assert len(ids(answer)) == 1
    assert last_call(client)["notes"] == [
        "the request has a body, which is passed over: there is a query string, and that counts"
    ]


# Names that the contract does not have


def search(client: TestClient, body: Any) -> list[str]:
    """The notes on a search of GSL, but for that on its category."""
    client.post("/gsl/v2/leads", json=body, headers=token(client, "gsl"))
    return [note for note in last_call(client)["notes"] if "unknown" in note]


def test_misspelt_members_are_noted_at_every_depth(client: TestClient) -> None:
    period = {"StartDate": 1, "EndDate": 2_000_000_000}
    assert search(client, {"SearchCriteria": period, "Pagination": {"limit": 5}}) == [
        "body member `Pagination.limit`: unknown, ignored; did you mean `Limit`?"
    ]
    assert search(client, {"SearchCriteria": {**period, "startdate": 1}, "pagination": {}}) == [
        "body member `pagination`: unknown, ignored; did you mean `Pagination`?",
        "body member `SearchCriteria.startdate`: unknown, ignored; did you mean `StartDate`?",
    ]


def test_misspelt_members_in_arrays_are_noted_with_their_place() -> None:
    wrong = [{"surface": 1}, {"street": "a", "Zip": 1}]
    names = member_names(
        {"components": {"schemas": {"Place": {"properties": {"street": {}, "zip": {}}}}}},
        [{"properties": {"places": {"type": "array", "items": {"$ref": "#/components/schemas/Place"}}}}],
    )
    assert notes_on_unknown({"places": [{"street": "b"}, *wrong]}, names) == [
        "body member `places[1].surface`: unknown, ignored",
        "body member `places[2].Zip`: unknown, ignored; did you mean `zip`?",
    ]


def test_a_map_has_any_member() -> None:
    schema = {"properties": {"a": {}}, "additionalProperties": {"type": "object", "properties": {"b": {}}}}
    assert not notes_on_unknown({"x": {"y": 1}}, member_names({}, [schema]))


def test_notes_on_misspelt_members_are_bounded(client: TestClient) -> None:
    many = {f"{number}-{'x' * 5_000}": 1 for number in range(100)}
    notes = search(client, {"SearchCriteria": {"StartDate": 1, "EndDate": 2_000_000_000, **many}})
    assert len(notes) == 21
    assert notes[-1] == "80 more body members are unknown, ignored"
    assert max(map(len, notes)) < 300


@pytest.mark.parametrize(
    ("headers", "status"), [({"Authorization": "Bearer x"}, 401), ({}, 401)], ids=["wrong token", "no token"]
)
def test_hints_are_given_also_where_a_call_is_refused(client: TestClient, headers: dict[str, str], status: int) -> None:
    answer = client.post("/gsl/v2/leads?Limit=1", json={"Pagination": {"limit": 1}}, headers=headers)
    assert answer.status_code == status
    notes = last_call(client)["notes"]
    assert "query parameter `Limit`: unknown, ignored" in notes
    assert "body member `Pagination.limit`: unknown, ignored; did you mean `Limit`?" in notes


def test_hints_are_given_beside_every_other_refusal(client: TestClient) -> None:
    misspelt = {"refernce": "a"}
    refused: tuple[tuple[str, dict[str, Any], int], ...] = (
        (LEADS, {"auth": AUTH, "json": misspelt}, 422),
        (LEADS, {"auth": AUTH, "content": json.dumps(misspelt), "headers": {"Content-Type": "text/plain"}}, 415),
        ("/apimo/agencies/103/leads", {"auth": AUTH, "json": misspelt}, 403),
        ("/apimo/agencies/999/leads", {"auth": AUTH, "json": misspelt}, 404),
    )
    for address, options, status in refused:
        assert client.post(address, **options).status_code == status
        assert "body member `refernce`: unknown, ignored; did you mean `reference`?" in last_call(client)["notes"]


# Violations


def test_a_required_parameter_that_is_wrong_is_told_once(client: TestClient) -> None:
    headers = token(client, "seeker")
    for value in ("abc", "", "-1", "99999999999999999999", "1&minDate=x"):
        answer = client.get(f"/seeker/seeker-leads/v1/leads?minDate={value}&maxDate=1", headers=headers)
        assert answer.status_code == 400, value
        about = [error for error in answer.json()["errors"] if error["name"] == "/minDate"]
        assert len(about) == 1, (value, about)


def test_a_required_member_that_is_wrong_is_told_once(client: TestClient) -> None:
    values: tuple[Any, ...] = (None, [], "x", -1)
    for value in values:
        body = {"SearchCriteria": {"StartDate": value, "EndDate": 1}}
        client.post("/gsl/v2/leads", json=body, headers=token(client, "gsl"))
        pointers = [violation["pointer"] for violation in last_call(client)["violations"]]
        assert pointers == ["/SearchCriteria/StartDate"], value


@pytest.mark.parametrize("name", ["content-type", "authorization"])
def test_a_header_that_is_empty_is_not_called_missing(client: TestClient, name: str) -> None:
    usual = {"authorization": "Basic x", "content-type": JSON}
    client.post(LEADS, headers={**usual, name: ""}, content=b"{}")
    entry = last_call(client)
    assert "missing" not in str(entry["violations"]) + str(entry["notes"])
    assert "There is no Authorization header" not in str(entry["notes"])


def test_there_are_twenty_violations_at_most_and_the_rest_is_counted(client: TestClient) -> None:
    body = json.dumps({"status": ["a"] * 9_000})
    answer = client.request(
        "GET", "/apimo/agencies/101/properties", auth=AUTH, content=body, headers={"Content-Type": JSON}
    )
    assert answer.status_code == 422
    assert len(answer.content) < 5_000
    violations = last_call(client)["violations"]
    assert len(violations) == 20
    assert violations[-1]["message"].endswith("8980 more are wrong")
    assert "8980 more are wrong" in answer.text


def test_violations_in_lists_queries_and_bodies_are_bounded_alike(client: TestClient) -> None:
    query = "&".join("status=a" for _ in range(500))
    client.get(f"/apimo/agencies/101/properties?{query}", auth=AUTH)
    assert len(last_call(client)["violations"]) == 20
    client.post(LEADS, auth=AUTH, json={name: {} for name in [f"member{number}" for number in range(5)]})
    client.post("/gsl/oauth/token", json={"grant_type": [1] * 50_000})
    entry = last_call(client)
    assert len(entry["violations"]) <= 20
    assert len(json.dumps(entry)) < 64 * 1024


# Texts that are kept


def test_texts_of_a_lead_have_an_end(client: TestClient) -> None:
    def create(reference: str, **members: str) -> httpx2.Response:
        return client.post(LEADS, auth=AUTH, json={"reference": reference, "type": "1", **members})

    assert create("long", message="m" * 65_536).status_code == 200
    for name, most in (("message", 65_536), ("lastname", 1_000), ("city", 1_000)):
        assert create("longer", **{name: "x" * (most + 1)}).status_code == 422
        (violation,) = last_call(client)["violations"]
        assert (violation["pointer"], violation["rule"]) == (f"/{name}", "maxLength")


def test_all_texts_of_a_body_together_have_an_end(client: TestClient) -> None:
    address = "/apimo/agencies/101/requests"
    answer = client.post(address, auth=AUTH, json={"comment": "c" * 60_000, "free_criteria": "f" * 60_000})
    assert answer.status_code == 422
    assert "98304 are the most that this server keeps" in answer.text
    answer = client.post(address, auth=AUTH, json={"coordinates": {"a": [[]] * 9_900}})
    assert answer.status_code == 422
    answer = client.post(address, auth=AUTH, json={"coordinates": {"a": ["0123456789"] * 9_900}})
    assert answer.status_code == 422
    seeker = client.post(
        "/seeker/seeker-leads/v1/leads", json={"message": "m" * 70_000}, headers=token(client, "seeker")
    )
    assert seeker.status_code == 400
    pointers = [violation["pointer"] for violation in last_call(client)["violations"]]
    assert "/message" in pointers


def test_what_is_written_of_an_entity_bit_by_bit_has_an_end(client: TestClient) -> None:
    requests, long = "/apimo/agencies/101/requests", "x" * 60_000
    id = client.post(requests, auth=AUTH, json={"contact": "1"}).json()["id"]
    address = f"{requests}/{id}"
    writes: list[dict[str, Any]] = [{"comment": long}, {"free_criteria": long}, {"coordinates": {"a": long}}]
    answers = [client.put(address, auth=AUTH, json=write) for write in writes]
    assert [answer.status_code for answer in answers] == [200, 200, 422]
    assert "131072 are the most that this server keeps" in answers[-1].text
    assert client.put(address, auth=AUTH, json={"comment": "short"}).status_code == 200, "it can be made shorter"
    assert client.put(address, auth=AUTH, json=writes[-1]).status_code == 200
    assert len(client.get(requests, auth=AUTH).content) < 256 * 1024


# Bodies of many values


@pytest.mark.parametrize(
    "body",
    [
        b'{"coordinates":[' + b"1," * 174_999 + b"1]}",
        b'{"coordinates":[' + b"[]," * 174_999 + b"[]]}",
        b"{" + b'"ranking":1,' * 50_000 + b'"ranking":1}',
        b"{" + b",".join(b'"m%d":1' % number for number in range(50_000)) + b"}",
    ],
    ids=["numbers", "lists", "a name again and again", "names"],
)
def test_a_body_of_many_values_is_refused_with_a_sentence(client: TestClient, body: bytes) -> None:
    headers = {"Content-Type": JSON}
    answer = client.post("/apimo/agencies/101/requests", auth=AUTH, content=body, headers=headers)
    assert answer.status_code == 400
    assert "The body has more than 10000 values, the most that this server reads." in answer.text
    assert len(last_call(client)["violations"]) == 1


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("First_Name", "firstname"),
        ("LASTNAME", "lastname"),
        ("timestamps", "timestamp"),
        ("pones", "phones"),
        ("cities", None),
        ("citis", None),
        ("regions", None),
        ("x" * 300, None),
    ],
)
def test_a_name_is_suggested_where_it_is_near(name: str, meant: str | None) -> None:
    assert nearest_name(name, ["activities", "margin", "firstname", "lastname", "timestamp", "phones"]) == meant


def test_members_in_other_case_are_noted_with_the_right_one(client: TestClient) -> None:
    client.post(SUBSCRIPTIONS, json={"URL": "http://127.0.0.1:1/", "APIKEY": "k"}, headers=token(client, "seeker"))
    notes = last_call(client)["notes"]
    assert "body member `URL`: unknown, ignored; did you mean `url`?" in notes
    assert "body member `APIKEY`: unknown, ignored; did you mean `apiKey`?" in notes


@pytest.mark.parametrize(
    ("compress", "form"), [(gzip.compress, "gzip"), (zlib.compress, "deflate"), (lambda _: b"\x28\xb5\x2f\xfd", "zstd")]
)
def test_a_compressed_body_that_does_not_say_so_is_told(
    client: TestClient, compress: Callable[[bytes], bytes], form: str
) -> None:
    words = f"is compressed ({form}), and compressed bodies are not read here: send it as it is."
    body = compress(b'{"reference": "1"}')
    answer = client.post(LEADS, content=body, auth=AUTH, headers={"content-type": JSON})
    assert (answer.status_code, words in answer.text) == (400, True)
    answer = client.post("/gsl/oauth/token", content=compress(b"grant_type=x"), headers={"content-type": FORM})
    assert words in answer.text


def test_json_that_says_it_is_a_form_is_told(client: TestClient) -> None:
    body = json.dumps({"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"})
    for provider in SCOPES:
        answer = client.post(f"/{provider}/oauth/token", content=body, headers={"content-type": FORM})
        assert "The body is JSON, and Content-Type says that it is a form" in answer.text


def test_scopes_that_are_left_out_are_noted_and_commas_are_told(client: TestClient) -> None:
    form = {"grant_type": "client_credentials", "client_id": "mock-gsl-client", "client_secret": "mock-gsl-secret"}
    assert client.post("/gsl/oauth/token", data={**form, "scope": "laas:leads:get other"}).status_code == 200
    (note,) = last_call(client)["notes"]
    assert note == "scope: `other` is not granted to this client and left out; the token has laas:leads:get"
    assert "no commas" in client.post("/gsl/oauth/token", data={**form, "scope": "laas:leads:get,other"}).text


def test_credentials_of_another_sandbox_are_told_where_those_of_this_one_are(client: TestClient) -> None:
    client.post("/__admin/sandboxes", json={"id": "mine"})
    assert client.get(f"/~mine{LEADS}", auth=AUTH).status_code == 401
    (entry,) = client.get("/__admin/sandboxes/mine/journal").json()["entries"]
    assert (
        "credentials: each sandbox has its own; `GET /__admin/sandboxes/mine` shows those of this one" in entry["notes"]
    )


def test_a_value_of_another_form_is_told_its_place_and_the_right_form_in_words(client: TestClient) -> None:
    client.post("/apimo/agencies/101/requests", json={"area": {"max": "x"}, "areas": "a"}, auth=AUTH)
    messages = {violation["pointer"]: violation["message"] for violation in last_call(client)["violations"]}
    assert messages["/area/max"] == "`area.max` is 'x'; a number, such as 80 or 80.5, is needed"
    assert messages["/areas"] == "`areas` is 'a'; a list of whole numbers, such as 1,2, is needed"
