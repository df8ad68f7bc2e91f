"""An erasure, an expiry, and one world in three views: what Seeker Leads, GSL and Apimo say of the same enquiry."""

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.domain import Category, Enquiry, Kind, Person, retention_end
from mockserver.server.app import MockServer
from tests.conftest import AUTH, NOW
from tests.support.gsl import ROUTES, Gsl
from tests.support.in_process import TestClient
from tests.support.seeker import DAY, Seeker, erase

MakeApp = Callable[..., MockServer]
ENDS = retention_end(NOW)


class Views:
    """The three providers of one application, each as a client sees it."""

    def __init__(self, app: MockServer) -> None:
        self.app = app
        self.seeker = Seeker(TestClient(app, base_url="http://127.0.0.1:8080"))
        self.gsl = Gsl(TestClient(app, base_url="http://127.0.0.1:8080"))
        self.apimo = TestClient(app)
        self.apimo.auth = AUTH

    def of_apimo(self) -> dict[str, Any]:
        """Apimo's leads of both agencies, by what the two others call them."""
        leads: list[dict[str, Any]] = []
        for agency in (101, 102):
            answer = self.apimo.get(f"/apimo/agencies/{agency}/leads", params={"limit": 500})
            assert answer.status_code == 200
            leads += answer.json()["leads"]
        return {self.uuid(lead["id"]): lead for lead in leads}

    def uuid(self, id: int) -> str:
        """What the world calls the lead with that number."""
        enquiry = self.app.sandbox.store.get(Kind.ENQUIRY, id)
        assert isinstance(enquiry, Enquiry)
        return enquiry.uuid

    def of_gsl(self) -> dict[str, Any]:
        """GSL's leads of all categories by `leadId`."""
        window = {"StartDate": 0, "EndDate": self.app.sandbox.clock.now()}
        found = [lead for route, _ in ROUTES.values() for lead in self.gsl.walk(route, window)]
        return {lead["leadMetaInfos"]["leadId"]: lead for lead in found}

    def of_seeker(self) -> dict[str, Any]:
        """Seeker Leads' leads by `leadId`."""
        return self.seeker.crawl(NOW - 200 * DAY, NOW)


@pytest.fixture
def views(make_app: MakeApp) -> Views:
    """Over the small world, of which some seekers were erased from the start."""
    return Views(make_app(world="messy"))


def test_for_every_enquiry_the_three_agree_on_person_estate_message_moment_and_erasure(views: Views) -> None:
    apimo, gsl, seeker = views.of_apimo(), views.of_gsl(), views.of_seeker()
    enquiries = views.seeker.enquiries()
    assert set(apimo) == set(gsl) == set(seeker) == {enquiry.uuid for enquiry in enquiries}
    assert any(views.seeker.person(enquiry).erased for enquiry in enquiries)
    for enquiry in enquiries:
        a, g, s = (view[enquiry.uuid] for view in (apimo, gsl, seeker))
        person, contact = views.seeker.person(enquiry), s["contactRequest"]
        of_gsl = g["contactRequest"].get("personContact", g["contactRequest"])
        # moment and retention
        assert s["metadata"]["ingestionDate"] == enquiry.created_at
        assert s["metadata"]["TTL"] == g["leadMetaInfos"]["timeToLive"]
        # person
        emails = (a["email"] or None, of_gsl.get("email"), contact.get("email"))
        assert set(emails) == {person.email or None}
        if person.erased:
            assert (a["firstname"], a["lastname"], a["phone"] or None, a["mobile"] or None) == (None,) * 4
            assert not {"fullName", "phoneNumber"} & set(of_gsl)
            assert (contact["firstName"], contact["lastName"], contact["phoneNumbers"]) == (None, None, [])
            assert (a["message"] or None, g["contactRequest"].get("message"), contact["message"]) == (None, None, None)
        else:
            names = " ".join(filter(None, (contact.get("firstName"), contact.get("lastName"))))
            assert names == of_gsl.get("fullName", "")
            assert names == " ".join(filter(None, (a["firstname"], a["lastname"])))
            numbers = [phone["number"] for phone in contact["phoneNumbers"]]
            assert set(filter(None, (a["phone"], a["mobile"], of_gsl.get("phoneNumber")))) <= set(numbers)
            assert contact["message"] == g["contactRequest"].get("message", "") == a["message"]
        # estate
        if enquiry.category is Category.CLASSIFIED:
            source = g["property"]["metaData"]["source"]
            listing = s["property"]
            for member in ("offererEstateId", "offererMarketingKey"):
                assert listing.get(member) == source.get(member)
            assert (a["property"] is not None) is ("classifiedId" in listing)


