"""When things happened: every moment is laid back from the clock's origin, by position alone."""

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from mockserver.domain import Kind, Milestone
from mockserver.foundation.epoch import Epoch
from mockserver.world.activity_calendar import OFFICE, SEEKERS
from mockserver.world.numbering import SEARCH_AT, SEARCH_EVERY
from mockserver.world.rng import KeyedRandom, share

if TYPE_CHECKING:
    from mockserver.world.world import World

MINUTE, HOUR, DAY = 60, 3_600, 86_400
NEWEST_AGE = 2 * MINUTE
ESTATE_YEARS = 600 * DAY
"""Over how long before the oldest enquiry estates were listed."""
AGENT_YEARS = 3_000 * DAY

STEPS_BY_AGE: tuple[tuple[int, dict[int, float]], ...] = (
    (DAY, {1: 70, 2: 20, 3: 8, 4: 2}),
    (7 * DAY, {1: 35, 2: 30, 3: 25, 4: 10}),
    (30 * DAY, {1: 10, 2: 15, 3: 30, 4: 45}),
)
"""How far an agency has come with an enquiry of less than that age."""
STEPS_WHEN_OLD: dict[int, float] = {1: 3, 2: 5, 3: 12, 4: 80}


class Progress(NamedTuple):
    """What an agency has done with an enquiry."""

    opened: Milestone | None
    assigned: Milestone | None
    closed: Milestone | None


def enquiry_created(world: "World", agency: int, position: int) -> Epoch:
    """When an enquiry came in: strictly ascending by position, the more recent the denser, seldom at night."""
    pinned: Epoch | None = world.pins.at(Kind.ENQUIRY, agency, position).get("created_at")
    count = world.count(Kind.ENQUIRY, agency)
    if pinned is None:
        return _enquiry_created(world, agency, position, count)
    # A pinned moment that this clock has not reached yet moves back: the order of time comes first.
    later = enquiry_created(world, agency, position + 1) - 1 if position + 1 < count else world.origin - NEWEST_AGE
    return min(pinned, later)


def _enquiry_created(world: "World", agency: int, position: int, count: int) -> Epoch:
    """The square puts 28 % of a 90-day span into its last week; a second a position keeps the order."""
    jitter = 0.8 * share(world.seed, "moment", agency, position)
    back = (count - position - jitter) / count
    ago = (_span(world) - NEWEST_AGE - count) * back * back
    newest = world.origin - NEWEST_AGE
    return min(SEEKERS.moment(SEEKERS.elapsed(newest) - ago), newest) - (count - 1 - position)


def _span(world: "World") -> int:
    """Seconds; never too short for the number of enquiries."""
    return max(world.file.span_days * DAY, NEWEST_AGE + 2 * world.file.size.enquiries)


def estate_created(world: "World", agency: int, position: int) -> Epoch:
    """Ten days or more before any enquiry that the seed makes; ascending by position."""
    return world.origin - _age(world, Kind.ESTATE, agency, position, _span(world) + 10 * DAY, ESTATE_YEARS)


def agent_created(world: "World", agency: int, position: int) -> Epoch:
    """Before any estate; ascending by position."""
    youngest = _span(world) + ESTATE_YEARS + 200 * DAY
    return world.origin - _age(world, Kind.AGENT, agency, position, youngest, AGENT_YEARS)


def _age(world: "World", kind: Kind, agency: int, position: int, youngest: int, years: int) -> int:
    """Seconds, spread evenly over the years before the youngest."""
    count = world.count(kind, agency)
    back = (count - position - 0.8 * share(world.seed, kind, agency, position)) / count
    return youngest + int(years * back) + (count - 1 - position)


def draw_step(rng: KeyedRandom, age: int) -> int:
    """How far an enquiry of that age (seconds) has come: 1 new, 2 opened, 3 in progress, 4 closed."""
    weights = next((steps for limit, steps in STEPS_BY_AGE if age < limit), STEPS_WHEN_OLD)
    return rng.weighted(weights)


def progress(world: "World", rng: KeyedRandom, agency: int, position: int, created: Epoch, step: int) -> Progress:
    """Opened, assigned and closed as the step says, in this order, none after the origin, most in office hours."""
    if step == 1:
        return Progress(None, None, None)
    opening, assigning, closing = _delays(rng, step)
    room = _room_to_open(world, agency, position)
    luck = [0.9 * world.share(part, agency, position) ** 2 for part in ("opening", "closing")]
    opened, *_ = _laid_out(luck[0], created, room, opening)
    assigned, closed = _laid_out(luck[1], opened, world.origin, assigning, closing)
    agents = world.working_agents(agency)
    reader, worker = rng.pick(agents), rng.pick(agents)
    return Progress(
        Milestone(at=opened, agent=reader),
        Milestone(at=assigned, agent=worker) if step >= 3 else None,
        Milestone(at=closed, agent=worker) if step >= 4 else None,
    )


def _delays(rng: KeyedRandom, step: int) -> tuple[int, int, int]:
    """Seconds from one milestone to the next, at the office's pace."""
    opening = 2 * MINUTE + int(rng.share() ** 2 * 30 * HOUR)
    assigning = rng.between(MINUTE, 24 * HOUR) if step >= 3 else 0
    closing = rng.between(DAY, 30 * DAY) if step >= 4 else 0
    return opening, assigning, closing


def _laid_out(part: float, start: Epoch, end: Epoch, *delays: int) -> list[Epoch]:
    """One moment after another. If there is not time for all, they share a part of it: none piles up at the end."""
    first = OFFICE.elapsed(start)
    room = OFFICE.elapsed(end) - first
    pace = min(1.0, room / sum(delays)) if sum(delays) else 0
    if pace < 1:
        pace *= part
    return [max(start, min(OFFICE.moment(first + pace * passed), end)) for passed in accumulate(delays)]


def _room_to_open(world: "World", agency: int, position: int) -> Epoch:
    """Until when. A search is opened before the next search comes in, so that profiles too are in order of time."""
    following = position + SEARCH_EVERY
    if position % SEARCH_EVERY != SEARCH_AT or following >= world.count(Kind.ENQUIRY, agency):
        return world.origin
    return enquiry_created(world, agency, following) - 1
