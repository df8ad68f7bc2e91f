"""What clients write to Apimo: all 46 members of a lead and all 27 of a request, and what of them is read back."""

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.contract import load_contract
from mockserver.contract.examples import examples
from mockserver.foundation.resources import resource
from tests.conftest import AUTH, NOW
from tests.support.in_process import TestClient

MakeClient = Callable[..., TestClient]

AGENCY = "/apimo/agencies/101"
CONTRACT = load_contract("apimo", resource("contracts", "apimo.yaml"))
PUBLISHED: dict[str, Any] = {where: value for where, _, value in examples(CONTRACT.document)}
LEAD = PUBLISHED["createLead request published"]
REQUEST = PUBLISHED["createRequest request published"]
CREATED = "2026-01-01 01:00:00"
"""`NOW` in Paris."""


def write(client: TestClient, method: str, path: str, body: Any) -> dict[str, Any]:
    """A write that must work: 200 and never 201, with the three members of a receipt."""
    reply = client.request(method, f"{AGENCY}/{path}", json=body)
    assert reply.status_code == 200, reply.text
    receipt: dict[str, Any] = reply.json()
    assert list(receipt) == ["id", "created_at", "updated_at"]
    assert type(receipt["id"]) is int
    return receipt


def one(client: TestClient, name: str, id: int) -> dict[str, Any]:
    """One of a list of agency 101."""
    items: list[dict[str, Any]] = client.get(f"{AGENCY}/{name}").json()[name]
    return next(item for item in items if item["id"] == id)


def lead_of(client: TestClient, **body: Any) -> dict[str, Any]:
    """A new lead as it is read."""
    return one(client, "leads", write(client, "POST", "leads", {"reference": "r", **body})["id"])


def request_of(client: TestClient, **body: Any) -> dict[str, Any]:
    """A new request as it is read."""
    needed = {"contact": "1", "user": "3801", "category": "1", "country": "FR"}
    return one(client, "requests", write(client, "POST", "requests", {**needed, **body})["id"])


def notes(client: TestClient) -> list[str]:
    """What the journal says of the last call."""
    found: list[str] = client.get("/__admin/journal").json()["entries"][-1]["notes"]
    return found


# ------------------------------------------------------------------------------------------------------------- leads

SHOWN_IN_THE_LEAD: dict[str, Any] = {
    "reference": "6794b6a365e35",
    "date": "2025-01-25 11:02:11",
    "step": "1",
    "type": "1",
    "language": "fr",
    "country": "FR",
    "lastname": "MARTIN",
    "firstname": "Jean",
    "email": "",
    "phone": "+33106060600",
    "fax": "+33106060601",
    "mobile": "+33606060606",
    "message": "Hello, please can you call me back. Jean",
    "start_at": "2016-08-01",
    "end_at": "2016-08-31",
    "referral": "1",
    "subreferral": "1234",
    "property_address": "80 boulevard de la Croisette",
    "property_address_more": "Immeuble Azur",
    "property_zipcode": "06400",
    "property_city": "Cannes",
    "property_country": "FR",
    "property_view_landscape": 1,
}
SHOWN_IN_ITS_CRITERIA = {
    "property_category": ("category", 1),
    "area_min": ("area/min", 80),
    "area_max": ("area/max", 120),
    "room_min": ("room/min", 1),
    "room_max": ("room/max", 4),
    "price_min": ("price/min", 400_000),
    "price_max": ("price/max", 450_000),
    "currency": ("price/currency", "EUR"),
    "property_types": ("types", [1, 2, 3]),
    "property_sybtype": ("subtype", 3),
}
SHOWN_IN_THE_CONTACT = {
    "title": ("title", 1),
    "address": ("address", "131 rue d Antibes"),
    "address_more": ("address_more", "Second floor"),
    "zipcode": ("city/zipcode", "06400"),
    "city": ("city/name", "Cannes"),
}
SHOWN_NOWHERE = {
    *("recipient_lastname", "recipient_firstname", "recipient_email"),
    *("area_unit", "bedroom_min", "bedroom_max", "property_location"),
    "property_reference",
}
"""Members that no published page shows when reading; `property_reference` shows as `property` when there is one."""


