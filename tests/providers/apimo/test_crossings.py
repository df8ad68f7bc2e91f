"""Crossings: which property fits which request, computed, and the same seen from both sides."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.foundation.resources import resource
from mockserver.foundation.settings import Settings
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW
from tests.support.in_process import TestClient

MakeApp = Callable[..., MockServer]
MakeClient = Callable[..., TestClient]

AGENCY = "/apimo/agencies/101"
HOUSE = 5_120_004
"""A house for sale in Le Cannet; `FITTING` asks for just that."""
ON_REQUEST = 5_120_019
"""A flat in Grasse without a price."""
PINS = """
pins:
  - {kind: estate, agency: 101, position: 1, why: the house, set: {price: 570000, area: 137, rooms: 6, bedrooms: 5}}
  - {kind: estate, agency: 101, position: 6, why: the flat, set: {price: null}}
"""
FITTING: dict[str, Any] = {
    **{"contact": "1", "user": "3801", "country": "FR", "category": "1", "types": "2"},
    **{"locations": "Le Cannet", "price": {"min": "500000", "max": "600000"}, "area": {"min": "130", "max": "140"}},
    **{"rooms": "6", "rooms_operator": "1", "bedrooms": "5", "margin": "10"},
}


def found(client: TestClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """The crossings of one request or one property."""
    reply = client.get(f"{AGENCY}/{path}/crossings", params=query)
    assert reply.status_code == 200, reply.text
    crossings: list[dict[str, Any]] = reply.json()["crossings"]
    return crossings


def create(client: TestClient, **changes: Any) -> int:
    """A request that asks for the house, but for the changes; None leaves a member out."""
    body = {name: value for name, value in {**FITTING, **changes}.items() if value is not None}
    reply = client.post(f"{AGENCY}/requests", json=body)
    assert reply.status_code == 200, reply.text
    return int(reply.json()["id"])


def total(client: TestClient, **changes: Any) -> int | None:
    """How well the house fits such a request; None when it is no match."""
    crossings = found(client, f"requests/{create(client, **changes)}")
    return next((int(match["total"]) for match in crossings if match["property_id"] == HOUSE), None)


def ids(client: TestClient, name: str) -> list[int]:
    """All ids of a list of agency 101."""
    return [item["id"] for item in client.get(f"{AGENCY}/{name}").json()[name]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of the small world with those two."""
    path = tmp_path_factory.mktemp("world") / "small.yaml"
    path.write_text(resource("fixtures", "worlds", "small.yaml").read_text(encoding="utf-8") + PINS, encoding="utf-8")
    return str(path)


@pytest.fixture
def client(make_client: MakeClient, world: str) -> TestClient:
    """A client of a fresh application over that world."""
    return make_client(world=world)


@pytest.fixture(scope="module")
def shared() -> MockServer:
    """An application from which each example gets a sandbox of its own."""
    return build(Settings(world="small", now=NOW))


@pytest.mark.parametrize(("world", "seed", "at_least"), [("small", 1, 5), ("messy", 6, 4), ("default", 1, 100)])
def test_both_directions_agree_on_every_pair_of_a_world(
    make_client: MakeClient, world: str, seed: int, at_least: int
) -> None:
    client = make_client(world=world, seed=seed)
    by_request = {
        (request, match.pop("property_id")): match
        for request in ids(client, "requests")
        for match in found(client, f"requests/{request}")
    }
    by_property = {
        (match.pop("request_id"), shown): match
        for shown in ids(client, "properties")
        for match in found(client, f"properties/{shown}")
    }

    assert by_request == by_property
    assert len(by_request) >= at_least


@pytest.mark.parametrize("world", ["small", "default"])
def test_a_match_is_on_the_market_and_of_the_kind_that_was_asked_for(make_client: MakeClient, world: str) -> None:
    client = make_client(world=world)
    properties = {shown["id"]: shown for shown in client.get(f"{AGENCY}/properties").json()["properties"]}
    seen = set()
    for request in client.get(f"{AGENCY}/requests").json()["requests"]:
        crossings = found(client, f"requests/{request['id']}")
        totals = [int(match["total"]) for match in crossings]
        assert totals == sorted(totals, reverse=True)
        for match in crossings:
            shown = properties[match["property_id"]]
            assert request["active"]
            assert shown["step"] == 1
            assert str(shown["category"]) == request["category"]
            assert not request["types"] or str(shown["type"]) in request["types"]
            assert 1 <= int(match["total"]) <= 100
            assert match["updated_at"] == max(shown["updated_at"], request["updated_at"])
            assert match["created_at"] == max(shown["created_at"], request["created_at"])
            seen.add(match["step_id"])
    assert seen <= {1, 2, 3}
    assert len(seen) > 1


