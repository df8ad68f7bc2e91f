"""The world: the same for a seed whatever is asked first, whole, plausible, and unable to reach a real person."""

import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain import (
    Agent,
    Category,
    Commune,
    Enquiry,
    Entity,
    Estate,
    EstateType,
    Kind,
    Person,
    Role,
    SearchProfile,
    Transaction,
)
from mockserver.foundation.records import as_json
from mockserver.world import World, load_world_file, world_names
from mockserver.world.purposes import is_search
from mockserver.world.timeline import was_open

pytestmark = pytest.mark.no_cover
"""Thousands of entities, mostly by code that other tests reach too: not traced, which would cost much of their time."""

ORIGIN = 1_767_225_600  # 2026-01-01T00:00:00Z
DAY = 86_400
GOLDEN = "01f49798b02295dabeee4be5fbc4fe9f76fbc2211acc70bc0eb1cbece2f3be7f"
FICTION = re.compile(r"(?:33|0)(?:19900|26191|35301|46571|53649|63998)\d{4}|1(?:\d{3})?55501\d\d")
NUMBER_IN_TEXT = re.compile(r"(?<![\w.])[+0]\d(?:[ .()-]*\d){7,14}")
MAIL = re.compile(r"[^@]+@example\.(?:com|org|net)", re.IGNORECASE)
MAIL_IN_TEXT = re.compile(r"\S+@\S+")

every_world = pytest.mark.parametrize("name", ["busy", "default", "empty", "messy", "small"])
every_seed = pytest.mark.parametrize("seed", [1, 2, 99])


def fresh(name: str, seed: int | None = None, origin: int = ORIGIN) -> World:
    """A world of which nothing was asked yet."""
    return World(load_world_file(name), origin=origin, seed=seed)


@cache
def make(name: str, seed: int | None = None) -> World:
    """A world that tests share: what was asked of it before makes no difference, as a test below shows."""
    return fresh(name, seed)


def places(world: World, *kinds: Kind) -> Iterator[tuple[Kind, int, int]]:
    for kind in kinds or tuple(Kind):
        for agency in world.agencies:
            yield from ((kind, agency, position) for position in range(world.count(kind, agency)))


def entities(world: World, *kinds: Kind) -> list[Entity]:
    return [world.entity(*place) for place in places(world, *kinds)]


def enquiries(world: World) -> list[Enquiry]:
    return [world.enquiry(agency, position) for _, agency, position in places(world, Kind.ENQUIRY)]


def persons(world: World) -> list[Person]:
    return [world.person(agency, position) for _, agency, position in places(world, Kind.PERSON)]


def estates(world: World) -> list[Estate]:
    return [world.estate(agency, position) for _, agency, position in places(world, Kind.ESTATE)]


def profiles(world: World) -> list[SearchProfile]:
    return [found for found in entities(world, Kind.PROFILE) if isinstance(found, SearchProfile)]


def digest(world: World) -> str:
    everything = [*world.agencies.values(), *entities(world)]
    dumped = json.dumps([as_json(entity) for entity in everything], sort_keys=True)
    return hashlib.sha256(dumped.encode()).hexdigest()


# The same world


def test_the_small_world_is_the_same_on_every_python_and_every_day() -> None:
    assert digest(fresh("small", seed=1)) == GOLDEN


def test_another_seed_makes_another_world() -> None:
    assert digest(fresh("small", seed=1)) != digest(fresh("small", seed=2))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**63), data=st.data())
def test_an_entity_is_the_same_whatever_was_asked_before(seed: int, data: st.DataObject) -> None:
    world = fresh("small", seed)
    asked = data.draw(st.lists(st.sampled_from(list(places(world))), max_size=30))
    for place in asked:
        assert world.entity(*place) == fresh("small", seed).entity(*place)