def at(value: Any, path: str) -> Any:
    """What lies at a path such as `area/min`."""
    for part in path.split("/"):
        value = value[part]
    return value


def test_each_of_the_46_published_members_has_its_place() -> None:
    places: list[set[str]] = [
        set(SHOWN_IN_THE_LEAD),
        set(SHOWN_IN_ITS_CRITERIA),
        set(SHOWN_IN_THE_CONTACT),
        SHOWN_NOWHERE,
    ]

    assert sum(map(len, places)) == len(set.union(*places)) == len(LEAD) == 46
    assert set.union(*places) == set(LEAD)


def test_the_published_lead_is_read_back_whole(client: TestClient) -> None:
    lead = one(client, "leads", write(client, "POST", "leads", LEAD)["id"])
    contact = one(client, "contacts", int(lead["contact"]))

    absent = lead["email"]
    assert absent in ("", None)
    assert {name: lead[name] for name in SHOWN_IN_THE_LEAD} == {**SHOWN_IN_THE_LEAD, "email": absent}
    assert {name: at(lead["criteria"], path) for name, (path, _) in SHOWN_IN_ITS_CRITERIA.items()} == {
        name: value for name, (_, value) in SHOWN_IN_ITS_CRITERIA.items()
    }
    for name, (path, value) in SHOWN_IN_THE_CONTACT.items():
        assert at(contact, path) == value, name
    assert contact["lastname"] == "MARTIN"
    assert (lead["created_at"], lead["updated_at"]) == (CREATED, CREATED)
    assert lead["provider"] == int(AUTH[0])
    assert (lead["parent"], lead["property"], lead["user"], lead["request"]) == (None, None, None, None)
    assert notes(client) == []


def test_every_member_can_be_written_by_itself_as_text_or_as_null(client: TestClient) -> None:
    for name, value in LEAD.items():
        assert client.post(f"{AGENCY}/leads", json={"reference": "r", name: value}).status_code == 200, name
        if name != "reference":
            assert client.post(f"{AGENCY}/leads", json={"reference": "r", name: None}).status_code == 200, name
            assert client.post(f"{AGENCY}/leads", json={"reference": "r", name: ""}).status_code == 200, name
    assert client.get(f"{AGENCY}/leads").status_code == 200


@pytest.mark.parametrize("name", ["step", "type", "area_min", "room_max", "price_max", "property_category", "title"])
def test_a_number_may_be_written_as_one_or_as_text_or_with_blanks_around(client: TestClient, name: str) -> None:
    written = [lead_of(client, **{name: value}) for value in (2, 2.0, "2", " 2 ")]

    for lead in written:
        del lead["id"], lead["contact"], lead["parent"]
        for absent in ("email", "phone", "fax", "mobile"):
            del lead[absent]
    assert written[0] == written[1] == written[2] == written[3]


def test_only_a_reference_is_needed(client: TestClient) -> None:
    lead = lead_of(client)

    assert (lead["reference"], lead["step"], lead["type"], lead["date"]) == ("r", "1", None, CREATED)
    assert (lead["lastname"], lead["language"], lead["message"]) == (None, None, "")


def test_a_subtype_is_taken_in_both_spellings(client: TestClient) -> None:
    assert lead_of(client, property_sybtype="3")["criteria"]["subtype"] == 3
    assert lead_of(client, property_subtype=4)["criteria"]["subtype"] == 4
    assert lead_of(client, property_sybtype="", property_subtype="4")["criteria"]["subtype"] == 4


def test_a_later_subtype_replaces_an_earlier_one_whatever_the_spelling(client: TestClient) -> None:
    lead = lead_of(client, property_subtype="4")
    write(client, "PUT", f"leads/{lead['id']}", {"property_sybtype": "3"})

    assert one(client, "leads", lead["id"])["criteria"]["subtype"] == 3


