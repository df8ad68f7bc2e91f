"""Leads that arrive, change, repeat and go while a client works, as both fakes show them."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.domain import Category, Enquiry, Gender, Intention, Kind, Person, PhoneKind, Portal, Transaction
from mockserver.provider_api.provider import lead_ids_of
from mockserver.sandbox.changes import (
    Arrival,
    ChangeRefused,
    LeadPatch,
    SeekerGiven,
    arrive,
    describe,
    duplicate,
    erase,
    find_lead,
    list_leads,
    update,
    withdraw,
)
from mockserver.sandbox.changes.leads import count_leads
from mockserver.sandbox.sandbox import Sandbox
from mockserver.server.app import MockServer
from mockserver.world import World, load_world_file
from mockserver.world.arrivals import new_enquiry, new_purpose, new_seeker
from tests.conftest import AUTH, NOW, MakeClient
from tests.support.gsl import ROUTES, Gsl

SEARCHES = {category: path for operation, (path, category) in ROUTES.items() if operation != "searchLeads"}


@pytest.fixture
def gsl(make_client: MakeClient) -> Gsl:
    """A client of GSL over the small world."""
    return Gsl(make_client())


@pytest.fixture
def sandbox(gsl: Gsl) -> Iterator[Sandbox]:
    """Its sandbox."""
    with gsl.app.sandbox.transaction():
        yield gsl.app.sandbox


def apimo(gsl: Gsl, what: str = "leads", agency: int = 101, **query: Any) -> list[dict[str, Any]]:
    """A whole list of Apimo."""
    answer = gsl.client.get(f"/apimo/agencies/{agency}/{what}", params={"limit": 1000, **query}, auth=AUTH)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()[what]
    return items


def shown(gsl: Gsl, lead: Enquiry) -> dict[str, Any]:
    """The lead in Apimo's list."""
    (found,) = [item for item in apimo(gsl, agency=lead.agency) if item["id"] == lead.id]
    return found


def detail(gsl: Gsl, lead: Enquiry) -> Any:
    """GSL's answer for the lead by its id."""
    return gsl.client.get(f"/gsl/v2/leads/{lead.uuid}")


def person_of(sandbox: Sandbox, lead: Enquiry) -> Person:
    """Who sent it."""
    person = sandbox.store.get(Kind.PERSON, lead.seeker)
    assert isinstance(person, Person)
    return person


@pytest.mark.parametrize("seed", [1, 2, 7])
@pytest.mark.parametrize("world", ["small", "empty", "messy"])
@pytest.mark.parametrize("category", Category)
def test_a_lead_of_any_category_is_there_at_once_for_every_provider(
    make_client: MakeClient, category: Category, world: str, seed: int
) -> None:
    gsl = Gsl(make_client(world=world, seed=seed))
    sandbox = gsl.app.sandbox
    assert len(apimo(gsl)) == sandbox.world.count(Kind.ENQUIRY, 101), "read before, so that nothing old may be kept"
    before = {lead["leadMetaInfos"]["leadId"] for lead in gsl.walk(SEARCHES[category])}
    with sandbox.transaction():
        leads = arrive(sandbox, Arrival(category=category, count=12))
    assert {lead.category for lead in leads} == {category}
    for lead in leads:
        assert shown(gsl, lead)["created_at"] == "2026-01-01 01:00:00"
        assert detail(gsl, lead).json()["leadMetaInfos"]["leadCategory"] == category
    after = {lead["leadMetaInfos"]["leadId"] for lead in gsl.walk(SEARCHES[category])}
    assert after - before == {lead.uuid for lead in leads}
    assert not [entry for entry in sandbox.journal.entries() if entry.status >= 500]


