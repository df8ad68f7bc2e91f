"""GDPR: after an erasure nothing that anybody wrote is left, in no answer and in no record."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.domain import Category, Enquiry, Kind, Person, Role, SearchProfile, replace
from mockserver.provider_api.provider import lead_ids_of
from mockserver.sandbox.changes import Arrival, ChangeRefused, SeekerGiven, arrive, describe, duplicate, erase
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.store import MemoryStore
from mockserver.world import World, load_world_file
from mockserver.world.erasure import erased_enquiry, erased_person, erased_profile
from tests.conftest import AUTH, NOW, MakeClient
from tests.support.gsl import ROUTES, Gsl

CANARY = "Canari"
EMAIL = "canari.canari@example.org"
LEAD: dict[str, Any] = {
    "reference": "canari-reference",
    "date": "2025-12-30",
    "step": "2",
    "type": "1",
    "language": "de",
    "country": "DE",
    "title": "6",
    "lastname": "Canari-lastname",
    "firstname": "Canari-firstname",
    "email": EMAIL,
    "phone": "canari-phone",
    "fax": "canari-fax",
    "mobile": "canari-mobile",
    "address": "canari-address",
    "address_more": "canari-more",
    "zipcode": "canari-zipcode",
    "city": "canari-city",
    "message": "canari-message",
    "recipient_lastname": "canari-recipient",
    "recipient_firstname": "canari-recipient",
    "recipient_email": "canari.recipient@example.org",
    "area_min": "40",
    "area_max": "90",
    "area_unit": "1",
    "room_min": "2",
    "room_max": "4",
    "bedroom_min": "1",
    "bedroom_max": "3",
    "price_min": "100000",
    "price_max": "300000",
    "currency": "EUR",
    "start_at": "2026-05-01",
    "end_at": "2026-05-08",
    "referral": "1",
    "subreferral": "canari-subreferral",
    "property_reference": "canari-property",
    "property_address": "canari-street",
    "property_address_more": "canari-floor",
    "property_zipcode": "canari-postcode",
    "property_city": "canari-town",
    "property_country": "FR",
    "property_category": "1",
    "property_types": "1,2",
    "property_sybtype": "5",
    "property_view_landscape": "1",
    "property_location": "3363998",
    "property_view_type": "2",
    "method": "canari-method",
    "contact": None,
    "user": None,
}
REQUEST: dict[str, Any] = {
    "user": "3801",
    "category": "1",
    "country": "FR",
    "types": "1,2",
    "locations": "Nice, Canari-sur-Mer",
    "comment": "canari-comment",
    "free_criteria": "canari-criteria",
    "subreferral": "canari-subreferral",
    "sector": "canari-sector",
    "zone": "canari-zone",
    "coordinates": {"canari": "canari-coordinates"},
    "tags_customized": [{"comment": "canari-tag"}],
    "view": {"type": "1", "landscape": "2"},
    "price": {"min": "100000", "max": "300000"},
}


@pytest.fixture
def gsl(make_client: MakeClient) -> Gsl:
    """A client of GSL over the messy world, which has erased people of its own."""
    return Gsl(make_client(world="messy"))


@pytest.fixture
def sandbox(gsl: Gsl) -> Iterator[Sandbox]:
    """Its sandbox."""
    with gsl.app.sandbox.transaction():
        yield gsl.app.sandbox


def everything(gsl: Gsl) -> dict[str, str]:
    """Every answer of either provider that may show a person, and what the store would write down."""
    said: dict[str, str] = {}
    for what in ("leads", "contacts", "requests", "properties", "users"):
        for agency in (101, 102):
            path = f"/apimo/agencies/{agency}/{what}?limit=1000"
            said[path] = gsl.client.get(path, auth=AUTH).text
    for path, _ in ROUTES.values():
        said[path] = json.dumps(gsl.walk(path))
        for lead in json.loads(said[path])[-20:]:
            id = lead["leadMetaInfos"]["leadId"]
            said[id] = gsl.client.get(f"/gsl/v2/leads/{id}").text
    sandbox = gsl.app.sandbox
    said["store"] = json.dumps(sandbox.dump()["store"])
    forms = (describe(sandbox, lead_ids_of(gsl.app.providers), lead) for lead in leads_of(sandbox))
    return {**said, "neutral": "".join(form.model_dump_json() for form in forms)}


def canaries(gsl: Gsl) -> dict[str, str]:
    """Where a canary is still seen, with what is around it; the e-mail address may stay."""
    found = {}
    for where, text in everything(gsl).items():
        rest = text.lower().replace(EMAIL, "")
        if (at := rest.find("canari")) >= 0:
            found[where] = rest[max(0, at - 80) : at + 80]
    return found


def leads_of(sandbox: Sandbox) -> list[Enquiry]:
    """All leads of the agency."""
    found = (sandbox.store.get(Kind.ENQUIRY, id) for id in sandbox.store.ids(Kind.ENQUIRY, 101))
    return [lead for lead in found if isinstance(lead, Enquiry)]


def written(gsl: Gsl) -> Enquiry:
    """A lead that a client wrote, with a canary wherever there is text, and a request for its contact."""
    named = gsl.app.providers["apimo"].contract.document["components"]["schemas"]["LeadUpdate"]["properties"].keys()
    assert {*LEAD, "property", "property_subtype", "request", "opened", "assigned", "closed"} == set(named)
    answer = gsl.client.post("/apimo/agencies/101/leads", json=LEAD, auth=AUTH)
    assert answer.status_code == 200, answer.text
    lead = gsl.app.sandbox.store.get(Kind.ENQUIRY, answer.json()["id"])
    assert isinstance(lead, Enquiry)
    answer = gsl.client.post("/apimo/agencies/101/requests", json={**REQUEST, "contact": lead.seeker}, auth=AUTH)
    assert answer.status_code == 200, answer.text
    return lead


def test_of_a_lead_that_a_client_wrote_no_text_survives(gsl: Gsl, sandbox: Sandbox) -> None:
    lead = written(gsl)
    seen = canaries(gsl)
    assert {"/apimo/agencies/101/leads?limit=1000", "/apimo/agencies/101/requests?limit=1000", "store"} <= seen.keys()
    sandbox.clock.advance(60)
    (erased,) = erase(sandbox, lead.seeker)
    assert canaries(gsl) == {}
    assert (erased.id, erased.updated_at) == (lead.id, NOW + 60)
    assert erased.search == lead.search, "criteria are no personal data"
    assert (erased.uuid, erased.reference) == (lead.uuid, lead.uuid)
    assert erased.extras == {
        **{"provider": 4321, "type": "1", "referral": "1", "area_unit": "1", "property_category": "1"},
        **{"property_types": "1,2", "property_subtype": 5, "property_view_landscape": 1, "property_view_type": 2},
    }
    (shown,) = gsl.client.get(f"/apimo/agencies/101/leads?timestamp={NOW + 59}", auth=AUTH).json()["leads"]
    assert (shown["id"], shown["email"], shown["lastname"], shown["message"]) == (lead.id, EMAIL, None, "")


@pytest.mark.parametrize("category", Category)
def test_of_a_lead_that_arrived_no_text_survives(gsl: Gsl, sandbox: Sandbox, category: Category) -> None:
    words = {name: f"canari-{name}" for name in ("firstname", "lastname", "company", "job")}
    address = {name: f"canari-{name}" for name in ("street", "more", "postcode", "city")}
    told = {**words, "email": EMAIL, "address": address, "birth_date": "1980-01-31"}
    seeker = SeekerGiven.model_validate(told)
    (lead,) = arrive(sandbox, Arrival(category=category, seeker=seeker, message="canari-message"))
    (returned,) = arrive(sandbox, Arrival(seeker=SeekerGiven(id=lead.seeker), message="canari again"))
    again = [duplicate(sandbox, lead), returned]
    assert "canari" in json.dumps(gsl.client.get(f"/gsl/v2/leads/{lead.uuid}").json()).replace(EMAIL, "")
    assert {one.id for one in erase(sandbox, lead.seeker)} == {lead.id, *(one.id for one in again)}
    assert canaries(gsl) == {}
    for one in (lead, *again):
        assert gsl.client.get(f"/gsl/v2/leads/{one.uuid}").status_code == 200


def test_what_a_client_writes_into_a_portals_lead_goes_with_it(gsl: Gsl, sandbox: Sandbox) -> None:
    (lead,) = arrive(sandbox, Arrival(category=Category.ESTIMATION))
    kept = lead.hint
    members = {name: value for name, value in LEAD.items() if name not in ("reference", "email")}
    answer = gsl.client.put(f"/apimo/agencies/101/leads/{lead.id}", json=members, auth=AUTH)
    assert answer.status_code == 200, answer.text
    assert canaries(gsl)
    erase(sandbox, lead.seeker)
    assert canaries(gsl) == {}
    (other,) = arrive(sandbox, Arrival(category=Category.ESTIMATION))
    (erased,) = erase(sandbox, other.seeker)
    assert (erased.hint.street, erased.hint.city) == (None, other.hint.city)
    assert kept.city


def test_somebody_of_the_world_can_be_erased_with_all_that_they_asked(gsl: Gsl, sandbox: Sandbox) -> None:
    by_seeker: dict[int, list[Enquiry]] = {}
    for lead in leads_of(sandbox):
        by_seeker.setdefault(lead.seeker, []).append(lead)
    seeker, asked = max(by_seeker.items(), key=lambda entry: len(entry[1]))
    assert len(asked) > 1
    person = sandbox.store.get(Kind.PERSON, seeker)
    assert isinstance(person, Person)
    assert person.lastname
    assert {lead.id for lead in erase(sandbox, seeker)} == {lead.id for lead in asked}
    assert sandbox.store.get(Kind.PERSON, seeker) == replace(erased_person(person), updated_at=NOW)
    for lead in asked:
        contact = gsl.client.get(f"/gsl/v2/leads/{lead.uuid}").json().get("contactRequest", {})
        assert set(contact) <= {"email", "personContact"}


def test_an_owner_can_be_erased_too(gsl: Gsl, sandbox: Sandbox) -> None:
    owner = next(
        person
        for id in sandbox.store.ids(Kind.PERSON, 101)
        if isinstance(person := sandbox.store.get(Kind.PERSON, id), Person) and person.role is Role.OWNER
    )
    assert erase(sandbox, owner.id) == []
    (shown,) = gsl.client.get(f"/apimo/agencies/101/contacts?timestamp={NOW - 1}", auth=AUTH).json()["contacts"]
    assert (shown["id"], shown["lastname"], shown["password"], shown["address"]) == (owner.id, None, None, None)


def test_whoever_is_erased_already_is_left_alone(gsl: Gsl, sandbox: Sandbox) -> None:
    lead = written(gsl)
    erase(sandbox, lead.seeker)
    sandbox.clock.advance(60)
    before = sandbox.dump()
    assert erase(sandbox, lead.seeker) == []
    assert sandbox.dump() == before
    erased = next(one for one in leads_of(sandbox) if one.id < lead.id and _is_erased(sandbox, one))
    assert erase(sandbox, erased.seeker) == []
    assert sandbox.dump() == before


def test_what_a_client_writes_after_an_erasure_can_be_erased_again(gsl: Gsl, sandbox: Sandbox) -> None:
    lead = written(gsl)
    erase(sandbox, lead.seeker)
    gsl.client.put(f"/apimo/agencies/101/leads/{lead.id}", json={"lastname": "Canari", "message": "canari"}, auth=AUTH)
    assert canaries(gsl)
    assert len(erase(sandbox, lead.seeker)) == 1
    assert canaries(gsl) == {}


def test_nobody_who_is_not_there_can_be_erased(sandbox: Sandbox) -> None:
    with pytest.raises(ChangeRefused, match=r"There is no person 7\."):
        erase(sandbox, 7)


def test_an_erasure_is_undone_by_a_reset_alone(gsl: Gsl, sandbox: Sandbox) -> None:
    before = everything(gsl)
    (lead, *_) = leads_of(sandbox)
    erase(sandbox, lead.seeker)
    assert everything(gsl) != before
    sandbox.reset()
    assert everything(gsl) == before


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ["default", "messy"])
def test_the_worlds_own_erased_leads_have_nothing_left_to_erase(name: str, seed: int) -> None:
    world = World(load_world_file(name), origin=NOW, seed=seed)
    store, seen = MemoryStore(world), 0
    for agency in world.agencies:
        for id in store.ids(Kind.ENQUIRY, agency):
            lead = store.get(Kind.ENQUIRY, id)
            assert isinstance(lead, Enquiry)
            person = store.get(Kind.PERSON, lead.seeker)
            assert isinstance(person, Person)
            if person.erased:
                seen += 1
                assert erased_enquiry(world.communes, lead) == lead
                place = world.locate(Kind.PERSON, person.id)
                assert place is not None
                # A world file may pin a name to somebody whom this seed erases.
                assert erased_person(person) == person or world.pins.at(Kind.PERSON, *place)
                profile = store.get(Kind.PROFILE, lead.profile or 0)
                assert profile is None or erased_profile(world.communes, _profile(profile)) == profile
    assert seen


def _profile(entity: Any) -> SearchProfile:
    assert isinstance(entity, SearchProfile)
    return entity


def _is_erased(sandbox: Sandbox, lead: Enquiry) -> bool:
    person = sandbox.store.get(Kind.PERSON, lead.seeker)
    return isinstance(person, Person) and person.erased