def test_catalog_ids_for_which_the_world_has_no_word_are_kept(client: TestClient) -> None:
    criteria = lead_of(client, property_category="4", property_types="1,8,10")["criteria"]

    assert (criteria["category"], criteria["types"]) == (4, [1, 8, 10])


@pytest.mark.parametrize(
    ("body", "linked", "note"),
    [
        ({"property": 5_120_004}, 5_120_004, None),
        ({"property": "5120004"}, 5_120_004, None),
        ({"property_reference": "VI1"}, 5_120_001, None),
        ({"property_reference": "89120004"}, 5_120_004, None),
        ({"property_reference": 89_120_004}, 5_120_004, None),
        ({"property": 5_120_001, "property_reference": "89120004"}, 5_120_001, None),
        ({"property": 1, "property_reference": "VI1"}, 5_120_001, "property 1 is not one of agency 101"),
        ({"property": 5_120_002}, None, "property 5120002 is not one of agency 101"),
        ({"property_reference": "nothing"}, None, "property_reference 'nothing' is not one of agency 101"),
        ({"property": "", "property_reference": ""}, None, None),
    ],
)
def test_a_lead_is_linked_to_its_property_by_id_or_by_reference(
    client: TestClient, body: dict[str, Any], linked: int | None, note: str | None
) -> None:
    receipt = write(client, "POST", "leads", {"reference": "r", **body})

    assert [said.partition(";")[0] for said in notes(client)] == ([note] if note else [])
    assert one(client, "leads", receipt["id"])["property"] == linked


def test_a_lead_is_linked_to_users_and_requests_of_its_agency_only(client: TestClient) -> None:
    mine = lead_of(client, user=3801, request="156001")
    theirs = write(
        client, "POST", "leads", {"reference": "r", "user": "3802", "request": 156_002, "contact": 4_942_002}
    )

    assert notes(client)[1:] == [
        "user 3802 is not one of agency 101; ignored",
        "request 156002 is not one of agency 101; ignored",
        "contact 4942002 is not one of agency 101; ignored",
    ]
    assert (mine["user"], mine["request"]) == (3801, 156_001)
    shown = one(client, "leads", theirs["id"])
    assert (shown["user"], shown["request"]) == (None, None)
    assert shown["contact"] != "4942002"


def test_null_cuts_a_link_and_another_contact_of_the_agency_can_be_set(client: TestClient) -> None:
    lead = lead_of(client, user=3801, request="156001", property=5120001)
    write(client, "PUT", f"leads/{lead['id']}", {"user": None, "request": "", "property": None, "contact": 4_942_001})
    cut = one(client, "leads", lead["id"])
    assert (cut["user"], cut["request"], cut["property"], cut["contact"]) == (None, None, None, "4942001")
    write(client, "PUT", f"leads/{lead['id']}", {"contact": None})
    assert one(client, "leads", lead["id"])["contact"] is None
    write(client, "PUT", f"leads/{lead['id']}", {"contact": lead["contact"]})
    assert one(client, "leads", lead["id"])["contact"] == lead["contact"]


def test_milestones_are_written_as_they_are_read_and_follow_from_a_step(client: TestClient) -> None:
    lead = lead_of(client, user=3801)
    assert (lead["opened"], lead["assigned"], lead["closed"]) == (None, None, None)
    written = {"date": "2025-12-24 18:00:00", "user": "3801"}
    write(client, "PUT", f"leads/{lead['id']}", {"opened": written, "step": "3"})
    shown = one(client, "leads", lead["id"])
    assert shown["opened"] == written
    assert shown["assigned"] == {"date": "2026-01-01 01:00:00", "user": "3801"}, "now, by the agent of the lead"
    assert shown["closed"] == {"date": None, "user": None}
    write(client, "PUT", f"leads/{lead['id']}", {"opened": None, "assigned": "2025-12-25 10:00:00"})
    shown = one(client, "leads", lead["id"])
    assert (shown["opened"]["date"], shown["assigned"]["date"]) == (None, "2025-12-25 10:00:00")