def test_without_anything_given_leads_are_as_mixed_as_the_worlds_own(sandbox: Sandbox) -> None:
    leads = arrive(sandbox, Arrival(count=200))
    assert {lead.category for lead in leads} == set(Category)
    assert {lead.agency for lead in leads} == {101}
    assert all((lead.step, lead.opened, lead.parent) == (1, None, None) for lead in leads)
    assert all(lead.created_at == lead.updated_at == lead.contacted_at == NOW for lead in leads)
    assert len({lead.seeker for lead in leads}) == len({lead.uuid for lead in leads}) == 200
    assert {lead.in_contacts for lead in leads} == {True, False}


def test_what_arrives_follows_from_seed_and_id_alone(make_app: Any) -> None:
    one, other, third = (make_app(seed=seed).sandbox for seed in (1, 1, 2))
    first = arrive(one, Arrival(count=5))
    assert first == [arrive(other, Arrival())[0] for _ in range(5)]
    assert first != arrive(third, Arrival(count=5))
    assert [person_of(one, lead) for lead in first] == [person_of(other, lead) for lead in first]


def test_a_recipe_for_an_id_beyond_the_world_leaves_the_world_as_it_is() -> None:
    one, other = (World(load_world_file("small"), origin=NOW) for _ in range(2))
    for id in range(one.next_id(Kind.ENQUIRY), one.next_id(Kind.ENQUIRY) + 50):
        purpose = new_purpose(one, 101, id)
        new_enquiry(one, id, new_seeker(one, 101, id, NOW, offers=purpose.offers), NOW, purpose=purpose)
    assert [one.enquiry(101, at) for at in range(25)] == [other.enquiry(101, at) for at in range(25)]


def test_given_members_win_over_made_up_ones(gsl: Gsl, sandbox: Sandbox) -> None:
    seeker = SeekerGiven(
        firstname="Ada",
        lastname="Lovelace",
        phones=("+33639980001", "+33199000002"),
        language="en",
        gender=Gender.FEMALE,
    )
    estate = sandbox.store.ids(Kind.ESTATE, 102)[3]
    (lead,) = arrive(
        sandbox,
        Arrival(
            agency=102,
            seeker=seeker,
            estate=estate,
            message="Is it still free?",
            portal=Portal.LUX_RESIDENCE,
            intention=Intention.BUY,
        ),
    )
    assert (lead.agency, lead.estate, lead.category, lead.portal) == (
        102,
        estate,
        Category.CLASSIFIED,
        Portal.LUX_RESIDENCE,
    )
    assert lead.called is False
    person = person_of(sandbox, lead)
    assert person.title == 2
    assert person.email is None or person.email.startswith("ada.lovelace")
    of_apimo = shown(gsl, lead)
    assert (of_apimo["firstname"], of_apimo["mobile"], of_apimo["phone"]) == ("Ada", "+33639980001", "+33199000002")
    assert (of_apimo["property"], of_apimo["message"]) == (estate, "Is it still free?")
    contact = detail(gsl, lead).json()["contactRequest"]
    assert (contact["fullName"], contact["message"]) == ("Ada Lovelace", "Is it still free?")


def test_a_made_up_message_speaks_of_the_seeker_who_was_given(sandbox: Sandbox) -> None:
    given = SeekerGiven(firstname="Zébulon", lastname="Quatremains", language="fr")
    messages = [lead.message for lead in arrive(sandbox, Arrival(count=100, seeker=given))]
    assert any("Zébulon" in message or "Quatremains" in message for message in messages)


@pytest.mark.parametrize("intention", [Intention.BUY, Intention.RENT])
def test_nobody_asks_to_rent_what_is_for_sale(make_app: Any, intention: Intention) -> None:
    sandbox = make_app(world="default").sandbox
    leads = arrive(sandbox, Arrival(category=Category.CLASSIFIED, intention=intention, count=30))
    lets = {Transaction.RENT, Transaction.SEASONAL}
    for lead in leads:
        estate = sandbox.store.get(Kind.ESTATE, lead.estate)
        assert (estate.transaction in lets) is (lead.intention is Intention.RENT is intention)