def test_a_later_origin_moves_the_enquiries_and_changes_nothing_else_of_them() -> None:
    spring = ORIGIN + 63 * DAY  # neither span has a night in which the clocks change
    before, after = enquiries(fresh("small", origin=spring)), enquiries(fresh("small", origin=spring + 7 * DAY))
    assert [enquiry.created_at + 7 * DAY for enquiry in before] == [enquiry.created_at for enquiry in after]
    assert [enquiry.uuid for enquiry in before] == [enquiry.uuid for enquiry in after]
    assert [enquiry.message for enquiry in before] == [enquiry.message for enquiry in after]


def test_importing_the_world_imports_neither_faker_nor_yaml() -> None:
    code = "import sys, mockserver.world; sys.exit('faker' in sys.modules or 'yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Numbers


@every_world
def test_ids_and_positions_are_each_others_inverse(name: str) -> None:
    world = make(name)
    for kind in Kind:
        ids = [world.id_at(*place) for place in places(world, kind)]
        assert [(kind, *(world.locate(kind, id) or ())) for id in ids] == list(places(world, kind))
        assert len(set(ids)) == len(ids)
        assert all(id < world.next_id(kind) for id in ids)
        assert world.locate(kind, world.next_id(kind)) is None
        assert world.locate(kind, 0) is None


@every_world
def test_an_entity_carries_the_id_and_agency_of_its_place(name: str) -> None:
    world = make(name)
    for kind, agency, position in places(world):
        entity = world.entity(kind, agency, position)
        assert (entity.id, entity.agency) == (world.id_at(kind, agency, position), agency)
        assert entity.id == world.ids(kind, agency)[position]


def test_counting_and_numbering_make_no_entity(monkeypatch: pytest.MonkeyPatch) -> None:
    world = fresh("default")
    monkeypatch.setattr(World, "rng", lambda *key: pytest.fail("an entity was begun"))
    for kind, agency, position in places(world):
        world.locate(kind, world.id_at(kind, agency, position))


def test_a_place_that_the_world_does_not_have_is_refused() -> None:
    world = make("small")
    with pytest.raises(KeyError):
        world.count(Kind.ENQUIRY, 999)
    with pytest.raises(IndexError):
        world.entity(Kind.ENQUIRY, 101, 25)
    with pytest.raises(IndexError):
        world.id_at(Kind.ENQUIRY, 101, -1)


def test_the_numbers_of_a_huge_world_are_as_cheap_as_those_of_a_small_one() -> None:
    file = load_world_file("small")
    huge = replace(file, size=replace(file.size, enquiries=10_000_000))
    world = World(huge, origin=ORIGIN)
    newest, before = (world.enquiry(101, position) for position in (9_999_999, 9_999_998))
    assert before.created_at < newest.created_at < ORIGIN
    assert world.locate(Kind.ENQUIRY, newest.id) == (101, 9_999_999)


# Time


@every_world
@every_seed
def test_created_at_ascends_with_the_position(name: str, seed: int) -> None:
    world = make(name, seed)
    for kind in (Kind.AGENT, Kind.ESTATE, Kind.ENQUIRY, Kind.PROFILE):
        for agency in world.agencies:
            moments = [world.entity(kind, agency, position).created_at for position in range(world.count(kind, agency))]
            assert all(earlier < later for earlier, later in pairwise(moments))


@every_world
@every_seed
def test_nothing_happens_before_it_can_or_after_the_origin(name: str, seed: int) -> None:
    world = make(name, seed)
    for entity in entities(world):
        assert entity.created_at <= entity.updated_at <= ORIGIN
    for enquiry in enquiries(world):
        assert enquiry.created_at <= ORIGIN - 120
        assert enquiry.contacted_at <= enquiry.created_at
        moments = [milestone.at for milestone in (enquiry.opened, enquiry.assigned, enquiry.closed) if milestone]
        known = [enquiry.created_at, *(moment for moment in moments if moment is not None)]
        assert known == sorted(known)
        assert known[-1] <= enquiry.updated_at


