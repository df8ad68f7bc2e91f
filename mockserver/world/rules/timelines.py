"""Rules of time: agencies work by day, and seldom on Sundays."""

from collections.abc import Iterator
from datetime import datetime

from mockserver.domain import Entity, Kind, Person, Role
from mockserver.foundation.epoch import Epoch
from mockserver.world.activity_calendar import PARIS
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule

FIRST_HOUR, LAST_HOUR = 7, 21
SUNDAY = 6
MOST_SUNDAYS = 0.03
"""The share of all that an agency does."""


def _done(checked: CheckedWorld) -> Iterator[tuple[Kind, int, Epoch]]:
    for enquiry in checked.enquiries():
        for milestone in (enquiry.opened, enquiry.assigned, enquiry.closed):
            if milestone and milestone.at is not None:
                yield Kind.ENQUIRY, enquiry.id, milestone.at
    for estate in checked.estates():
        yield from _changes(Kind.ESTATE, estate)
    for agent in checked.agents():
        yield from _changes(Kind.AGENT, agent)
    for person in checked.persons():
        yield from _of_person(person)


def _changes(kind: Kind, entity: Entity) -> Iterator[tuple[Kind, int, Epoch]]:
    yield kind, entity.id, entity.created_at
    yield kind, entity.id, entity.updated_at


def _of_person(person: Person) -> Iterator[tuple[Kind, int, Epoch]]:
    """A seeker comes in at any time, an owner is entered by an agent."""
    if person.role is Role.OWNER or person.updated_at != person.created_at:
        yield Kind.PERSON, person.id, person.updated_at


def _by_day(checked: CheckedWorld) -> Iterator[Breach]:
    for kind, id, moment in _done(checked):
        local = datetime.fromtimestamp(moment, PARIS)
        if not FIRST_HOUR <= local.hour < LAST_HOUR:
            yield Breach(kind, id, f"done at {local:%H:%M}")


def _seldom_on_sundays(checked: CheckedWorld) -> Iterator[Breach]:
    done = [(kind, id, datetime.fromtimestamp(moment, PARIS)) for kind, id, moment in _done(checked)]
    sundays = [(kind, id, moment) for kind, id, moment in done if moment.weekday() == SUNDAY]
    if len(sundays) > max(MOST_SUNDAYS * len(done), 3):
        yield from (Breach(kind, id, f"done on {moment:%A %H:%M}") for kind, id, moment in sundays)


RULES = (
    Rule("time-of-day", "Agents work between 7 and 21 o'clock, Paris time.", _by_day),
    Rule(
        "time-of-week",
        "Of all that agents do, three per cent at most is done on Sundays.",
        _seldom_on_sundays,
        whole=True,
    ),
)