def test_an_intention_settles_what_a_search_and_an_estimation_are_about(sandbox: Sandbox) -> None:
    for category, intention, transaction in (
        (Category.PROPERTY_SEARCH, Intention.RENT, Transaction.RENT),
        (Category.PROPERTY_SEARCH, Intention.BUY, Transaction.BUY),
        (Category.ESTIMATION, Intention.MANAGE, Transaction.RENT),
        (Category.ESTIMATION, Intention.SELL, Transaction.BUY),
    ):
        leads = arrive(sandbox, Arrival(category=category, intention=intention, count=10))
        assert {(lead.intention, lead.search.transaction) for lead in leads} == {(intention, transaction)}


def test_an_agency_without_listings_gets_classified_leads_about_one_of_a_portals(make_client: MakeClient) -> None:
    gsl = Gsl(make_client(world="empty"))
    (lead,) = arrive(gsl.app.sandbox, Arrival(category=Category.CLASSIFIED))
    assert lead.estate is None
    shown_property = detail(gsl, lead).json()["property"]
    assert shown_property["metaData"]["source"]["offererMarketingKey"] == lead.hint.reference
    assert shown_property["geo"]["city"] == lead.hint.city


def test_somebody_whom_the_agency_knows_can_ask_again(gsl: Gsl, sandbox: Sandbox) -> None:
    first = find_lead(sandbox, lead_ids_of(gsl.app.providers), "newest:102")
    (lead,) = arrive(sandbox, Arrival(seeker=SeekerGiven(id=first.seeker), category=Category.PROPERTY_SEARCH))
    assert (lead.agency, lead.seeker, lead.parent) == (102, first.seeker, None)
    assert lead.project is not None
    assert lead.project.household is None, "it is asked once only"
    assert shown(gsl, lead)["lastname"] == shown(gsl, first)["lastname"]


def test_a_lead_may_come_late_and_still_be_news(gsl: Gsl, sandbox: Sandbox) -> None:
    (lead,) = arrive(sandbox, Arrival.model_validate({"created_at": "2025-12-01T08:00:00+01:00", "updated_at": NOW}))
    assert lead.created_at == NOW - 31 * 86_400 + 7 * 3_600
    assert [item["id"] for item in apimo(gsl, timestamp=NOW - 1)] == [lead.id]
    newest = gsl.walk("/v2/leads", {"StartDate": NOW - 60, "EndDate": NOW + 60})
    assert lead.uuid not in {item["leadMetaInfos"]["leadId"] for item in newest}


