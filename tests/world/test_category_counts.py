"""Counts by category are those of looking at each enquiry, and each block is counted once."""

import pytest

from mockserver.domain import Category, Kind
from mockserver.foundation.slices import SliceOver, begin_slice, end_slice
from mockserver.world import World, category_counts
from mockserver.world.category_counts import count_categories
from mockserver.world.files import AgencyEntry, Pin, Size, WorldFile
from mockserver.world.lookups import category_at
from tests.conftest import NOW

PIN = Pin(kind=Kind.ENQUIRY, agency=101, position=3, why="a search out of turn", set={"category": "PROPERTY_SEARCH"})


def world(enquiries: int, *pins: Pin) -> World:
    agencies = (AgencyEntry(id=101), AgencyEntry(id=102))
    return World(WorldFile(name="counted", size=Size(enquiries=enquiries), agencies=agencies, pins=pins), origin=NOW)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(category_counts, "_BLOCK", 16)
    monkeypatch.setattr(category_counts, "_GROUP", 64)


@pytest.mark.parametrize("pins", [(), (PIN,)])
@pytest.mark.parametrize("row", [(0, 0), (5, 9), (3, 40), (0, 300), (17, 291), (64, 128), (200, 100)])
def test_a_count_is_that_of_looking_at_each(pins: tuple[Pin, ...], row: tuple[int, int]) -> None:
    made = world(300, *pins)
    found = [category_at(made, 101, position) for position in range(*row)]
    for chosen in ({category} for category in Category):
        assert count_categories(made, 101, *row, chosen) == sum(category in chosen for category in found)
    assert count_categories(made, 101, *row, {*Category}) == len(found)


def test_a_count_goes_on_where_its_slice_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []

    def counting(made: World, agency: int, position: int) -> Category:
        looked_at.append(position)
        return category_at(made, agency, position)

    monkeypatch.setattr(category_counts, "category_at", counting)
    monkeypatch.setattr("mockserver.foundation.slices.SLICE", 0.0)
    made, slices, count = world(300), 0, None
    while count is None:
        slices += 1
        begin_slice()
        try:
            count = count_categories(made, 101, 0, 300, {Category.CLASSIFIED})
        except SliceOver:
            continue
        finally:
            end_slice()
    assert slices > 3
    assert sorted(looked_at) == list(range(300))


def test_searches_and_all_are_counted_by_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(category_counts, "category_at", None)
    made = world(10_000_000)
    assert count_categories(made, 101, 7, 9_999_999, {*Category}) == 9_999_992
    assert count_categories(made, 101, 0, 10_000_000, {Category.PROPERTY_SEARCH}) == 2_000_000
