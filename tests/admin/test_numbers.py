"""Every number has an end: it is taken or refused with a sentence, and what is refused is not half done."""

import json
import re
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.admin.endpoints import ENDPOINTS
from mockserver.admin.openapi import make_document
from mockserver.domain import Kind
from mockserver.foundation.dataclass_fields import field_names
from mockserver.server.app import MockServer
from mockserver.world import WorldError, load_world_file
from mockserver.world.files import read_world_file
from mockserver.world.pins import FIXED, MODELS, PinBoard
from tests.conftest import AUTH, NOW
from tests.support.every_call import provider_lists, sandbox_lists
from tests.support.in_process import TestClient

MakeApp = Callable[..., MockServer]

ODD: tuple[Any, ...] = (0, -1, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**12, -(10**12), 1e308, -1e308, 10**30)
NAN = float("nan")
TEXTS = ("1", "newest", "gsl", "2026-01-31T12:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z")
DURATIONS = ("PT1H", "-PT999999H", "P999999W", "-P999999W", "PT0.000001S")
DOCUMENT = make_document(ENDPOINTS)
BODIES = {
    operation["operationId"]: (method.upper(), path, operation["requestBody"]["content"]["application/json"]["schema"])
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if "application/json" in operation.get("requestBody", {}).get("content", ())
    and not operation["operationId"].endswith("OfDefault")
}
QUERIES = {
    operation["operationId"]: (path, [part["name"] for part in operation["parameters"] if part["in"] == "query"])
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method == "get" and "followJournal" not in operation["operationId"]
    if any(part["in"] == "query" for part in operation.get("parameters", ()))
}
IN_PATH = {"sandbox": "default", "provider": "gsl", "lead": "newest", "agency": "101"}
WORLD: dict[str, Any] = {
    "name": "odd",
    "size": {"agents": 20, "estates": 40, "enquiries": 150},
    "agencies": [{"id": 101}, {"id": 102}],
}


def client_of(app: MockServer) -> TestClient:
    """A client that gets the answer 500 as others do."""
    client = TestClient(app, base_url="http://127.0.0.1:8080", raise_server_exceptions=False)
    client.auth = AUTH
    return client