def test_a_lead_may_be_as_late_as_a_duration_says(sandbox: Sandbox) -> None:
    (lead,) = arrive(sandbox, Arrival.model_validate({"created_at": "-PT3H"}))
    assert lead.created_at == lead.updated_at == NOW - 3 * 3_600


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"created_at": "-P999999D"}, "-P999999D from now is before 1970; no lead is older than that."),
        ({"agency": 999}, "There is no agency 999; 101, 102 and 103 are there."),
        ({"estate": 1}, "Agency 101 has no estate 1."),
        ({"agency": 102, "estate": 5_120_001}, "Agency 102 has no estate 5120001."),
        ({"seeker": {"id": 1}}, "There is no person 1."),
        ({"agency": 102, "seeker": {"id": 4_942_001}}, "Agency 102 does not fit: person 4942001 is of agency 101."),
        (
            {"parent": "nobody"},
            "There is no lead 'nobody'; give an id, or newest, oldest, newest:AGENCY, oldest:AGENCY.",
        ),
        ({"parent": 170_001, "agency": 103}, "Agency 103 does not fit: lead 170001, the parent, is of agency 101."),
        ({"created_at": NOW, "updated_at": NOW - 1}, "updated_at is before created_at"),
    ],
)
def test_what_cannot_arrive_is_said_and_changes_nothing(sandbox: Sandbox, given: dict[str, Any], why: str) -> None:
    before = sandbox.dump()
    with pytest.raises(ChangeRefused, match=why.replace(".", r"\.")):
        arrive(sandbox, Arrival(**given))
    assert sandbox.dump() == before


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"count": 0}, "greater than or equal to 1"),
        ({"count": 1_001}, "less than or equal to 1000"),
        ({"message": "é" * 32_769}, "at most 65536 bytes in UTF-8; this one has 65538"),
        ({"seeker": {"lastname": "x" * 1_001}}, "at most 1000 characters"),
        ({"seeker": {"phones": ["0612345678"]}}, "match pattern"),
        ({"seeker": {"phones": ["+33639980001"] * 11}}, "at most 10 items"),
        ({"seeker": {"email": "nobody"}}, "match pattern"),
        ({"seeker": {"language": "FR"}}, "match pattern"),
        ({"seeker": {"birth_date": "1980-02-30"}}, "is not a day such as"),
        ({"seeker": {"id": 4_942_001, "lastname": "Y"}}, "nothing else can be given"),
        ({"seeker": {"firstname": "\ud800"}}, "valid string"),
        ({"created_at": "yesterday"}, "is not an ISO 8601 moment"),
        ({"created_at": "PT3H"}, "is not an ISO 8601 moment"),
        ({"created_at": "-P3M"}, "is not an ISO 8601 duration"),
        ({"created_at": "-3"}, "match pattern"),
        ({"created_at": 253_402_300_799}, "less than or equal to"),
        ({"created_at": -1}, "greater than or equal to 0"),
        ({"parent": 170_001, "estate": 5_120_001}, "a lead is about what its parent is about"),
        ({"parent": 170_001, "seeker": {"id": 4_942_001}}, "which tells who asks"),
        ({"colour": "red"}, "not permitted"),
    ],
)
def test_what_is_given_has_limits_with_sentences(given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Arrival(**given)


def test_a_full_agency_takes_no_more(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.sandbox.changes.arrivals.MAX_LEADS", 26)
    arrive(sandbox, Arrival())
    with pytest.raises(ChangeRefused, match="more than 26 leads"):
        arrive(sandbox, Arrival())


@pytest.mark.parametrize("year", [-62_135_596_800, 253_402_300_799])
def test_at_an_impossible_hour_nothing_arrives(sandbox: Sandbox, year: int) -> None:
    sandbox.clock.set(year)
    with pytest.raises(ChangeRefused, match="between the years 1970 and 9994"):
        arrive(sandbox, Arrival())


def test_at_the_last_possible_hour_everything_is_still_in_contract(gsl: Gsl, sandbox: Sandbox) -> None:
    sandbox.clock.set(253_370_764_800 - 4 * 366 * 86_400)
    Gsl(gsl.client)  # a token of that day
    for lead in arrive(sandbox, Arrival(count=60)):
        assert detail(gsl, lead).status_code == 200
    assert len(apimo(gsl)) == 60, "those that were there before are past their retention"


def test_an_update_moves_updated_at_of_every_lead_that_shows_the_person(gsl: Gsl, sandbox: Sandbox) -> None:
    (lead,) = arrive(sandbox, Arrival(seeker=SeekerGiven(firstname="A", lastname="B")))
    (second,) = arrive(sandbox, Arrival(seeker=SeekerGiven(id=lead.seeker)))
    sandbox.clock.advance(60)
    agent = sandbox.world.working_agents(101)[0]
    patch = LeadPatch(message="Changed.", step=3, agent=agent, seeker=SeekerGiven(lastname="C", phones=()))
    changed = update(sandbox, lead, patch)
    assert changed.opened == changed.assigned
    assert changed.assigned is not None
    assert (changed.assigned.at, changed.assigned.agent, changed.closed) == (NOW + 60, agent, None)
    news = {item["id"]: item for item in apimo(gsl, timestamp=NOW + 59)}
    assert news.keys() == {lead.id, second.id}
    assert {item["lastname"] for item in news.values()} == {"C"}
    assert {item["firstname"] for item in news.values()} == {"A"}
    assert (news[lead.id]["message"], news[lead.id]["step"], news[lead.id]["user"]) == ("Changed.", "3", agent)
    assert "A C" in detail(gsl, lead).text


def test_an_update_of_the_lead_alone_leaves_the_persons_others(gsl: Gsl, sandbox: Sandbox) -> None:
    (lead,) = arrive(sandbox, Arrival())
    (second,) = arrive(sandbox, Arrival(seeker=SeekerGiven(id=lead.seeker)))
    sandbox.clock.advance(60)
    update(sandbox, second, LeadPatch(portal=None, estate=None, in_contacts=True))
    assert [item["id"] for item in apimo(gsl, timestamp=NOW + 59)] == [second.id]
    assert (str(shown(gsl, second)["provider"]), shown(gsl, second)["property"]) == ("9000", None)


@pytest.mark.parametrize("before", Category)
@pytest.mark.parametrize("after", Category)
def test_a_lead_that_changes_its_category_moves_to_the_other_search(
    gsl: Gsl, sandbox: Sandbox, before: Category, after: Category
) -> None:
    (lead,) = arrive(sandbox, Arrival(category=before))
    changed = update(sandbox, lead, LeadPatch(category=after))
    assert (changed.estimation is not None) is (before is after is Category.ESTIMATION)
    assert (changed.project is not None) is (before is after is Category.PROPERTY_SEARCH)
    assert detail(gsl, lead).json()["leadMetaInfos"]["leadCategory"] == after
    for category, path in SEARCHES.items():
        found = {item["leadMetaInfos"]["leadId"] for item in gsl.walk(path)}
        assert (lead.uuid in found) is (category is after)


def test_what_cannot_be_updated_is_said_and_changes_nothing(gsl: Gsl, sandbox: Sandbox) -> None:
    (lead,) = arrive(sandbox, Arrival())
    before = sandbox.dump()
    for patch, why in (
        (LeadPatch(estate=1, seeker=SeekerGiven(lastname="X")), "Agency 101 has no estate 1"),
        (LeadPatch(agent=1), "Agency 101 has no agent 1"),
    ):
        with pytest.raises(ChangeRefused, match=why):
            update(sandbox, lead, patch)
    assert sandbox.dump() == before
    for given in ({"step": 5}, {"step": None}, {"category": None}, {"seeker": {"id": 4_942_001}}, {"id": 3}):
        with pytest.raises(ValidationError):
            LeadPatch(**given)
    erase(sandbox, lead.seeker)
    for patch in (LeadPatch(message="x"), LeadPatch(seeker=SeekerGiven(lastname="X"))):
        with pytest.raises(ChangeRefused, match="was erased; nothing more can be said"):
            update(sandbox, lead, patch)
    withdraw(sandbox, lead)
    with pytest.raises(ChangeRefused, match=f"Lead {lead.id} is not there any more"):
        update(sandbox, lead, LeadPatch())


def test_a_foreign_number_is_taken_for_a_mobile_and_a_french_one_for_what_it_is(sandbox: Sandbox) -> None:
    (lead,) = arrive(sandbox, Arrival(seeker=SeekerGiven(phones=("+3225550100", "+33199000001", "+33739980000"))))
    kinds = [phone.kind for phone in person_of(sandbox, lead).phones]
    assert kinds == [PhoneKind.MOBILE, PhoneKind.LANDLINE, PhoneKind.MOBILE]


def test_a_duplicate_says_the_same_through_another_portal(gsl: Gsl, sandbox: Sandbox) -> None:
    (lead,) = arrive(sandbox, Arrival(category=Category.ESTIMATION))
    sandbox.clock.advance(90)
    twin, third = duplicate(sandbox, lead), duplicate(sandbox, lead, portal=lead.portal)
    assert (twin.parent, twin.created_at, twin.seeker) == (lead.id, NOW + 90, lead.seeker)
    assert twin.portal is not lead.portal
    assert third.portal is lead.portal
    assert len({lead.uuid, twin.uuid, third.uuid}) == 3
    assert (twin.message, twin.estimation, twin.search, twin.hint) == (
        *(lead.message, lead.estimation, lead.search, lead.hint),
    )
    assert shown(gsl, twin)["parent"] == lead.id
    assert detail(gsl, twin).json()["estimation"] == detail(gsl, lead).json()["estimation"]


def test_a_lead_with_a_parent_may_come_from_somebody_else_and_in_other_words(gsl: Gsl, sandbox: Sandbox) -> None:
    (lead,) = arrive(sandbox, Arrival(seeker=SeekerGiven(lastname="Un", email="un@example.org")))
    (again,) = arrive(
        sandbox, Arrival(parent=lead.uuid, message="Encore", seeker=SeekerGiven(email="deux@example.org"))
    )
    assert (again.parent, again.message, again.called) == (lead.id, "Encore", False)
    assert again.seeker != lead.seeker
    assert (shown(gsl, again)["lastname"], shown(gsl, again)["email"]) == ("Un", "deux@example.org")
    assert shown(gsl, lead)["email"] == "un@example.org"


def test_nobody_repeats_what_was_erased(sandbox: Sandbox) -> None:
    (lead,) = arrive(sandbox, Arrival())
    erase(sandbox, lead.seeker)
    with pytest.raises(ChangeRefused, match="was erased; what they said cannot be repeated"):
        duplicate(sandbox, lead)
    with pytest.raises(ChangeRefused, match="whoever comes back after that is somebody new"):
        arrive(sandbox, Arrival(seeker=SeekerGiven(id=lead.seeker)))


def test_a_withdrawn_lead_is_gone_everywhere_and_its_child_stays(gsl: Gsl, sandbox: Sandbox) -> None:
    (lead,) = arrive(sandbox, Arrival(category=Category.AGENCY))
    child = duplicate(sandbox, lead)
    assert detail(gsl, lead).status_code == 200
    withdraw(sandbox, lead)
    gone = detail(gsl, lead)
    assert (gone.status_code, gone.json()["title"]) == (404, "Not found")
    answer = gsl.client.put(f"/apimo/agencies/101/leads/{lead.id}", json={"message": "x"}, auth=AUTH)
    assert answer.status_code == 404
    assert lead.id not in {item["id"] for item in apimo(gsl)}
    assert lead.uuid not in {item["leadMetaInfos"]["leadId"] for item in gsl.walk("/v2/leads/agencies")}
    assert shown(gsl, child)["parent"] == lead.id
    assert detail(gsl, child).status_code == 200
    with pytest.raises(ChangeRefused, match="is not there any more"):
        withdraw(sandbox, lead)
    assert arrive(sandbox, Arrival())[0].id > child.id, "an id is never given again"


@pytest.mark.parametrize("linked", [True, False])
def test_who_never_was_a_contact_does_not_become_one_by_a_withdrawal(gsl: Gsl, sandbox: Sandbox, linked: bool) -> None:
    (lead,) = arrive(sandbox, Arrival())
    update(sandbox, lead, LeadPatch(in_contacts=linked))
    assert (lead.seeker in {item["id"] for item in apimo(gsl, "contacts")}) is linked
    withdraw(sandbox, lead)
    assert (lead.seeker in {item["id"] for item in apimo(gsl, "contacts")}) is linked


def test_a_lead_of_the_world_can_be_withdrawn_and_a_reset_brings_it_back(gsl: Gsl, sandbox: Sandbox) -> None:
    before = (gsl.walk("/v2/leads"), apimo(gsl), apimo(gsl, "contacts"))
    lead = find_lead(sandbox, lead_ids_of(gsl.app.providers), "oldest:101")
    withdraw(sandbox, lead)
    erase(sandbox, find_lead(sandbox, lead_ids_of(gsl.app.providers), "newest:101").seeker)
    arrive(sandbox, Arrival(count=3))
    assert len(apimo(gsl)) == len(before[1]) + 2
    sandbox.reset()
    assert (gsl.walk("/v2/leads"), apimo(gsl), apimo(gsl, "contacts")) == before


def test_a_lead_is_found_by_every_name_that_it_has(gsl: Gsl, sandbox: Sandbox) -> None:
    providers = gsl.app.providers
    (lead,) = arrive(sandbox, Arrival(agency=102))
    for id in (lead.id, str(lead.id), lead.uuid, "newest", "newest:102"):
        assert find_lead(sandbox, lead_ids_of(providers), id) == lead
    form = describe(sandbox, lead_ids_of(providers), lead)
    assert form.ids == {"apimo": lead.id, "gsl": lead.uuid, "seeker": lead.uuid}
    for id in form.ids.values():
        assert find_lead(sandbox, lead_ids_of(providers), id) == lead
    assert find_lead(sandbox, lead_ids_of(providers), "oldest:103").id == 170_003
    assert find_lead(sandbox, lead_ids_of(providers), "newest:101").agency == 101


@pytest.mark.parametrize(
    "id", ["", "0", "-1", 10**30, "newest:x", "newest:999", "é" * 200, "²", "newest:" + "9" * 5_000]
)
def test_a_lead_that_is_not_there_is_refused_with_a_sentence(gsl: Gsl, sandbox: Sandbox, id: str | int) -> None:
    with pytest.raises(ChangeRefused) as refused:
        find_lead(sandbox, lead_ids_of(gsl.app.providers), id)
    assert 10 < len(str(refused.value)) < 300


def test_an_empty_world_has_no_newest_lead(make_app: Any) -> None:
    app: MockServer = make_app(world="empty")
    with pytest.raises(ChangeRefused, match=r"^There is no lead\.$"):
        find_lead(app.sandbox, lead_ids_of(app.providers), "newest")
    with pytest.raises(ChangeRefused, match="Agency 101 has no lead"):
        find_lead(app.sandbox, lead_ids_of(app.providers), "oldest:101")


def test_leads_are_listed_in_a_neutral_form(gsl: Gsl, sandbox: Sandbox) -> None:
    providers = gsl.app.providers
    given = SeekerGiven(firstname="A", lastname="B", email="a@example.org", phones=("+33639980001",))
    (lead,) = arrive(sandbox, Arrival(category=Category.AGENCY, seeker=given, message="Bonjour"))
    (form, *rest) = list_leads(sandbox, lead_ids_of(providers), limit=1_000)
    record = form.model_dump(mode="json")
    assert record["id"] == lead.id
    assert record["seeker"]["phones"] == ["+33639980001"]
    assert (record["created_at"], record["updated_at"]) == ("2026-01-01T00:00:00.000Z",) * 2
    assert (record["category"], record["message"], record["erased"]) == ("AGENCY", "Bonjour", False)
    assert len(rest) == 75
    assert count_leads(sandbox) == 76
    oldest_first = list_leads(sandbox, lead_ids_of(providers), limit=1_000, newest_first=False)
    assert oldest_first == [form, *rest][::-1]
    assert list_leads(sandbox, lead_ids_of(providers), limit=2, offset=75) == [rest[-1]]
    assert list_leads(sandbox, lead_ids_of(providers), offset=76) == []
    assert {found.agency for found in list_leads(sandbox, lead_ids_of(providers), agency=103)} == {103}
    erase(sandbox, lead.seeker)
    assert list_leads(sandbox, lead_ids_of(providers), limit=1)[0].seeker.firstname is None
    assert list_leads(sandbox, lead_ids_of(providers), limit=1)[0].erased


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1_001}, {"offset": -1}, {"agency": 999}])
def test_a_list_has_limits_with_sentences(gsl: Gsl, sandbox: Sandbox, query: dict[str, Any]) -> None:
    with pytest.raises(ChangeRefused):
        list_leads(sandbox, lead_ids_of(gsl.app.providers), **query)