def test_an_estate_is_listed_before_anybody_asks_for_it() -> None:
    world = make("default")
    for enquiry in enquiries(world):
        if enquiry.estate is not None:
            assert _estate(world, enquiry).created_at < enquiry.created_at


@pytest.mark.parametrize("name", ["default", "small"])
@every_seed
def test_the_step_agrees_with_what_was_done(name: str, seed: int) -> None:
    for enquiry in enquiries(make(name, seed)):
        done = (enquiry.opened is not None, enquiry.assigned is not None, enquiry.closed is not None)
        assert done == (enquiry.step >= 2, enquiry.step >= 3, enquiry.step >= 4)
        assert (enquiry.agent is not None) == (enquiry.step >= 3)
        assert enquiry.step > 1 or enquiry.updated_at == enquiry.created_at


# What belongs together


@every_world
@every_seed
def test_every_reference_leads_to_an_entity_of_the_same_agency(name: str, seed: int) -> None:
    world = make(name, seed)
    for enquiry in enquiries(world):
        assert _lives(world, Kind.PERSON, enquiry.agency, enquiry.seeker)
        assert _lives(world, Kind.ESTATE, enquiry.agency, enquiry.estate)
        assert _lives(world, Kind.PROFILE, enquiry.agency, enquiry.profile)
        assert _lives(world, Kind.ENQUIRY, enquiry.agency, enquiry.parent)
        assert _lives(world, Kind.AGENT, enquiry.agency, enquiry.agent)
        assert _lives(world, Kind.ESTATE, enquiry.agency, enquiry.project.estate if enquiry.project else None)
        for milestone in filter(None, (enquiry.opened, enquiry.assigned, enquiry.closed)):
            assert _lives(world, Kind.AGENT, enquiry.agency, milestone.agent)
        assert set(enquiry.search.communes) <= set(world.communes.by_id)
    for estate in estates(world):
        assert _lives(world, Kind.AGENT, estate.agency, estate.agent)
        assert _lives(world, Kind.PERSON, estate.agency, estate.owner)
    for profile in profiles(world):
        assert _lives(world, Kind.PERSON, profile.agency, profile.contact)
        for agent in (profile.agent, profile.created_by, profile.updated_by):
            assert _lives(world, Kind.AGENT, profile.agency, agent)
        assert all(place.commune in (None, *world.communes.by_id) for place in profile.places)


@every_seed
def test_a_reference_is_null_only_where_it_is_meant_to_be(seed: int) -> None:
    world = make("default", seed)
    for enquiry in enquiries(world):
        assert (enquiry.estate is not None) == (enquiry.category is Category.CLASSIFIED)
        assert (enquiry.profile is not None) == (enquiry.category is Category.PROPERTY_SEARCH)
        assert (enquiry.estimation is not None) == (enquiry.category is Category.ESTIMATION)
        assert (enquiry.project is not None) == (enquiry.category is Category.PROPERTY_SEARCH)
        read = enquiry.category is Category.PROPERTY_SEARCH and was_open(enquiry.created_at, ORIGIN)
        assert not read or enquiry.step >= 3


@every_seed
def test_a_profile_says_what_its_enquiry_says(seed: int) -> None:
    world = make("default", seed)
    searches = {enquiry.profile: enquiry for enquiry in enquiries(world) if enquiry.profile is not None}
    assert sorted(searches) == sorted(profile.id for profile in profiles(world))
    for profile in profiles(world):
        enquiry = searches[profile.id]
        wish = enquiry.search
        made_at = enquiry.opened.at if enquiry.opened else enquiry.created_at
        assert (profile.contact, profile.created_at) == (enquiry.seeker, made_at)
        assert (profile.transaction, profile.types) == (wish.transaction, wish.types)
        assert profile.rooms == (wish.rooms_max if profile.rooms_operator == 3 else wish.rooms_min)
        assert (profile.area_min, profile.price_max) == (wish.area_min, wish.price_max)
        assert tuple(place.commune for place in profile.places) == wish.communes


