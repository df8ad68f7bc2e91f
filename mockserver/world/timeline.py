"""Moments of the past are counted back from the clock's origin, by position alone."""

from mockserver.domain import Kind, Milestone
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world.activity_calendar import OFFICE, SEEKERS
from mockserver.world.context import WorldContext
from mockserver.world.files import WorldFile
from mockserver.world.numbering import SEARCH_AT, SEARCH_EVERY, Spot
from mockserver.world.rng import STEP, KeyedRandom, Weights

MINUTE, HOUR, DAY = 60, 3_600, 86_400
NEWEST_AGE = 2 * MINUTE
ESTATE_YEARS = 600 * DAY
"""The time before the oldest enquiry over which estates were listed."""
AGENT_YEARS = 3_000 * DAY

IN_HAND = 300
"""The most enquiries that an agency deals with at a time: it has done with each before so many more came in.

Hence only so many enquiries, and what they lead to, may have changed after any moment before which they came in.
"""
_OPENED, _IN_PROGRESS = 2, 3
"""Steps: see `draw_step`."""
LONGEST_PAUSE = 4 * DAY
"""No agency is closed for longer."""
QUICKEST_OPENING = 30 * MINUTE
"""The office's activity, some ten minutes when it is open, that no enquiry is opened before."""
FIRST_LOOK = 2 * HOUR
"""The office's activity, three quarters of an hour when it is open, until a search becomes a profile."""

_JITTER = 0.8 * STEP
"""The most by which a moment misses its place between its neighbours."""

STEPS_BY_AGE: tuple[tuple[int, Weights[int]], ...] = (
    (DAY, Weights({1: 70, 2: 20, 3: 8, 4: 2})),
    (7 * DAY, Weights({1: 35, 2: 30, 3: 25, 4: 10})),
    (30 * DAY, Weights({1: 10, 2: 15, 3: 30, 4: 45})),
)
"""Weights of the steps that an agency has reached with an enquiry of less than that age."""
STEPS_WHEN_OLD: Weights[int] = Weights({1: 3, 2: 5, 3: 12, 4: 80})


class EnquiryProgress(NamedTuple):
    """The milestones that an enquiry has reached at its agency."""

    opened: Milestone | None
    assigned: Milestone | None
    closed: Milestone | None


_NO_PROGRESS = EnquiryProgress(None, None, None)
"""Of what is new."""


def enquiry_created(world: WorldContext, agency: int, position: int) -> Epoch:
    """Returns the moment of an enquiry: strictly ascending by position, the more recent the denser, seldom at night."""
    return world.enquiry_moment(agency, position)


def draw_moment(world: WorldContext, agency: int, position: int) -> Epoch:
    """Draws what `enquiry_created` returns, which the world keeps for a while."""
    count = world.count(Kind.ENQUIRY, agency)
    pinned: Epoch | None = None
    if world.pins.pinned:
        pinned = world.pins.at(Kind.ENQUIRY, agency, position).get("created_at")
    if pinned is None:
        return _enquiry_created(world, agency, position, count)
    # A pinned moment that this clock has not reached yet moves back: the order of time comes first.
    later = world.enquiry_moment(agency, position + 1) - 1 if position + 1 < count else world.origin - NEWEST_AGE
    return min(pinned, later)


def _enquiry_created(world: WorldContext, agency: int, position: int, count: int) -> Epoch:
    """The square puts 28 % of a 90-day span into its last week; a second a position keeps the order."""
    jitter = _JITTER * world.enquiry_draws(world.id_at(Kind.ENQUIRY, agency, position)).moment
    back = (count - position - jitter) / count
    ago = (world.span - NEWEST_AGE - count) * back * back
    newest = world.origin - NEWEST_AGE
    return min(SEEKERS.moment(SEEKERS.until(newest) - ago), newest) - (count - 1 - position)


def span_of(file: WorldFile) -> int:
    """Returns the seconds over which enquiries came in; never too short for the number of them."""
    return max(file.span_days * DAY, NEWEST_AGE + 2 * file.size.enquiries)


def is_in_hand(world: WorldContext, agency: int, position: int) -> bool:
    """Tells whether an enquiry is one of the newest `IN_HAND`, with which the agency may not have done yet."""
    return position >= world.count(Kind.ENQUIRY, agency) - IN_HAND


def done_by(world: WorldContext, agency: int, position: int) -> Epoch:
    """Returns the moment by which an agency has done with an enquiry, and with the person who sent it."""
    return world.origin if is_in_hand(world, agency, position) else enquiry_created(world, agency, position + IN_HAND)


def estate_created(world: WorldContext, agency: int, position: int) -> Epoch:
    """Returns a moment ten days or more before any enquiry that the seed makes; ascending by position."""
    return _established(world, Kind.ESTATE, agency, position, world.span + 10 * DAY, ESTATE_YEARS)


def all_listed(world: WorldContext) -> Epoch:
    """Returns a moment after all listings, and before all enquiries that the seed makes."""
    return world.origin - world.span - DAY


def settled_by(world: WorldContext, agency: int, estate: int) -> Epoch:
    """Returns the moment after which nothing of a listing and of its owner changes, as `done_by` does of an enquiry."""
    later = estate + IN_HAND
    return estate_created(world, agency, later) if later < world.count(Kind.ESTATE, agency) else world.origin