def odd_values(schema: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values that are of a schema in all but their numbers."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return odd_values(DOCUMENT["components"]["schemas"][name], depth)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return st.one_of([odd_values(branch, depth) for branch in schema[word]])
    if "const" in schema or "enum" in schema:
        return st.sampled_from([schema["const"]] if "const" in schema else schema["enum"])
    match schema.get("type"):
        case "integer" | "number":
            return st.sampled_from([*ODD, NAN, 1, 2])
        case "string":
            return st.sampled_from(DURATIONS if "P(" in schema.get("pattern", "") else TEXTS)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "array":
            return st.lists(odd_values(schema.get("items", {}), depth + 1), min_size=1, max_size=2)
        case "object" if "properties" in schema:
            return _odd_objects(schema, depth)
    return st.sampled_from([*ODD, NAN, {"a": 10**30}, [NAN], {"n": 1}])


def _odd_objects(schema: Any, depth: int) -> st.SearchStrategy[Any]:
    members = {name: odd_values(part, depth + 1) for name, part in schema["properties"].items() if depth < 4}
    needed = {name: members[name] for name in schema.get("required", ()) if name in members}
    free = {name: value for name, value in members.items() if name not in needed}
    few: st.SearchStrategy[Any] = st.just({})
    if free:
        names = st.lists(st.sampled_from(sorted(free)), max_size=2, unique=True)
        few = names.flatmap(lambda chosen: st.fixed_dictionaries({name: free[name] for name in chosen}))
    return st.builds(lambda one, other: {**one, **other}, st.fixed_dictionaries(needed), few)


def url_of(path: str) -> str:
    """The path of an operation with values in it that the small world has."""
    for name, value in IN_PATH.items():
        path = path.replace(f"{{{name}}}", value)
    return f"/__admin{path}"


def state_of(client: TestClient) -> list[Any]:
    """All that a refused call must leave as it was."""
    paths = ("/sandboxes", "/clock", "/faults", "/scenario", "/leads?limit=3", "/webhooks/delivery-faults", "/webhooks")
    return [client.get(f"/__admin{path}").json() for path in paths]


def assert_whole(client: TestClient) -> None:
    """Everything can still be read, in the envelope of whom it is from."""
    for answer in sandbox_lists(client):
        assert answer.status_code == 200, (answer.request.url, answer.text)


@pytest.mark.no_cover
@pytest.mark.parametrize("operation", BODIES)
def test_an_odd_number_in_a_body_is_taken_or_refused_and_never_half_done(operation: str, make_app: MakeApp) -> None:
    method, path, schema = BODIES[operation]
    app = make_app(journal_size=5)

    @settings(max_examples=12)
    @given(odd_values(schema))
    def sent(body: Any) -> None:
        client = client_of(app)
        before = state_of(client)
        answer = client.request(
            method, url_of(path), content=json.dumps(body), headers={"content-type": "application/json"}
        )
        assert 200 <= answer.status_code < 500, (body, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert state_of(client) == before, body
        else:
            assert_whole(client)
            for id in [line["id"] for line in client.get("/__admin/sandboxes").json()["sandboxes"][1:]]:
                assert client.get(f"/__admin/sandboxes/{id}/leads").status_code == 200
                assert client.delete(f"/__admin/sandboxes/{id}").status_code == 204
            assert client.post("/__admin/reset").status_code == 204

    sent()


@pytest.mark.parametrize("operation", QUERIES)
def test_an_odd_number_in_a_query_is_taken_or_refused(operation: str, make_app: MakeApp) -> None:
    path, names = QUERIES[operation]
    client = client_of(make_app())
    for name in names:
        for value in (*ODD, NAN, "9" * 5_000):
            answer = client.get(url_of(path), params={name: str(value)})
            assert answer.status_code in (200, 400, 404, 422), (name, value, answer.text)
            assert "json" in answer.headers["content-type"]


@pytest.mark.parametrize(
    "path",
    [
        *("/apimo/agencies/%s/leads", "/apimo/agencies/101/leads?limit=%s", "/apimo/agencies/101/leads?offset=%s"),
        *("/apimo/agencies/101/leads?timestamp=%s", "/apimo/agencies/101/properties/%s", "/~x/%s"),
        *("/__admin/leads/%s", "/__admin/leads/newest:%s", "/__admin/faults/%s", "/__admin/journal?after=%s"),
    ],
)
def test_an_odd_number_in_an_address_is_taken_or_refused(path: str, make_app: MakeApp) -> None:
    client = client_of(make_app())
    for value in (*ODD, NAN, "9" * 500):
        answer = client.get(path % value)
        assert answer.status_code < 500, (path, value, answer.text)


# Worlds


def accepted(kind: Kind, name: str, value: Any) -> bool:
    """Whether a pin may set a member to that value; the order of time is another matter."""
    if name in FIXED or name == "created_at":
        return False
    pin = {"kind": kind, "agency": 101, "position": 0, "why": "odd", "set": {name: value}}
    try:
        PinBoard(read_world_file({**WORLD, "pins": [pin]})).check()
    except WorldError:
        return False
    return True


PINNED: Mapping[str, Any] = {
    **{repr(number): number for number in (0, -1, 10**12, -(10**12), 2**63, 1e-300, 1e308)},
    **{"null": None, "true": True, "empty text": "", "text": "x" * 10, "long text": "é" * 2_000, "empty list": []},
    **{"moment": "9994-01-01T00:00:00Z", "day": "1900-01-01", "list": ["x"], "object": {}},
}


@pytest.mark.parametrize("value", PINNED.values(), ids=list(PINNED))
def test_what_a_pin_may_set_can_be_shown_by_every_provider(value: Any, make_app: MakeApp) -> None:
    client = client_of(make_app())
    pins = [
        {"kind": kind, "agency": 101, "position": position, "why": "odd", "set": {name: value}}
        for kind, model in MODELS.items()
        for position, name in enumerate(name for name in field_names(model) if accepted(kind, name, value))
    ]
    body = json.dumps({"id": "odd", "world": {**WORLD, "pins": pins}})
    made = client.post("/__admin/sandboxes", content=body, headers={"content-type": "application/json"})
    assert made.status_code == 201, made.text
    for answer in chain(sandbox_lists(client, "odd"), provider_lists(client, NOW, "odd")):
        assert answer.status_code in (200, 404), (answer.request.url, answer.text)


BAD_WORLDS: Mapping[str, tuple[dict[str, Any], str]] = {
    "agents": ({"size": {"agents": 10**9}}, "size.agents: 1000 is the most"),
    "enquiries": ({"size": {"enquiries": 10**8}}, "size.enquiries: 10000000 is the most"),
    "all together": (
        {"size": {"enquiries": 10**7}, "agencies": [{"id": id} for id in range(1, 12)]},
        "a world has at most 100000000",
    ),
    "without estates": (
        {"size": {"enquiries": 20_001, "estates": 0}},
        "20000 enquiries are the most of an agency without",
    ),
    "seed": ({"seed": 10**30}, "seed: 9007199254740992 is the most"),
    "id of an agency": ({"agencies": [{"id": 10**30}]}, "id: 999999999999999 is the most"),
    "days": ({"span_days": 2**63}, "span_days: 3650 is the most"),
}
BAD_PINS: Mapping[str, tuple[Kind, dict[str, Any], str]] = {
    "repetition": (Kind.ENQUIRY, {"message": {"repeat": "a", "times": 10**11}}, "1 to 65536 would be right"),
    "price": (Kind.ESTATE, {"price": 10**15}, "price is 1000000000000000; 0 to 1000000000000 would"),
    "area": (Kind.ESTATE, {"area": None}, "area: a number is needed"),
    "area that is infinite": (Kind.ESTATE, {"area": 1e308}, "area is 1e\\+308"),
    "commune": (Kind.ESTATE, {"commune": -1}, "commune -1 is not in our table"),
    "moment": (Kind.PERSON, {"updated_at": 10**30}, "updated_at must lie between the years 1970 and 9994"),
    "year": (Kind.ENQUIRY, {"created_at": "0001-01-01T00:00:00Z"}, "must lie between the years 1970 and 9994"),
    "day": (Kind.PERSON, {"birth_date": "1980-02-31"}, "birth_date is '1980-02-31', which no calendar has"),
    "position": (Kind.ENQUIRY, {"parent": {"position": 10**30}}, "there is no enquiry at position"),
    "depth": (Kind.ENQUIRY, {"extras": {"a": json.loads("[" * 60 + "]" * 60)}}, "more than 16 levels"),
}
REFUSED = {
    **{name: ({**WORLD, **change}, said) for name, (change, said) in BAD_WORLDS.items()},
    **{
        f"pin of {name}": (
            {**WORLD, "pins": [{"kind": kind, "agency": 101, "position": 0, "why": "odd", "set": members}]},
            said,
        )
        for name, (kind, members, said) in BAD_PINS.items()
    },
}


@pytest.mark.parametrize(("world", "said"), REFUSED.values(), ids=list(REFUSED))
def test_a_world_is_refused_alike_from_a_file_and_over_http(
    world: dict[str, Any], said: str, tmp_path: Path, client: TestClient
) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(json.dumps(world), encoding="utf-8")
    with pytest.raises(WorldError, match=said):
        load_world_file(str(file))
    answer = client.post("/__admin/sandboxes", json={"id": "odd", "world": world})
    assert answer.status_code == 422
    assert re.search(said, answer.json()["detail"])
    scenario = {"name": "odd", "why": "a world of its own", "world": world, "steps": []}
    answer = client.post("/__admin/sandboxes", json={"id": "odd", "scenario": scenario})
    assert answer.status_code == 422
    assert [line["id"] for line in client.get("/__admin/sandboxes").json()["sandboxes"]] == ["default"]