@every_seed
def test_a_duplicate_repeats_an_original_of_the_same_person_on_another_portal(seed: int) -> None:
    world = make("default", seed)
    for _, agency, position in places(world, Kind.ENQUIRY):
        again = world.enquiry(agency, position)
        if again.parent is None:
            continue
        found = world.locate(Kind.ENQUIRY, again.parent)
        assert found is not None
        first = world.enquiry(*found)
        assert 1 <= position - found[1] <= 3
        assert first.parent is None
        assert not is_search(position)
        assert not is_search(found[1])
        assert again.portal is not first.portal
        for member in ("seeker", "estate", "category", "intention", "search", "message", "estimation", "called"):
            assert getattr(again, member) == getattr(first, member)


@every_world
def test_seekers_and_owners_have_their_roles_and_times(name: str) -> None:
    world = make(name)
    by_id = {person.id: person for person in persons(world)}
    for enquiry in enquiries(world):
        assert by_id[enquiry.seeker].role is Role.SEEKER
        assert by_id[enquiry.seeker].created_at <= enquiry.created_at
    for estate in estates(world):
        assert by_id[estate.owner].role is Role.OWNER
        assert by_id[estate.owner].created_at < estate.created_at


@every_world
def test_an_erased_person_keeps_no_name_and_their_leads_no_message(name: str) -> None:
    world = make(name)
    erased = {person.id: person for person in persons(world) if person.erased}
    assert bool(erased) == (name in ("busy", "default", "messy"))
    for person in erased.values():
        assert (person.firstname, person.lastname, person.gender, person.language) == (None, None, None, None)
        assert person.phones == ()
    left = [enquiry for enquiry in enquiries(world) if enquiry.seeker in erased]
    assert not any(enquiry.message or enquiry.called or enquiry.rental_file for enquiry in left)
    for project in filter(None, (enquiry.project for enquiry in left)):
        assert (project.household, project.finances, project.comment) == (None, None, None)
        assert project.commercial is None or (project.commercial.company, project.commercial.comment) == (None, None)
    for own in filter(None, (enquiry.estimation for enquiry in left)):
        assert (own.user_city, own.user_postcode, own.comment) == (None, None, None)
    assert {(enquiry.hint.street, enquiry.hint.more) for enquiry in left} <= {(None, None)}
    searched = [profile for profile in profiles(world) if profile.contact in erased]
    assert not any(profile.comment or profile.free_criteria for profile in searched)


@every_seed
def test_who_rang_left_a_number_and_no_words(seed: int) -> None:
    world = make("default", seed)
    by_id = {person.id: person for person in persons(world)}
    called = [enquiry for enquiry in enquiries(world) if enquiry.called]
    assert 5 < len(called) < 60
    assert all(enquiry.message == "" and by_id[enquiry.seeker].phones for enquiry in called)
    with_papers = [enquiry for enquiry in enquiries(world) if enquiry.rental_file]
    assert 5 < len(with_papers) < 80
    assert {_estate(world, enquiry).transaction for enquiry in with_papers} == {Transaction.RENT}


# Nobody real


@every_world
@every_seed
def test_no_phone_number_is_outside_the_ranges_reserved_for_fiction(name: str, seed: int) -> None:
    world = make(name, seed)
    numbers = [phone.number for person in persons(world) for phone in person.phones]
    numbers += [agency.phone for agency in world.agencies.values()]
    numbers += [found for text in _texts(world) for found in NUMBER_IN_TEXT.findall(text)]
    for entity in entities(world, Kind.AGENT, Kind.PERSON):
        numbers += [str(getattr(entity, member, None) or "") for member in ("phone", "mobile", "fax")]
    assert [number for number in numbers if number and not _is_fiction(number)] == []