def test_a_new_request_is_matched_at_once_from_both_sides_and_all_is_to_suggest(client: TestClient) -> None:
    before = found(client, f"properties/{HOUSE}")
    request = create(client)
    crossings = found(client, f"requests/{request}")

    assert crossings[0] == {
        **{"property_id": HOUSE, "step_id": 1, "total": "100"},
        **dict.fromkeys(["created_at", "updated_at"], "2026-01-01 01:00:00"),
    }
    assert {match["step_id"] for match in crossings} == {1}
    assert [match for match in found(client, f"properties/{HOUSE}") if match not in before] == [
        {"request_id": request, **{name: value for name, value in crossings[0].items() if name != "property_id"}}
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 100),
        # The place counts 30 of 100, and nothing makes up for another town.
        ({"locations": "Cannes"}, 45),
        ({"locations": "Cannes, Le Cannet"}, 100),
        ({"locations": "Nulle-Part"}, 45),
        # So does the price, less and less up to the margin; the house costs 570,000.
        ({"price": {"max": "570000"}}, 100),
        ({"price": {"max": "541500"}}, 84),
        ({"price": {"max": "520000"}}, 71),
        ({"price": {"max": "510000"}}, 70),
        ({"price": {"min": "600000"}}, 85),
        # Nothing makes up for a price of more than 15 % above or below, unless the margin is wider.
        ({"price": {"max": "496000"}}, 70),
        ({"price": {"max": "495000"}}, None),
        ({"price": {"max": "495000"}, "margin": "20"}, 77),
        ({"price": {"max": "105000"}}, None),
        ({"price": {"min": "680000"}}, None),
        ({"price": {"max": "541500"}, "margin": "20"}, 92),
        ({"price": {"max": "541500"}, "margin": "0"}, 70),
        ({"price": {"max": "569999"}, "margin": "0"}, 70),
        # The area counts 20; the house has 137 square metres.
        ({"area": {"min": "137", "max": "137"}}, 100),
        ({"area": {"min": "145"}}, 89),
        ({"area": {"min": "160"}}, 80),
        ({"area": {"max": "100"}}, 80),
        ({"area": {"min": "190"}}, 80),
        ({"area": {"min": "220"}}, None),
        ({"area": {"min": "230"}}, None),
        # Rooms count 10 and bedrooms 10; it has six and five.
        ({"rooms": "7"}, 90),
        ({"rooms": "5"}, 90),
        ({"rooms": "8"}, None),
        ({"rooms": "9"}, None),
        ({"rooms": "6", "rooms_operator": "2"}, 100),
        ({"rooms": "6", "rooms_operator": "3"}, 100),
        ({"rooms": "5", "rooms_operator": "2"}, 100),
        ({"rooms": "7", "rooms_operator": "2"}, 90),
        ({"rooms": "7", "rooms_operator": "3"}, 100),
        ({"rooms": "5", "rooms_operator": "3"}, 90),
        ({"bedrooms": "6"}, 90),
        ({"bedrooms": "2"}, 100),
        ({"bedrooms": "0"}, 100),
        # What is not asked for counts for nothing.
        ({"locations": "", "rooms": "7"}, 86),
        ({"price": None, "area": None, "rooms": None, "bedrooms": None, "locations": "Cannes"}, None),
        ({"price": None, "area": None, "rooms": None, "bedrooms": None, "locations": None}, 100),
        # Category and type are not a matter of degree.
        ({"category": "2"}, None),
        ({"category": "4"}, None),
        ({"types": "1"}, None),
        ({"types": "1,2"}, 100),
        ({"types": "2,10"}, 100),
        ({"types": "10"}, None),
        ({"types": ""}, 100),
        ({"active": "0"}, None),
    ],
)
def test_each_wish_changes_the_total(client: TestClient, changes: dict[str, Any], expected: int | None) -> None:
    assert total(client, **changes) == expected


