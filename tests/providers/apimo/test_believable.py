"""Apimo's properties, requests and leads as somebody who knows the trade reads them."""

import re
from typing import Any

import pytest

from mockserver.providers.apimo.codes import SUBTYPE
from mockserver.world.tables import table
from tests.conftest import MakeClient
from tests.support.in_process import TestClient

AGENCY = "/apimo/agencies/101"
_DECIMALS = re.compile(r"[:\[,]\s*-?\d+\.0+(?=[,}\]\s])")


def items(client: TestClient, path: str) -> list[dict[str, Any]]:
    """All of a list of agency 101."""
    found: list[dict[str, Any]] = client.get(f"{AGENCY}/{path}?limit=1000").json()[path]
    return found


@pytest.mark.parametrize("path", ["leads", "properties", "requests", "contacts"])
def test_whole_numbers_have_no_decimals_whoever_made_them(make_client: MakeClient, path: str) -> None:
    answer = make_client(world="default").get(f"{AGENCY}/{path}?limit=1000")
    assert answer.status_code == 200
    assert _DECIMALS.findall(answer.text) == []


def test_a_district_has_one_id_in_properties_and_in_requests(make_client: MakeClient) -> None:
    client = make_client(world="default")
    districts: dict[str, set[tuple[str, str]]] = {}
    for shown in items(client, "properties"):
        if shown["district"]:
            ids = districts.setdefault(str(shown["district"]["id"]), set())
            ids.add((shown["city"]["name"], shown["district"]["name"]))
    of_properties = len(districts)
    for request in items(client, "requests"):
        for location in request["locations"]:
            if location["district"]:
                ids = districts.setdefault(location["district"]["id"], set())
                ids.add((location["city"]["name"], location["district"]["name"]))
    assert of_properties > 5
    assert {id: names for id, names in districts.items() if len(names) > 1 or id == "0"} == {}
    assert len({name for names in districts.values() for name in names}) == len(districts)


def test_a_district_is_written_by_its_id_or_by_its_name(client: TestClient) -> None:
    contact = items(client, "contacts")[0]["id"]
    wanted = {"id": "20102", "name": "Libération"}
    for district in ({"id": "20102"}, {"name": "Libération"}, wanted):
        body = {
            **{"contact": contact, "user": 3801, "category": "1", "country": "FR"},
            "locations": [{"region": None, "city": {"id": "2010", "name": "Nice"}, "district": district}],
        }
        made = client.post(f"{AGENCY}/requests", json=body)
        assert made.status_code in (200, 201), made.text
        newest = max(items(client, "requests"), key=lambda request: request["id"])
        assert newest["locations"][0]["district"] == wanted


def test_a_flat_of_a_programme_is_a_flat_and_not_a_building(make_client: MakeClient) -> None:
    homes = make_client(world="default").get("/apimo/agencies/102/properties?limit=1000").json()["properties"]
    shown = [home for home in homes if "rogramme neuf" in home["comments"][0]["title"]]
    assert shown
    for home in shown:
        assert (home["type"], home["condition"]) == (1, 8)
        assert "garanties constructeur" in home["comments"][0]["comment"]


def test_what_is_let_or_lived_in_is_not_free(make_client: MakeClient) -> None:
    homes = items(make_client(world="default"), "properties")
    seen = {(home["category"], home["subcategory"], home["availability"]) for home in homes if home["category"] == 5}
    assert seen <= {(5, 52, "3")}
    rented = [home for home in homes if home["category"] in (2, 3) and (home["step"], home["status"]) == (3, 30)]
    assert {home["availability"] for home in rented} == {"2"}
    assert {home["availability"] for home in homes if home["step"] == 1 and home["category"] == 2} == {"1"}


def test_members_have_what_the_text_promises(make_client: MakeClient) -> None:
    shown = items(make_client(world="default"), "properties")
    seen = set()
    for property_ in shown:
        text = property_["comments"][0]["comment"]
        areas = {area["type"]: area["area"] for area in property_["areas"]}
        if "plein sud" in text:
            seen.add("sun")
            assert "4" in property_["orientations"]
        if "Cave et stationnement" in text:
            seen.add("cellar")
            assert {5, 6} <= set(areas)
        if land := re.search(r"terrain de ([\d\u00a0]+) m²", text):
            seen.add("land")
            assert property_["plot"] is not None
            assert areas[51] == int(land[1].replace("\u00a0", ""))
    assert seen == {"sun", "cellar", "land"}


def test_what_is_sold_or_withdrawn_is_not_free(make_client: MakeClient) -> None:
    shown = items(make_client(world="default"), "properties")
    gone = [property_ for property_ in shown if property_["step"] == 3]
    assert len(gone) > 2
    assert "1" not in {property_["availability"] for property_ in gone}


def test_every_subtype_has_a_french_name_in_the_catalog_and_parking_is_parking() -> None:
    names = {int(entry["id"]): entry.get("fr") for entry in table("catalogs")["property_subtype"]}
    assert [subtype for subtype, id in SUBTYPE.items() if not names.get(id)] == []
    assert (names[SUBTYPE["GARAGE"]], names[SUBTYPE["OUTSIDE"]]) == ("Garage", "Parking")


def test_details_for_the_agency_are_shown_in_a_believable_share(make_client: MakeClient) -> None:
    client = make_client(world="default")
    properties = items(client, "properties")
    on_offer = [one for one in properties if one["step"] == 1]
    assert 0.2 < sum(bool(one["exchanges"]) for one in on_offer) / len(on_offer) < 0.8
    assert not any(one["exchanges"] for one in properties if one["step"] != 1)
    heated = [one for one in properties if one["heating"]]
    assert heated
    assert {one["type"] for one in heated} <= {1, 2}, "homes"
    for one in heated:
        catalog = client.get("/apimo/catalogs/property_heating_type").json()
        assert one["heating"]["type"] in {entry["id"] for entry in catalog}
    for one in properties:
        assert bool(one["view"]) is any("vue dégagée" in text["comment"].lower() for text in one["comments"])
        assert bool(one["logs"]) is (one["step"] != 1)


def test_a_contact_is_looked_after_by_a_user_of_its_agency(make_client: MakeClient) -> None:
    client = make_client(world="default")
    users = {int(user["id"]) for user in items(client, "users")}
    contacts = items(client, "contacts")
    assert {contact["user"] for contact in contacts} == users
    assert any(contact["website"] for contact in contacts)
    assert not any(contact["website"] for contact in contacts if contact["name"] is None)