@every_world
@every_seed
def test_no_email_is_outside_the_example_domains(name: str, seed: int) -> None:
    world = make(name, seed)
    mails = [person.email for person in persons(world) if person.email]
    mails += [agency.email for agency in world.agencies.values()]
    mails += [enquiry.recipient.email for enquiry in enquiries(world) if enquiry.recipient.email]
    mails += [str(getattr(agent, "email", "")) for agent in entities(world, Kind.AGENT)]
    mails += [found for text in _texts(world) for found in MAIL_IN_TEXT.findall(text)]
    assert [mail for mail in mails if not MAIL.fullmatch(mail)] == []


def test_people_do_not_share_a_first_number_or_an_address_by_chance() -> None:
    for agency in (101, 102, 103):
        here = [person for person in persons(make("default")) if person.agency == agency]
        mails = [person.email for person in here if person.email]
        mobiles = [person.phones[0].number for person in here if person.phones]
        assert len(set(mails)) == len(mails)
        assert len(set(mobiles)) == len(mobiles)


# What the default world is like


def test_the_default_world_has_its_shares() -> None:
    found = enquiries(make("default"))
    messages = [enquiry.message for enquiry in found]
    assert 0.24 < _part(enquiry.created_at > ORIGIN - 7 * DAY for enquiry in found) < 0.32
    assert 0.04 < _part(message == "" for message in messages) < 0.12
    assert 0.02 < _part(len(message) > 700 for message in messages) < 0.08
    assert 0.02 < _part(enquiry.parent is not None for enquiry in found) < 0.06
    assert 0.05 < 1 - len({enquiry.seeker for enquiry in found}) / len(found) < 0.25
    assert set(Counter(enquiry.step for enquiry in found)) == {1, 2, 3, 4}
    assert set(Counter(enquiry.category for enquiry in found)) == set(Category)
    assert {estate.type for estate in estates(make("default"))} == set(EstateType) - {EstateType.MISCELLANEOUS}
    assert all(enquiry.portal and enquiry.portal.endswith("FRA") for enquiry in found)


def test_the_default_world_has_people_of_many_kinds() -> None:
    seekers = [person for person in persons(make("default")) if person.role is Role.SEEKER]
    names = [f"{person.firstname} {person.lastname}" for person in seekers]
    assert 0.03 < _part(person.email is None for person in seekers) < 0.08
    assert 0.005 < _part(person.erased for person in seekers) < 0.03
    assert {len(person.phones) for person in seekers} == {0, 1, 2, 3}
    assert {person.is_owner for person in seekers} == {True, False, None}
    assert all(person.email or person.phones or person.erased for person in seekers)
    assert any("-" in name for name in names)
    assert any("'" in name or "’" in name for name in names)
    assert any(max(name) > "ſ" for name in names)  # beyond the Latin letters of Europe


@every_seed
def test_whoever_is_not_erased_has_a_country(seed: int) -> None:
    seekers = [person for person in persons(make("default", seed)) if person.role is Role.SEEKER]
    assert all((person.address.country is None) == person.erased for person in seekers)
    foreign = [person for person in seekers if person.address.country not in (None, "FR")]
    assert 3 < len(foreign) < 60
    assert "fr" not in {person.language for person in foreign}


@every_seed
def test_who_has_left_the_agency_has_no_part_in_anything(seed: int) -> None:
    world = make("default", seed)
    agents = [agent for agent in entities(world, Kind.AGENT) if isinstance(agent, Agent)]
    gone = {agent.id for agent in agents if not agent.active}
    assert 0 < len(gone) < 8
    assert all(agent.created_at < agent.updated_at for agent in agents if not agent.active)
    assert all(agent.active for agent in agents if agent.manager)
    busy: set[int | None] = {estate.agent for estate in estates(world)}
    for enquiry in enquiries(world):
        milestones = (enquiry.opened, enquiry.assigned, enquiry.closed)
        busy |= {enquiry.agent, *(milestone.agent for milestone in milestones if milestone)}
    for profile in profiles(world):
        busy |= {profile.agent, profile.created_by, profile.updated_by}
    assert not busy & gone


