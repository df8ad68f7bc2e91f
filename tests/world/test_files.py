"""World files: what a pin changes, and what a wrong file is told."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mockserver.domain import Category, Enquiry, Estate, Kind, Person, Phone, PhoneKind, Portal, replace
from mockserver.world import World, WorldError, WorldFile, load_world_file, world_names
from mockserver.world.files import read_world_file

ORIGIN = 1_767_225_600  # 2026-01-01T00:00:00Z
LATER = 1_793_491_200  # 2026-11-01T00:00:00Z
HEAD = "name: mine\nsize: {agents: 2, estates: 4, enquiries: 10}\nagencies: [{id: 1}, {id: 2}]\n"


def load(folder: Path, text: str) -> WorldFile:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return load_world_file(str(path))


def pinned(folder: Path, pin: str) -> World:
    return World(load(folder, f"{HEAD}pins:\n  - {{why: test, {pin}}}\n"), origin=ORIGIN)


def test_the_shipped_worlds_are_listed_and_named_after_their_files() -> None:
    assert world_names() == ("busy", "default", "empty", "messy", "small")
    assert [load_world_file(name).name for name in world_names()] == list(world_names())


@pytest.mark.parametrize("name", ["default", "empty", "messy", "small"])
def test_every_other_shipped_world_grants_101_and_102_and_not_103(name: str) -> None:
    agencies = World(load_world_file(name), origin=ORIGIN).agencies
    assert {id: agency.granted for id, agency in agencies.items()} == {101: True, 102: True, 103: False}


def test_the_busy_world_grants_both_of_its_agencies() -> None:
    agencies = World(load_world_file("busy"), origin=ORIGIN).agencies
    assert {id: agency.granted for id, agency in agencies.items()} == {101: True, 102: True}


def test_a_week_of_the_busy_world_has_several_pages_of_100() -> None:
    world = World(load_world_file("busy"), origin=ORIGIN)
    week = [world.enquiry(101, position).created_at >= ORIGIN - 7 * 86_400 for position in range(240)]
    assert sum(week) > 100


@pytest.mark.parametrize(
    ("name", "agencies", "enquiries"),
    [("busy", 2, 240), ("default", 3, 300), ("empty", 3, 0), ("messy", 3, 40), ("small", 3, 25)],
)
def test_each_agency_has_the_enquiries_that_the_file_says(name: str, agencies: int, enquiries: int) -> None:
    world = World(load_world_file(name), origin=ORIGIN)
    assert [world.count(Kind.ENQUIRY, agency) for agency in world.agencies] == [enquiries] * agencies


def test_a_seed_given_by_hand_goes_before_the_one_of_the_file() -> None:
    file = load_world_file("messy")
    assert World(file, origin=ORIGIN).seed == 7
    assert World(file, origin=ORIGIN, seed=0).seed == 0


def test_an_agency_without_a_name_gets_one_and_keeps_the_one_it_has() -> None:
    agencies = World(load_world_file("messy"), origin=ORIGIN).agencies
    assert agencies[101].name == "L’Agence d’à Côté & Fils"
    assert len({agency.name for agency in agencies.values()}) == 3


def test_a_world_of_one_agency_with_nothing_works(tmp_path: Path) -> None:
    size = "size: {agents: 1, estates: 0, enquiries: 3}"
    world = World(load(tmp_path, f"name: lone\n{size}\nagencies: [{{id: 5}}]\n"), origin=ORIGIN)
    categories = [world.enquiry(5, position).category for position in range(3)]
    assert Category.CLASSIFIED not in categories
    assert categories[2] is Category.PROPERTY_SEARCH


# Pins


def test_a_pin_overrides_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    plain = World(load(tmp_path, HEAD), origin=ORIGIN).estate(1, 2)
    world = pinned(tmp_path, "kind: estate, agency: 1, position: 2, set: {price: null, title: Ruine}")
    assert world.estate(1, 2) == replace(plain, price=None, title="Ruine")


def test_a_negative_position_counts_from_the_newest(tmp_path: Path) -> None:
    world = pinned(tmp_path, "kind: enquiry, agency: 2, position: -1, set: {message: neuf}")
    assert world.enquiry(2, 9).message == "neuf"


def test_a_reference_is_pinned_by_position(tmp_path: Path) -> None:
    members = "category: CLASSIFIED, estate: {position: -1}, seeker: {position: 1}"
    world = pinned(tmp_path, f"kind: enquiry, agency: 2, position: 3, set: {{{members}}}")
    enquiry = world.enquiry(2, 3)
    assert enquiry.estate == world.id_at(Kind.ESTATE, 2, 3)
    assert enquiry.seeker == world.id_at(Kind.PERSON, 2, 1)


def test_a_pinned_category_and_step_shape_the_rest(tmp_path: Path) -> None:
    enquiry = pinned(tmp_path, "kind: enquiry, agency: 1, position: 9, set: {category: ESTIMATION, step: 4}").enquiry(
        1, 9
    )
    assert enquiry.hint.city is not None
    assert enquiry.closed is not None
    assert enquiry.updated_at == enquiry.closed.at


def test_a_nested_pin_changes_only_the_members_it_names(tmp_path: Path) -> None:
    enquiry = pinned(tmp_path, "kind: enquiry, agency: 1, position: 0, set: {step: 2, opened: {agent: null}}").enquiry(
        1, 0
    )
    assert enquiry.opened is not None
    assert (enquiry.opened.agent, enquiry.opened.at) == (None, enquiry.updated_at)


def test_a_pinned_list_replaces_the_whole_list(tmp_path: Path) -> None:
    phones = 'phones: [{kind: MOBILE, number: "06 39 98 00 00"}]'
    world = pinned(tmp_path, f"kind: person, agency: 1, position: 0, set: {{{phones}}}")
    assert world.person(1, 0).phones == (Phone(kind=PhoneKind.MOBILE, number="06 39 98 00 00"),)


def test_a_pinned_erasure_takes_the_name_and_the_message(tmp_path: Path) -> None:
    world = pinned(tmp_path, "kind: person, agency: 1, position: 4, set: {erased: true}")
    assert world.enquiry(1, 4).seeker == world.id_at(Kind.PERSON, 1, 4)
    assert (world.person(1, 4).lastname, world.enquiry(1, 4).message) == (None, "")


def test_a_long_text_is_pinned_by_repeating_a_short_one(tmp_path: Path) -> None:
    world = pinned(tmp_path, "kind: enquiry, agency: 1, position: 0, set: {message: {repeat: Zoé, times: 4}}")
    assert world.enquiry(1, 0).message == "ZoéZoéZoéZoé"


def test_a_commune_is_pinned_by_its_name(tmp_path: Path) -> None:
    world = pinned(tmp_path, "kind: estate, agency: 1, position: 0, set: {commune: paris 7e}")
    assert world.communes.by_id[world.estate(1, 0).commune].name == "Paris 7ème"


def test_a_moment_is_pinned_with_its_zone_and_the_seeker_is_met_then(tmp_path: Path) -> None:
    moment = "2025-06-01T08:00:00+02:00"
    world = pinned(tmp_path, f'kind: enquiry, agency: 1, position: 0, set: {{created_at: "{moment}"}}')
    created = int(datetime(2025, 6, 1, 6, tzinfo=UTC).timestamp())
    assert (world.enquiry(1, 0).created_at, world.person(1, 0).created_at) == (created, created)
    assert world.enquiry(1, 0).updated_at >= created


def test_a_pinned_moment_that_the_clock_has_not_reached_moves_back_and_keeps_the_order(tmp_path: Path) -> None:
    world = pinned(tmp_path, "kind: enquiry, agency: 1, position: 0, set: {created_at: 2100-01-01T00:00:00Z}")
    assert world.enquiry(1, 0).created_at < world.enquiry(1, 1).created_at < ORIGIN


def test_the_night_when_summer_time_ends_has_two_leads_at_the_same_wall_clock() -> None:
    world = World(load_world_file("messy"), origin=LATER)
    first, second = world.enquiry(101, 0), world.enquiry(101, 1)
    assert (first.created_at, second.created_at - first.created_at) == (1_761_438_600, 3_600)
    assert world.enquiry(102, 0).created_at == 1_774_746_000


def test_the_messy_world_gives_a_reason_for_each_of_its_many_pins() -> None:
    pins = load_world_file("messy").pins
    assert len(pins) >= 40
    assert len({pin.why for pin in pins}) == len(pins)


def test_every_pin_of_the_messy_world_shows() -> None:
    file = load_world_file("messy")
    world = World(file, origin=LATER)
    for pin in file.pins:
        entity = world.entity(pin.kind, pin.agency, pin.position % world.count(pin.kind, pin.agency))
        for member, value in pin.set.items():
            if not isinstance(value, dict | list) and member not in ("created_at", "commune"):
                assert getattr(entity, member) == value, pin.label


def test_the_messy_world_has_the_awkward_values_that_clients_trip_over() -> None:
    world = World(load_world_file("messy"), origin=LATER)
    messages = [world.enquiry(102, position).message for position in range(40)]
    assert {"", "null", "NaN", "<script>alert('bonjour')</script>"} <= set(messages)
    assert 20_000 in map(len, messages)
    assert any("\r\n" in message for message in messages)
    assert len(world.person(101, 3).lastname or "") == 100
    assert world.enquiry(101, 33).parent == world.id_at(Kind.ENQUIRY, 101, 31)
    assert world.enquiry(101, 33).message == world.enquiry(101, 31).message
    assert (world.enquiry(102, 30).portal, world.enquiry(102, 33).portal) == (None, Portal.IMMOWEB)
    assert world.enquiry(101, 28).estate is None


# Wrong files


def test_an_unknown_world_is_told_which_there_are() -> None:
    with pytest.raises(
        WorldError, match=r"no world 'big': give one of busy, default, empty, messy, small, or the path"
    ):
        load_world_file("big")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [", "2: it cannot be read: "),
        ("just text", "1: it is to be a mapping with members such as name, about, seed"),
        ("name: mine\n", "1: agencies: it is missing"),
        ("name: mine\nagencies: []\n", "2: agencies: the least number of items is 1"),
        ("name: mine\nagencies: [{id: 1}, {id: 1}]\n", r"2: agencies\[1\].id: agencies\[0\] has 1, too"),
        (
            "name: mine\nagencies: [{id: 1}, {id: 1}]\npins:\n"
            "  - {kind: person, agency: 9, position: 0, why: x, set: {a: 1}}\n",
            r"4: pins\[0\].agency: no such agency, the file has 1\n",
        ),
        ("name: " + "[" * 100_000, "1: it is nested more than 200 levels deep"),
        (
            "name: mine\nagencies: [{id: 1}]\nsize: {leads: 3}\n",
            "3: size.leads: there is no such member; there is agents, estates, enquiries",
        ),
        ("name: mine\nagencies: [{id: 1}]\nsize: {agents: 0}\n", "3: size.agents: 1 is the least"),
        (
            f"{HEAD}pins: [{{kind: lead, agency: 1, position: 0, why: x, set: {{a: 1}}}}]\n",
            r"4: pins\[0\].kind: .* 'enquiry'",
        ),
        (
            f"{HEAD}pins: [{{kind: estate, agency: 1, position: 0, set: {{price: 1}}}}]\n",
            r"4: pins\[0\].why: it is missing",
        ),
    ],
)
def test_a_wrong_file_is_told_its_path_and_the_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(WorldError, match=rf"mine\.yaml:{said}"):
        load(tmp_path, text)


@pytest.mark.parametrize(
    ("pin", "said"),
    [
        ("kind: estate, agency: 9, position: 0, set: {price: 1}", r"\.agency: no such agency, the file has 1, 2"),
        ("kind: estate, agency: 1, position: 4, set: {price: 1}", r"\.position: there is no estate at position 4"),
        ("kind: estate, agency: 1, position: 0, set: {cost: 1}", r"\.set\.cost: Estate has no member 'cost' to set"),
        ("kind: estate, agency: 1, position: 0, set: {id: 1}", r"\.set\.id: Estate has no member 'id' to set"),
        (
            "kind: estate, agency: 1, position: 0, set: {price: dear}",
            r"\.set\.price: a whole number is needed",
        ),
        ("kind: estate, agency: 1, position: 0, set: {commune: Nulle-Part}", r"\.commune: .* no 'Nulle-Part'"),
        ("kind: enquiry, agency: 2, position: -1, set: {opened: {by: 1}}", r"\.set\.opened: by: is not known here"),
        ("kind: enquiry, agency: 2, position: 3, set: {parent: {position: 3}}", "parent must be an older enquiry"),
        ("kind: enquiry, agency: 2, position: 3, set: {seeker: 12}", "its agency has no person 12"),
        ("kind: enquiry, agency: 2, position: 0, set: {estate: {position: 7}}", r"estate: .* no estate at position 7"),
        ("kind: enquiry, agency: 2, position: 0, set: {portal: EBAY}", r"\.set\.portal: .*'SLG-FRA'"),
        ("kind: enquiry, agency: 2, position: 0, set: {created_at: 2025-10-26T02:30:00}", "no zone, add Z"),
        ("kind: enquiry, agency: 2, position: 0, set: {created_at: yesterday}", "not a moment in ISO 8601"),
        ("kind: enquiry, agency: 2, position: 3, set: {created_at: 2025-10-26T02:30:00Z}", "oldest enquiries only"),
        ("kind: estate, agency: 2, position: 0, set: {created_at: 2025-10-26T02:30:00Z}", "oldest enquiries only"),
    ],
)
def test_a_wrong_pin_is_named_with_what_would_be_right(tmp_path: Path, pin: str, said: str) -> None:
    with pytest.raises(WorldError, match=said) as caught:
        load(tmp_path, f"{HEAD}pins:\n  - {{why: test, {pin}}}\n")
    assert "mine.yaml:5: pins[0]" in str(caught.value)


def test_every_mistake_of_a_file_is_told_at_once_with_its_line_and_what_was_meant(tmp_path: Path) -> None:
    text = """name: mine
