"""What a world has is found by position: the same as by a look at all of it, in a world with more than is in hand."""

from itertools import islice
from pathlib import Path

import pytest

from mockserver.domain import Enquiry, Entity, Kind
from mockserver.world import World, load_world_file
from mockserver.world.enquiries import is_in_contacts
from mockserver.world.history import changed_since, enquiry_since, in_hand
from mockserver.world.listing_enquiries import enquiries_about, listing_at
from mockserver.world.lookups import category_at, positions_with, seeker_at
from mockserver.world.timeline import IN_HAND, done_by

pytestmark = pytest.mark.no_cover

ORIGIN = 1_767_225_600
COUNT = 380
PINS = """
pins:
  - {kind: enquiry, agency: 101, position: 5, why: odd, set: {estate: {position: 7}, step: 2}}
  - {kind: enquiry, agency: 101, position: 6, why: late, set: {updated_at: "2025-12-30T00:00:00Z"}}
  - {kind: enquiry, agency: 101, position: 30, why: late, set: {seeker: {position: 3}, in_contacts: false}}
  - {kind: enquiry, agency: 101, position: 32, why: open, set: {category: AGENCY, closed: null}}
  - {kind: enquiry, agency: 101, position: 375, why: named, set: {uuid: 00000000-0000-4000-8000-000000000001}}
  - {kind: estate, agency: 101, position: 7, why: sold, set: {status: SOLD}}
  - {kind: person, agency: 101, position: 9, why: early, set: {updated_at: "2025-10-03T00:00:00Z"}}
"""


def world_of(tmp_path: Path, enquiries: int, estates: int = 40, pins: str = "") -> World:
    path = tmp_path / f"{enquiries}-{estates}.yaml"
    size = f"size: {{enquiries: {enquiries}, estates: {estates}}}"
    path.write_text(f"name: sized\n{size}\nagencies: [{{id: 101}}, {{id: 102}}]\n{pins}")
    return World(load_world_file(str(path)), origin=ORIGIN)


def all_of(world: World, kind: Kind) -> list[Entity]:
    return [world.entity(kind, 101, position) for position in range(world.count(kind, 101))]


def enquiries_of(world: World) -> list[Enquiry]:
    return [world.enquiry(101, position) for position in range(world.count(Kind.ENQUIRY, 101))]


@pytest.mark.parametrize("pins", ["", PINS], ids=["plain", "pinned"])
def test_what_is_found_by_position_is_what_a_look_at_everything_finds(tmp_path: Path, pins: str) -> None:
    enquiries = enquiries_of(world_of(tmp_path, COUNT, pins=pins))
    world = world_of(tmp_path, COUNT, pins=pins)

    for position, enquiry in enumerate(enquiries):
        assert category_at(world, 101, position) is enquiry.category
        assert is_in_contacts(world, 101, position) is enquiry.in_contacts
        assert world.id_at(Kind.PERSON, 101, seeker_at(world, 101, position)) == enquiry.seeker
        listing = listing_at(world, 101, position)
        assert (None if listing is None else world.id_at(Kind.ESTATE, 101, listing)) == enquiry.estate
        assert position in positions_with(world, Kind.ENQUIRY, 101, "uuid", enquiry.uuid)
        assert position in positions_with(world, Kind.ENQUIRY, 101, "source_key", enquiry.source_key)
        assert position in positions_with(world, Kind.ENQUIRY, 101, "seeker", enquiry.seeker)
        if enquiry.profile:
            assert position // 5 in positions_with(world, Kind.PROFILE, 101, "contact", enquiry.seeker)
        if position < COUNT - IN_HAND and not world.pins.at(Kind.ENQUIRY, 101, position):
            assert enquiry.updated_at <= done_by(world, 101, position)
    for position in range(world.count(Kind.ESTATE, 101)):
        estate = world.estate(101, position)
        for member in ("reference", "classified_id", "classified_number"):
            assert position in positions_with(world, Kind.ESTATE, 101, member, getattr(estate, member))
    still_open = {enquiry.id for enquiry in enquiries if not enquiry.in_contacts}
    assert still_open <= {world.id_at(Kind.ENQUIRY, 101, position) for position in in_hand(world, Kind.ENQUIRY, 101)}


@pytest.mark.slow
@pytest.mark.parametrize(("estates", "pins"), [(40, ""), (40, PINS), (3, ""), (1, ""), (500, "")])
def test_the_enquiries_about_a_listing_are_found_in_both_orders(tmp_path: Path, estates: int, pins: str) -> None:
    world = world_of(tmp_path, COUNT, estates, pins)
    enquiries = enquiries_of(world)
    for listing in range(min(estates, 40)):
        id = world.id_at(Kind.ESTATE, 101, listing)
        about = [position for position, enquiry in enumerate(enquiries) if enquiry.estate == id]
        assert list(enquiries_about(world, 101, listing, 0, COUNT)) == about
        part = [position for position in about if 50 <= position < 300]
        assert list(enquiries_about(world, 101, listing, 50, 300, descending=True)) == part[::-1]


@pytest.mark.slow
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("pins", ["", PINS], ids=["plain", "pinned"])
def test_what_changed_since_a_moment_is_found_whatever_the_moment(tmp_path: Path, kind: Kind, pins: str) -> None:
    world = world_of(tmp_path, COUNT, pins=pins)
    entities = all_of(world, kind)
    moments = [entity.updated_at for entity in islice(entities, 0, None, max(1, len(entities) // 12))]
    for moment in (0, *moments, *(moment + 1 for moment in moments), ORIGIN + 1):
        rows = changed_since(world, kind, 101, moment)
        positions = [
            position
            for row in rows
            for position in (*row.some, *(later for later in range(row.start, row.end) if later not in row.excepted))
        ]
        assert positions == [position for position, entity in enumerate(entities) if entity.updated_at >= moment]


def test_a_member_by_which_nothing_can_be_found_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="no enquiry of a world is found by message"):
        positions_with(world_of(tmp_path, 20), Kind.ENQUIRY, 101, "message", "x")


def test_the_oldest_and_the_newest_of_ten_million_are_as_near_as_any(tmp_path: Path) -> None:
    world = world_of(tmp_path, 10_000_000)
    for position in (0, 5_000_000, 9_999_999):
        created = world.enquiry(101, position).created_at
        assert enquiry_since(world, 101, created) == position
    assert len(world._made) < 40