def test_a_reference_of_another_source_is_not_a_repetition(client: TestClient) -> None:
    portal = client.get(f"{AGENCY}/leads?limit=1").json()["leads"][0]
    assert (
        one(client, "leads", write(client, "POST", "leads", {"reference": portal["reference"]})["id"])["parent"] is None
    )


def test_a_reference_that_was_used_makes_a_child_of_the_first_lead_and_says_so(client: TestClient) -> None:
    first = lead_of(client, lastname="Petit")
    second, third = lead_of(client, lastname="Grand"), lead_of(client)

    assert (first["parent"], second["parent"], third["parent"]) == (None, first["id"], first["id"])
    assert (second["lastname"], one(client, "leads", first["id"])["lastname"]) == ("Grand", "Petit")
    client.post(f"{AGENCY}/leads", json={"reference": "r"})
    assert notes(client) == [f"reference 'r' was used before: lead {first['id']} is the parent of this one"]


def test_a_reference_is_one_agencys_own(client: TestClient) -> None:
    lead_of(client)
    reply = client.post("/apimo/agencies/102/leads", json={"reference": "r"})

    leads = client.get("/apimo/agencies/102/leads").json()["leads"]
    assert next(lead for lead in leads if lead["id"] == reply.json()["id"])["parent"] is None


def test_an_update_changes_what_it_names_and_nothing_else(make_client: MakeClient) -> None:
    client = make_client()
    before = one(client, "leads", 170_001)
    receipt = write(client, "PUT", "leads/170001", {"message": "À rappeler", "step": 3, "area_max": "99.5"})
    after = one(client, "leads", 170_001)

    assert receipt["created_at"] == before["created_at"]
    assert receipt["updated_at"] == CREATED
    changed = {"message": "À rappeler", "step": "3", "updated_at": CREATED}
    criteria = {**before["criteria"], "area": {**before["criteria"]["area"], "max": 99.5}}
    assert after == {**before, **changed, "criteria": criteria}


def test_an_empty_text_empties_and_an_absent_member_does_not(client: TestClient) -> None:
    lead = lead_of(
        client, lastname="Petit", firstname="Zoé", mobile="0612345678", message="Bonjour", property_city="Nice"
    )
    write(client, "PUT", f"leads/{lead['id']}", {"lastname": "", "mobile": None, "message": "", "property_city": ""})
    after = one(client, "leads", lead["id"])

    assert (after["lastname"], after["firstname"], after["message"]) == (None, "Zoé", "")
    assert after["mobile"] in ("", None)
    assert after["property_city"] is None


def test_under_replace_an_update_empties_what_its_body_could_have_named_and_nothing_else(
    make_client: MakeClient,
) -> None:
    client = make_client(variants={"apimo": {"update": "replace"}})
    lead = lead_of(client, **{**LEAD, "user": 3801})
    assert lead["user"] == 3801
    write(client, "PUT", f"leads/{lead['id']}", {"reference": LEAD["reference"], "lastname": "Petit"})
    after = one(client, "leads", lead["id"])

    kept = ("id", "parent", "provider", "agency", "step", "date", "reference", "contact", "created_at")
    assert {name: after[name] for name in kept} == {name: lead[name] for name in kept}
    assert after["lastname"] == "Petit"
    assert {name: value for name, value in after.items() if value and name not in (*kept, "lastname")} == {
        "criteria": {
            "category": None,
            "area": {"min": None, "max": None},
            "room": {"min": None, "max": None},
            "price": {"min": None, "max": None, "currency": None},
            **{name: [] for name in ("cities", "locations", "types")},
            "subtype": None,
        },
        "updated_at": CREATED,
    }