@every_seed
def test_estates_are_coherent(seed: int) -> None:
    world = make("default", seed)
    for estate in estates(world):
        commune = world.communes.by_id[estate.commune]
        assert estate.postcode in commune.postcodes
        assert (estate.city, abs(estate.lat - commune.lat) < 0.0097) == (commune.name, True)
        assert re.fullmatch(r"[0-9]{2}[1-9A-NP-Z]{10}", estate.classified_id)
        assert 100_000_000 <= estate.classified_number < 300_000_000
        assert estate.mandate_from < estate.mandate_to
        if estate.type in (EstateType.PLOT, EstateType.PARKING):
            assert (estate.rooms, estate.floor, estate.construction_year, estate.energy) == (None,) * 4
        if estate.rooms and estate.bedrooms is not None:
            assert estate.bedrooms < estate.rooms
        if estate.price and estate.transaction is Transaction.RENT:
            assert 20 <= estate.price < 30_000
    numbers = [estate.classified_number for estate in estates(world)]
    assert len(set(numbers)) == len(numbers)
    for agency in world.agencies:
        references = [estate.reference for estate in estates(world) if estate.agency == agency]
        assert len(set(references)) == len(references)


# Communes


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Paris 7ème", "Paris 7ème"),
        ("paris 7e", "Paris 7ème"),
        ("PARIS 07", "Paris 7ème"),
        ("75007", "Paris 7ème"),
        ("Paris 75007", "Paris 7ème"),
        ("Paris 1ER arrondissement", "Paris 1er"),
        ("saint etienne", "Saint-Étienne"),
        ("St Étienne", "Saint-Étienne"),
        ("aix EN provence", "Aix-en-Provence"),
        ("Oeuilly", "Œuilly"),
    ],
)
def test_a_commune_is_found_as_people_write_it(text: str, name: str) -> None:
    found = make("empty").communes.find(text)
    assert found is not None
    assert found.name == name


def test_of_two_namesakes_the_postcode_tells_which() -> None:
    communes = make("empty").communes
    assert _department(communes.find("Saint-Denis 97400")) == "974"
    assert _department(communes.find("93200 saint denis")) == "93"


@pytest.mark.parametrize("text", ["", "Paris", "Atlantis", "00000", "Atlantis 75007", "🏡"])
def test_a_commune_that_we_do_not_have_is_not_found(text: str) -> None:
    assert make("empty").communes.find(text) is None


@every_world
def test_there_is_a_test_for_each_world_that_is_shipped(name: str) -> None:
    assert name in world_names()
    assert len(world_names()) == 5


def _lives(world: World, kind: Kind, agency: int, id: int | None) -> bool:
    return id is None or (world.locate(kind, id) or (None,))[0] == agency


def _estate(world: World, enquiry: Enquiry) -> Estate:
    found = world.locate(Kind.ESTATE, enquiry.estate or 0)
    assert found is not None
    return world.estate(*found)


def _is_fiction(number: str) -> bool:
    plain = re.sub(r"[^\d+]", "", number.replace("(0)", "")).removeprefix("00").removeprefix("+")
    return FICTION.fullmatch(plain) is not None


def _texts(world: World) -> list[str]:
    return [
        *(enquiry.message for enquiry in enquiries(world)),
        *(f"{estate.title} {estate.description}" for estate in estates(world)),
        *(person.comment or "" for person in persons(world)),
    ]


def _part(answers: Iterator[bool]) -> float:
    all_answers = list(answers)
    return sum(all_answers) / len(all_answers)


def _department(commune: Commune | None) -> str | None:
    return commune.department if commune else None