def test_a_price_on_request_fits_no_range_of_prices(client: TestClient) -> None:
    with_price = found(
        client, f"requests/{create(client, types='1', locations='Grasse', area=None, rooms=None, bedrooms=None)}"
    )
    without = found(
        client,
        f"requests/{create(client, types='1', locations='Grasse', area=None, rooms=None, bedrooms=None, price=None)}",
    )

    assert [match["total"] for match in with_price if match["property_id"] == ON_REQUEST] == ["50"]
    assert [match["total"] for match in without if match["property_id"] == ON_REQUEST] == ["100"]


def test_an_update_of_a_request_moves_its_crossings_and_their_dates(make_app: MakeApp, world: str) -> None:
    app = make_app(world=world)
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    client.auth = AUTH
    request = create(client)
    app.sandbox.clock.advance(60)
    client.put(f"{AGENCY}/requests/{request}", json={"rooms": "7"})

    first = found(client, f"requests/{request}")[0]
    assert (first["total"], first["created_at"]) == ("90", "2026-01-01 01:00:00")
    assert first["updated_at"] == "2026-01-01 01:01:00"
    page = client.get(f"{AGENCY}/properties/{HOUSE}/crossings").json()
    assert page["timestamp"] == app.sandbox.clock.now()
    client.put(f"{AGENCY}/requests/{request}", json={"active": "0"})
    assert found(client, f"requests/{request}") == []


def test_steps_partition_the_crossings_of_both_sides(make_client: MakeClient) -> None:
    client = make_client(world="default")
    seen = set()
    paths = [f"requests/{id}" for id in ids(client, "requests")] + [
        f"properties/{id}" for id in ids(client, "properties")
    ]
    for path in paths:
        whole = found(client, path)
        for step in (1, 2, 3):
            page = client.get(f"{AGENCY}/{path}/crossings", params={"step": step}).json()
            assert page["crossings"] == [match for match in whole if match["step_id"] == step]
            assert page["total_items"] == len(page["crossings"])
            seen |= {step for _ in page["crossings"]}
    assert seen == {1, 2, 3}


@settings(max_examples=40)
@given(
    price=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
    area=st.tuples(st.integers(0, 300), st.integers(0, 300)),
    margins=st.tuples(st.integers(0, 100), st.integers(0, 100)),
    data=st.data(),
)
def test_a_wider_margin_never_loses_a_match(
    shared: MockServer, price: tuple[int, int], area: tuple[int, int], margins: tuple[int, int], data: st.DataObject
) -> None:
    client = TestClient(
        MockServer(shared.settings, shared.providers, SandboxRegistry(shared.settings, shared.providers)),
        base_url="http://127.0.0.1:8080",
    )
    client.auth = AUTH
    wishes = {
        "types": data.draw(st.sampled_from(["1", "2", "1,2", ""])),
        "price": {"min": min(price), "max": max(price)},
        "area": {"min": min(area), "max": max(area)},
    }
    narrow, wide = (
        {match["property_id"]: int(match["total"]) for match in found(client, f"requests/{id}")}
        for id in (create(client, **wishes, margin=margin) for margin in sorted(margins))
    )

    assert narrow.keys() <= wide.keys()
    assert all(wide[shown] >= fit for shown, fit in narrow.items())


def test_what_crosses_is_near_the_budget_and_the_better_it_fits_the_more_often_it_was_suggested(
    make_client: MakeClient,
) -> None:
    client = make_client(world="default")
    prices = {shown["id"]: shown["price"]["value"] for shown in client.get(f"{AGENCY}/properties").json()["properties"]}
    by_step: dict[int, list[int]] = {1: [], 2: [], 3: []}
    for request in client.get(f"{AGENCY}/requests").json()["requests"]:
        most = float(request["price"]["max"] or "inf")
        for match in found(client, f"requests/{request['id']}"):
            assert (prices[match["property_id"]] or 0) <= 1.15 * most, (request["id"], match)
            by_step[match["step_id"]].append(int(match["total"]))
    assert sum(by_step[2]) / len(by_step[2]) > 80 > sum(by_step[3]) / len(by_step[3])