def test_under_replace_what_the_agency_did_with_a_lead_stays(make_client: MakeClient) -> None:
    client = make_client(variants={"apimo": {"update": "replace"}})
    before = one(client, "leads", 170_001)
    write(client, "PUT", "leads/170001", {})
    after = one(client, "leads", 170_001)

    kept = ("type", "step", "provider", "contact", "opened", "assigned", "closed", "reference", "date")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert (after["lastname"], after["property"], after["user"]) == (None, None, None)


def test_leads_of_the_same_person_show_a_change_of_name_and_are_updated(client: TestClient) -> None:
    # The seeker of 170007 comes back with 170025.
    write(client, "PUT", "leads/170025", {"lastname": "Nouveau"})

    for id in (170_007, 170_025):
        lead = one(client, "leads", id)
        assert (lead["lastname"], lead["updated_at"]) == ("Nouveau", CREATED)
    assert one(client, "contacts", 4_942_007)["updated_at"] == CREATED


# ---------------------------------------------------------------------------------------------------------- requests

READ_BACK: dict[str, Any] = {
    "active": True,
    "contact": "5155262",
    "user": "3896",
    "ranking": 5,
    "last_action": "2020-05-27",
    "auto": True,
    "category": "1",
    "subcategory": None,
    "types": ["1", "2"],
    "subtype": None,
    "referral": None,
    "country": "FR",
    "rooms_operator": "2",
    "rooms": 4,
    "bedrooms": 2,
    "standing": 1,
    "condition": 1,
    "availability": 1,
    "margin": "10",
    "areas": [{"type": type, "number": 1, "area_min": None} for type in (1, 2, 4)],
    "proximities": [1, 4],
    "services": [1, 2, 4],
    "activities": [1, 5],
    "tags": [1, 2, 3],
    "comment": "Free text",
    "free_criteria": "More free text",
}
"""The published request, written as 27 strings, in the form in which it is read; `locations` follow."""

NOT_WRITTEN: dict[str, Any] = {
    "validated": False,
    "emailing": {"subscription": "1", "last_at": None},
    "subreferral": None,
    "coordinates": None,
    "sector": None,
    "zone": None,
    "view": {"type": None, "landscape": None},
    "area": {"min": None, "max": None, "unit": "1"},
    "price": {"min": None, "max": None, "currency": "EUR"},
    "floor": {"operator": "1", "type": None, "value": None},
    "tags_customized": [],
    "created_by": "3896",
    "updated_by": "3896",
    "created_at": CREATED,
    "updated_at": CREATED,
}
"""The members that the published body does not have."""


def test_the_published_request_is_written_flat_and_read_back_structured(client: TestClient) -> None:
    receipt = write(client, "POST", "requests", REQUEST)
    shown = one(client, "requests", receipt["id"])

    assert len(REQUEST) == 27
    assert set(REQUEST) == {*READ_BACK, "locations"}
    assert [place["city"]["name"] for place in shown["locations"]] == ["Antibes", "Nice", "Paris 7ème"]
    assert {name: shown[name] for name in READ_BACK} == READ_BACK
    assert {name: shown[name] for name in NOT_WRITTEN} == NOT_WRITTEN
    assert shown.keys() == {"id", "locations", *READ_BACK, *NOT_WRITTEN}


def test_known_towns_of_the_free_text_get_an_id_and_unknown_ones_a_note(client: TestClient) -> None:
    receipt = write(client, "POST", "requests", {**REQUEST, "locations": " Antibes ,Nulle-Part, nice"})

    assert notes(client) == ["location 'Nulle-Part' is not a town of this world; no property lies in it"]
    cities = [place["city"] for place in one(client, "requests", receipt["id"])["locations"]]
    assert [city["name"] for city in cities] == ["Antibes", "Nulle-Part", "Nice"]
    assert [city["id"] == "0" for city in cities] == [False, True, False]