def agent_created(world: WorldContext, agency: int, position: int) -> Epoch:
    """Returns a moment before any estate was listed; ascending by position."""
    youngest = world.span + ESTATE_YEARS + 200 * DAY
    return _established(world, Kind.AGENT, agency, position, youngest, AGENT_YEARS)


def _established(world: WorldContext, kind: Kind, agency: int, position: int, youngest: int, years: int) -> Epoch:
    """Returns a moment in office hours; they are spread evenly over the years (seconds) before the youngest (seconds).

    A fifth of an even distance at least lies between two, whatever the jitter: some minutes in the largest world.
    """
    count = world.count(kind, agency)
    jitter = 0.8 * world.uniform("established", kind, world.id_at(kind, agency, position))
    back = (count - position - jitter) / count
    newest = world.origin - youngest
    return OFFICE.moment(OFFICE.until(newest) - years * back)


def draw_step(rng: KeyedRandom, created: Epoch, origin: Epoch) -> int:
    """Draws the step of an enquiry of that age: 1 new, 2 opened, 3 in progress, 4 closed.

    It is still new if the agency has not been open since.
    """
    age = origin - created
    weights = STEPS_WHEN_OLD
    if age < STEPS_BY_AGE[-1][0]:
        weights = next(steps for limit, steps in STEPS_BY_AGE if age < limit)
    step = rng.weighted(weights)
    return step if step == 1 or was_open(created, origin) else 1


def was_open(start: Epoch, end: Epoch) -> bool:
    """Tells whether the agency was open between two moments, for ten minutes at least."""
    return end - start > LONGEST_PAUSE or OFFICE.until(end) - OFFICE.elapsed(start) > QUICKEST_OPENING


def progress(world: WorldContext, rng: KeyedRandom, spot: Spot, created: Epoch, step: int) -> EnquiryProgress:
    """Opened, assigned and closed as the step says, in this order, none after the origin, in office hours.

    Where so many enquiries come in that an agency has done with one before it opens again, it works by night.
    Out of them is only what came in when the agency had closed for the last time, if a pin says that it is not new.
    """
    if step == 1:
        return _NO_PROGRESS
    opening, assigning, closing = _delays(rng, step)
    agency, position, draws = spot.agency, spot.position, world.enquiry_draws(spot.id)
    limit = done_by(world, agency, position)
    latest = min(OFFICE.latest(world.origin), limit)
    start, end = OFFICE.elapsed(created), OFFICE.until(world.origin) if limit == world.origin else OFFICE.elapsed(limit)
    if position % SEARCH_EVERY == SEARCH_AT:
        opened = min(_search_opened(world, agency, position, created, start, end - QUICKEST_OPENING, opening), limit)
        reached = OFFICE.elapsed(opened)
    else:
        reached = start + opening * _pace(draws.opening, start, end, opening)
        opened = max(created, min(OFFICE.moment(reached), latest))
    agents = world.working_agents(agency)
    first, worker = Milestone(at=opened, agent=rng.pick(agents)), rng.pick(agents)
    if step == _OPENED:
        return EnquiryProgress(first, None, None)
    pace = _pace(draws.closing, reached, end, assigning + closing)
    moment = max(opened, min(OFFICE.moment(reached + assigning * pace), latest))
    assigned = Milestone(at=moment, agent=worker)
    if step == _IN_PROGRESS:
        return EnquiryProgress(first, assigned, None)
    moment = max(opened, min(OFFICE.moment(reached + (assigning + closing) * pace), latest))
    return EnquiryProgress(first, assigned, Milestone(at=moment, agent=worker))


def _delays(rng: KeyedRandom, step: int) -> tuple[int, int, int]:
    """Seconds from one milestone to the next, at the office's pace."""
    opening = 2 * MINUTE + int(rng.squared() * 30 * HOUR)
    assigning = rng.between(MINUTE, 24 * HOUR) if step >= 3 else 0
    closing = rng.between(DAY, 30 * DAY) if step >= 4 else 0
    return opening, assigning, closing


def _pace(luck: int, start: float, end: float, delay: int) -> float:
    """Returns the share of a delay that passes: one that does not fit before the end is cut, so none piles up."""
    room = max(end - start, 0)
    return 1.0 if delay <= room else room / delay * 0.9 * (STEP * luck) * (STEP * luck)


def _search_opened(
    world: WorldContext, agency: int, position: int, created: Epoch, start: float, end: float, delay: int
) -> Epoch:
    """Returns when a search is opened: in the order in which searches came in, since profiles are in order of time.

    It waits until before the next one comes in, then `FIRST_LOOK` longer, as all do: so whatever came in at night is
    opened in the morning, one after the other. Towards the end, before what nobody has opened, that pause shrinks. A
    second a position, and never before it came in, keep the order strict.
    """
    following = position + SEARCH_EVERY
    count = world.count(Kind.ENQUIRY, agency)
    limit = OFFICE.elapsed(world.enquiry_moment(agency, following)) if following < count else end
    waited = start + min(delay, 0.9 * max(limit - start, 0))
    opened = min(OFFICE.moment(waited + min(FIRST_LOOK, max(end - waited, 0) / 2)), OFFICE.latest(world.origin))
    return min(max(created + 1, opened - (count - 1 - position) // SEARCH_EVERY), world.origin)
