"""When the leads of a world come in and are dealt with: as people write and agencies work, none at the last second."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain import Enquiry, Kind
from mockserver.world import World, load_world_file
from mockserver.world.activity_calendar import OFFICE, SEEKERS, ActivityCalendar, midnight

pytestmark = pytest.mark.no_cover
"""Thousands of entities, mostly by code that other tests reach too: not traced, which would cost much of their time."""

PARIS = ZoneInfo("Europe/Paris")
HOUR = 3_600
ORIGINS = ("2026-01-31T12:00:00+00:00", "2026-04-06T15:30:00+00:00", "2025-10-26T03:00:00+00:00")
every_origin = pytest.mark.parametrize("origin", ORIGINS)
every_seed = pytest.mark.parametrize("seed", [1, 2, 99])
every_rhythm = pytest.mark.parametrize("rhythm", [SEEKERS, OFFICE], ids=["seekers", "office"])


def epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@cache
def enquiries(origin: str, seed: int) -> list[Enquiry]:
    world = World(load_world_file("default"), origin=epoch(origin), seed=seed)
    return [
        world.enquiry(agency, position)
        for agency in world.agencies
        for position in range(world.count(Kind.ENQUIRY, agency))
    ]


def share(answers: Iterator[bool]) -> float:
    found = list(answers)
    return sum(found) / len(found)


@every_origin
@every_seed
def test_few_leads_changed_just_before_the_origin(origin: str, seed: int) -> None:
    now, found = epoch(origin), enquiries(origin, seed)
    limit = 0.03 if datetime.fromtimestamp(now, PARIS).weekday() == 0 else 0.015  # on Mondays a weekend is caught up
    assert share(enquiry.created_at <= now - HOUR < enquiry.updated_at for enquiry in found) < limit
    assert share(now - 60 < enquiry.updated_at for enquiry in found) < 0.005
    assert not any(now - 3 < enquiry.updated_at for enquiry in found)


@every_origin
@every_seed
def test_seekers_write_by_day_and_most_in_the_evening(origin: str, seed: int) -> None:
    hours = [datetime.fromtimestamp(enquiry.created_at, PARIS).hour for enquiry in enquiries(origin, seed)]
    assert 0.88 < share(7 <= hour < 23 for hour in hours) < 0.99
    assert share(19 <= hour < 22 for hour in hours) > 1.3 * share(14 <= hour < 17 for hour in hours)


@every_origin
@every_seed
def test_agencies_work_in_office_hours(origin: str, seed: int) -> None:
    done = [
        datetime.fromtimestamp(milestone.at, PARIS)
        for enquiry in enquiries(origin, seed)
        for milestone in (enquiry.opened, enquiry.assigned, enquiry.closed)
        if milestone and milestone.at
    ]
    assert 0.9 < share(moment.weekday() < 6 and 8 <= moment.hour < 19 for moment in done) < 1


@every_rhythm
@given(moment=st.integers(0, 4_000_000_000))
def test_a_rhythm_and_its_inverse_agree_to_a_second_or_in_closed_hours_to_the_next_opening(
    rhythm: ActivityCalendar, moment: int
) -> None:
    found = rhythm.moment(rhythm.elapsed(moment))
    if rhythm.latest(moment) == moment:
        opened = rhythm.latest(moment + 2) == moment + 2
        assert abs(found - moment) <= 1 or not opened
    else:
        local = datetime.fromtimestamp(found, PARIS)
        assert found > moment
        assert (local.weekday(), local.hour) in {*((day, 8) for day in range(6)), (6, 10)}
        assert (local.minute, local.second) == (0, 0)
        assert rhythm.latest(found - 1) < moment
    assert rhythm.elapsed(moment) < rhythm.elapsed(moment + 1)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-27T20:30:00+01:00", "2026-11-27T19:59:59+01:00"),
        ("2026-11-28T03:00:00+01:00", "2026-11-27T19:59:59+01:00"),
        ("2026-11-29T09:00:00+01:00", "2026-11-28T19:59:59+01:00"),
        ("2026-11-30T00:05:00+01:00", "2026-11-29T11:59:59+01:00"),
        ("2026-11-30T08:05:00+01:00", "2026-11-30T08:05:00+01:00"),
    ],
)
def test_the_latest_moment_of_office_hours_is_now_or_before_it_closed(moment: str, expected: str) -> None:
    assert OFFICE.latest(epoch(moment)) == epoch(expected)


@every_rhythm
@pytest.mark.parametrize("night", ["2025-10-25T20:00:00+00:00", "2026-03-28T20:00:00+00:00"])
def test_a_rhythm_rises_through_the_nights_in_which_clocks_change(rhythm: ActivityCalendar, night: str) -> None:
    moments = range(epoch(night), epoch(night) + 30 * HOUR, 7)
    assert all(earlier < later for earlier, later in pairwise(map(rhythm.elapsed, moments)))


def test_a_week_is_as_long_as_a_week_in_every_rhythm() -> None:
    monday = midnight(4 + 7 * 2_900)
    assert datetime.fromtimestamp(monday, PARIS).strftime("%a %H:%M") == "Mon 00:00"
    for rhythm in (SEEKERS, OFFICE):
        assert rhythm.elapsed(monday + 604_800) - rhythm.elapsed(monday) == pytest.approx(604_800)