def test_the_published_update_changes_the_request_of_the_address_whatever_its_id_says(client: TestClient) -> None:
    before = one(client, "requests", 156_001)
    body = PUBLISHED["updateRequest request published"]
    assert body == {"id": "1004656", **REQUEST}
    receipt = write(client, "PUT", "requests/156001", body)
    after = one(client, "requests", 156_001)

    assert receipt == {"id": 156_001, "created_at": before["created_at"], "updated_at": CREATED}
    assert {name: after[name] for name in READ_BACK} == READ_BACK
    assert (after["created_by"], after["updated_by"]) == (before["created_by"], "3896")
    assert after["price"] == before["price"]


def test_a_partial_update_leaves_the_rest(client: TestClient) -> None:
    before = one(client, "requests", 156_001)
    write(client, "PUT", "requests/156001", {"rooms": "7", "price": {"max": "123456"}, "tags": ""})

    assert one(client, "requests", 156_001) == {
        **before,
        "rooms": 7,
        "price": {**before["price"], "max": "123456"},
        "tags": [],
        "updated_at": CREATED,
        "updated_by": before["user"],
    }


def test_under_replace_an_update_empties_the_rest(make_client: MakeClient) -> None:
    client = make_client(variants={"apimo": {"update": "replace"}})
    before = request_of(client, **REQUEST, price={"max": 5})
    write(client, "PUT", f"requests/{before['id']}", {"rooms": "7", "user": "3801"})
    after = one(client, "requests", before["id"])

    assert {name for name in after if after[name] == before[name]} == {
        *("id", "created_at", "updated_at", "created_by"),
        # What these are when nothing is said is what the published example happens to say.
        *("active", "auto", "validated", "emailing", "rooms_operator", "margin"),
        *("view", "area", "floor", "tags_customized", "coordinates", "sector", "zone"),
        *("subcategory", "subtype", "referral", "subreferral"),
    }
    assert (after["rooms"], after["contact"], after["country"], after["locations"]) == (7, "", "", [])


@pytest.mark.parametrize("world", ["small", "messy"])
def test_a_request_written_back_as_it_was_read_stays_as_it_was(make_client: MakeClient, world: str) -> None:
    client = make_client(world=world)
    for before in client.get(f"{AGENCY}/requests").json()["requests"]:
        write(client, "PUT", f"requests/{before['id']}", before)
        after = one(client, "requests", before["id"])

        assert after == {**before, "updated_at": CREATED, "updated_by": before["user"]}


def test_requests_can_be_made_in_the_form_in_which_they_are_read(client: TestClient) -> None:
    published = PUBLISHED["listRequests 200 published"]["requests"][0]
    shown = request_of(client, **published)

    place = {"region": None, "city": {"name": "Antibes"}, "district": None}
    shown["locations"][0]["city"].pop("id")
    told = {"id": shown["id"], "created_at": CREATED, "updated_at": CREATED}
    assert {**shown, "locations": [place]} == {**published, **told, "locations": [place]}


@pytest.mark.parametrize("missing", ["contact", "user", "category", "country"])
def test_no_member_of_a_request_is_needed_and_what_was_not_said_is_shown_empty(
    client: TestClient, missing: str
) -> None:
    """Seed 001 l.76 marks nothing as required."""
    body = {name: value for name, value in REQUEST.items() if name != missing}
    for written in (body, {**body, missing: ""}, {**body, missing: None}):
        assert request_of(client, **{missing: None, **written})[missing] == ""
    assert write(client, "PUT", "requests/156001", {missing: ""})["id"] == 156_001


@pytest.mark.parametrize("missing", ["contact", "user", "category", "country"])
def test_four_members_are_needed_by_the_reading_of_the_other_document(make_client: MakeClient, missing: str) -> None:
    client = make_client(variants={"apimo": {"request-required": "four-members"}})
    body = {name: value for name, value in REQUEST.items() if name != missing}
    for written in (body, {**body, missing: ""}, {**body, missing: None}, {**body, missing: " "}):
        for method, path in (("POST", "requests"), ("PUT", "requests/156001")):
            answer = client.request(method, f"{AGENCY}/{path}", json=written)
            assert (answer.status_code, list(answer.json()["validation_messages"])) == (422, [missing])
    assert client.post(f"{AGENCY}/requests", json=REQUEST).status_code == 200