def test_an_erased_seeker_is_null_in_list_and_detail_and_at_the_others_from_that_moment(views: Views) -> None:
    enquiry = next(e for e in views.seeker.enquiries() if views.seeker.person(e).is_owner is not None and e.message)
    person, before = views.seeker.person(enquiry), views.of_seeker()[enquiry.uuid]
    assert before["contactRequest"]["firstName"]

    erase(views.app, person.id)

    after = views.of_seeker()[enquiry.uuid]
    kept = {"email": person.email} if person.email else {}
    assert after["contactRequest"] == {
        "firstName": None,
        "lastName": None,
        "gender": None,
        "language": None,
        "phoneNumbers": [],
        "message": None,
        **kept,
        "isOwner": person.is_owner,
    }
    assert {name: after[name] for name in after if name != "contactRequest"} == {
        name: before[name] for name in before if name != "contactRequest"
    }
    assert views.seeker.get(f"/leads/{enquiry.uuid}").json() == after
    apimo, gsl = views.of_apimo()[enquiry.uuid], views.of_gsl()[enquiry.uuid]
    assert (apimo["lastname"], apimo["message"]) == (None, "")
    assert "message" not in gsl["contactRequest"]


def test_an_erased_seeker_shows_no_name_of_a_firm_and_no_word_of_a_plan(make_app: MakeApp) -> None:
    views = Views(make_app(world="default"))
    plans = [e for e in views.seeker.enquiries() if e.project and e.project.commercial]
    enquiry = plans[-1]
    assert "societyName" in views.of_seeker()[enquiry.uuid]["project"]["commercial"]
    erase(views.app, enquiry.seeker)
    commercial = views.seeker.get(f"/leads/{enquiry.uuid}").json()["project"]["commercial"]
    assert "societyName" not in commercial
    assert "commentOnProject" not in commercial


def test_a_lead_past_its_retention_is_gone_everywhere_at_that_second(make_app: MakeApp) -> None:
    views = Views(make_app())
    enquiries = views.seeker.enquiries()
    ids = [enquiry.uuid for enquiry in enquiries]
    oldest = enquiries[0]
    clock = views.app.sandbox.clock

    def seen() -> list[set[str]]:
        again = Views(views.app)
        found = {item["metadata"]["leadId"] for item in all_leads(again.seeker)}
        return [set(again.of_apimo()), set(again.of_gsl()), found]

    clock.set(oldest.expires_at - 1)
    assert seen() == [set(ids)] * 3
    clock.set(oldest.expires_at)
    assert seen() == [set(ids[1:])] * 3
    again = Views(views.app)
    assert again.seeker.get(f"/leads/{oldest.uuid}").status_code == 404
    assert again.gsl.client.get(f"/gsl/v2/leads/{oldest.uuid}").status_code == 404
    change = {"step": "2"}
    path = f"/apimo/agencies/{oldest.agency}/leads/{oldest.id}"
    assert again.apimo.put(path, json=change).status_code == 404
    listed = again.apimo.get(f"/apimo/agencies/{oldest.agency}/leads", params={"timestamp": 0, "limit": 500}).json()
    assert listed["total_items"] == len([e for e in enquiries if e.agency == oldest.agency]) - 1
    clock.set(enquiries[-1].expires_at)
    assert seen() == [set(), set(), set()]


def all_leads(seeker: Seeker) -> list[dict[str, Any]]:
    """Everything of the world's 90 days, by a token of this moment."""
    return list(seeker.crawl(NOW - 100 * DAY, NOW, 100).values())


def test_a_lead_that_was_written_at_apimo_expires_too(make_app: MakeApp) -> None:
    views = Views(make_app())
    written = views.apimo.post("/apimo/agencies/101/leads", json={"reference": "r", "type": "1"}).json()["id"]
    views.app.sandbox.clock.set(ENDS - 1)
    (lead,) = Views(views.app).apimo.get("/apimo/agencies/101/leads").json()["leads"]
    assert lead["id"] == written
    views.app.sandbox.clock.set(ENDS)
    assert Views(views.app).apimo.get("/apimo/agencies/101/leads").json()["total_items"] == 0


def test_a_reference_whose_lead_expired_is_free_again(make_app: MakeApp) -> None:
    app = make_app(variants={"apimo": {"duplicate-reference": "refuse"}})
    apimo = TestClient(app)
    apimo.auth = AUTH
    body = {"reference": "r", "type": "1"}
    assert apimo.post("/apimo/agencies/101/leads", json=body).status_code == 200
    assert apimo.post("/apimo/agencies/101/leads", json=body).status_code == 422
    app.sandbox.clock.set(ENDS)
    assert apimo.post("/apimo/agencies/101/leads", json=body).status_code == 200


def test_the_world_erases_some_from_the_start(views: Views) -> None:
    store = views.app.sandbox.store
    people = (store.get(Kind.PERSON, enquiry.seeker) for enquiry in views.seeker.enquiries())
    erased = [person for person in people if isinstance(person, Person) and person.erased]
    assert erased
    nulls = [lead for lead in views.of_seeker().values() if lead["contactRequest"]["message"] is None]
    assert len(nulls) == len(erased)