sead: 3
size:
  agent: 2
agencies:
  - id: 101
    grantd: true
  - id: x
pins:
  - {kind: persn, agency: 101, position: 0, why: test, set: {lastname: A}}
  - kind: person
    agency: 101
    position: 0
    why: test
    set:
      lastnam: MARTIN
      firstname: 5
"""
    with pytest.raises(WorldError) as caught:
        load(tmp_path, text)
    assert [line.partition("mine.yaml:")[2] for line in str(caught.value).split("\n")] == [
        "2: sead: there is no such member; did you mean seed?",
        "4: size.agent: there is no such member; did you mean agents?",
        "7: agencies[0].grantd: there is no such member; did you mean granted?",
        "8: agencies[1].id: a whole number is needed",
        "10: pins[0].kind: 'agent', 'person', 'estate', 'enquiry' or 'profile' is needed; did you mean `person`?",
        "16: pins[1].set.lastnam: Person has no member 'lastnam' to set; did you mean lastname?",
        "17: pins[1].set.firstname: text is needed",
    ]


def test_every_wrong_pin_is_told_and_a_locale_with_the_one_that_was_meant(tmp_path: Path) -> None:
    pins = """locale: nl_BR
pins:
  - {kind: estate, agency: 9, position: 0, why: a, set: {prize: 1}}
  - {kind: estate, agency: 1, position: 9, why: b, set: {price: dear}}
  - {kind: enquiry, agency: 1, position: 0, why: c, set: {seeker: 12, message: hello}}