# ------------------------------------------------------------------------------------------- whatever a client sends

ODD: list[tuple[str, dict[str, Any]]] = [
    ("requests", {"areas": ["9" * 30]}),
    ("requests", {"areas": [1e30]}),
    ("requests", {"areas": 10**25}),
    ("requests", {"areas": [{"type": "3", "number": "2", "area_min": "9.5"}, {}]}),
    ("requests", {"floor": {"operator": 1.0, "type": " 1 ", "value": "3.5"}}),
    ("requests", {"rooms_operator": 3.0}),
    ("requests", {"rooms": "2.7", "bedrooms": -1, "margin": "-5"}),
    ("requests", {"tags_customized": ["a", {"comment": None}, {"x": 1}]}),
    ("requests", {"coordinates": {"lat": 1e308}}),
    ("requests", {"area": {"min": 1e-9, "max": "999999999999999"}}),
    ("requests", {"locations": [{}, {"city": None}, {"city": {"id": "9" * 400}}]}),
    ("requests", {"locations": ",,, "}),
    ("requests", {"contact": "\ufeff5"}),
    ("requests", {"types": "\u00a05"}),
    ("requests", {"last_action": "0999-12-31"}),
    ("leads", {"date": "0001-01-01"}),
    ("leads", {"date": "1000-01-01"}),
    ("leads", {"date": "9999-12-31 23:59:59"}),
    ("leads", {"date": "2026-03-29 02:30:00"}),
    ("leads", {"date": "2026-02-30"}),
    ("leads", {"type": " 5"}),
    ("leads", {"type": 1.0}),
    ("leads", {"type": "   "}),
    ("leads", {"type": "\ufeff5"}),
    ("leads", {"step": 10**14}),
    ("leads", {"area_min": -0.0, "price_max": 1e14}),
    ("leads", {"property": 999_999_999_999_999}),
    ("leads", {"lastname": "\x00", "message": "\u2028\U0001f600"}),
    ("leads", {"email": "nobody"}),
    ("leads", {"reference": 1e30}),
]


@pytest.mark.parametrize(("name", "body"), ODD)
def test_whatever_is_written_is_refused_or_can_be_read_ever_after(
    client: TestClient, name: str, body: dict[str, Any]
) -> None:
    needed = (
        {"contact": "1", "user": "3801", "category": "1", "country": "FR"} if name == "requests" else {"reference": "r"}
    )
    paths = ["leads", "requests", "contacts", "properties/5120004/crossings"]

    created = client.post(f"{AGENCY}/{name}", json={**needed, **body})
    assert created.status_code in (200, 422)
    updated = client.put(f"{AGENCY}/{name}/{170_001 if name == 'leads' else 156_001}", json=body)
    assert updated.status_code == created.status_code
    if created.status_code == 200 and name == "requests":
        paths.append(f"requests/{created.json()['id']}/crossings")
    assert [client.get(f"{AGENCY}/{path}").status_code for path in paths] == [200] * len(paths)


def test_members_that_nobody_knows_are_ignored_and_noted(client: TestClient) -> None:
    write(client, "POST", "leads", {"reference": "r", "first_name": "Zoé"})

    assert notes(client) == ["body member `first_name`: unknown, ignored; did you mean `firstname`?"]


def test_what_is_written_is_in_the_lists_at_once_and_in_no_other_agency(client: TestClient) -> None:
    lead = write(client, "POST", "leads", {"reference": "r"})
    page = client.get(f"{AGENCY}/leads", params={"timestamp": NOW}).json()

    assert ([shown["id"] for shown in page["leads"]], page["total_items"], page["timestamp"]) == ([lead["id"]], 1, NOW)
    assert client.get("/apimo/agencies/102/leads").json()["total_items"] == 25
    assert client.put(f"/apimo/agencies/102/leads/{lead['id']}", json={}).status_code == 404