"""
    with pytest.raises(WorldError) as caught:
        load(tmp_path, HEAD + pins)
    told = [line.partition("mine.yaml:")[2] for line in str(caught.value).split("\n")]
    assert told[0].startswith("4: locale: ")
    assert told[1:] == [
        "6: pins[0].agency: no such agency, the file has 1, 2",
        "6: pins[0].set.prize: Estate has no member 'prize' to set; did you mean price?",
        "7: pins[1].position: there is no estate at position 9, an agency has 4",
        "7: pins[1].set.price: a whole number is needed",
        "8: pins[2].set.seeker: its agency has no person 12",
    ]


def test_a_member_that_is_there_twice_is_refused_and_an_alias_is_not(tmp_path: Path) -> None:
    assert load(tmp_path, f"{HEAD}about: &text twice\nlocale: fr_FR\n").about == "twice"
    with pytest.raises(WorldError, match=r"mine\.yaml:4: it cannot be read: name stands there twice, keep one"):
        load(tmp_path, f"{HEAD}name: other\n")


def test_two_pins_of_one_entity_are_refused(tmp_path: Path) -> None:
    pin = "  - {kind: enquiry, agency: 1, position: %d, why: test, set: {message: a}}\n"
    with pytest.raises(WorldError, match=r"mine\.yaml:6: pins\[1\]: it is pinned twice"):
        load(tmp_path, f"{HEAD}pins:\n{pin % 9}{pin % -1}")


def test_a_pin_that_slipped_past_loading_is_still_named() -> None:
    pin = {"kind": "person", "agency": 1, "position": 0, "why": "test", "set": {"language": 5}}
    file = read_world_file({"name": "mine", "agencies": [{"id": 1}], "pins": [pin]})
    with pytest.raises(WorldError, match=r"pin of person 0 of agency 1 .* language: text is needed"):
        World(file, origin=ORIGIN).entity(Kind.PERSON, 1, 0)


def test_entities_are_of_the_model_of_their_kind() -> None:
    world = World(load_world_file("messy"), origin=ORIGIN)
    assert isinstance(world.entity(Kind.ENQUIRY, 101, 0), Enquiry)
    assert isinstance(world.entity(Kind.ESTATE, 101, 0), Estate)
    assert isinstance(world.entity(Kind.PERSON, 101, 0), Person)
