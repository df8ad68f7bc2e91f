"""Repeated enquiries and returning seekers follow from positions alone."""

from mockserver.domain import Kind
from mockserver.world.context import WorldContext
from mockserver.world.enquiry_draws import EnquiryDraws
from mockserver.world.numbering import Spot
from mockserver.world.purposes import is_search, planned_purpose

REPEATED = 0.05
"""5 % of the enquiries that may repeat another (80 % of all), so 4 % overall."""
RETURNING = 0.12
LONGEST_REPEAT = 3
"""The greatest number of enquiries between one and another that repeats it."""
MAX_LOOK_BACK = 40
"""The greatest number of enquiries between two of a returning seeker."""


def parent_position(world: WorldContext, agency: int, position: int) -> int | None:
    """Returns the position of the enquiry that this one repeats, one to three before it; None for most."""
    pinned = world.pins.at(Kind.ENQUIRY, agency, position)
    if pinned.get("parent") is not None:
        return position_of(world, Kind.ENQUIRY, pinned["parent"])
    if not _may_repeat(world, agency, position):
        return None
    first = _draws(world, agency, position).parent % LONGEST_REPEAT
    steps = (1 + (first + turn) % LONGEST_REPEAT for turn in range(LONGEST_REPEAT))
    return next((position - step for step in steps if _may_be_parent(world, agency, position - step)), None)


def seeker_position(world: WorldContext, agency: int, position: int) -> int:
    """Returns the position of an enquiry's seeker: mostly the same, for some that of a person who asked before."""
    parent = parent_position(world, agency, position)
    return first_seeker(world, agency, position) if parent is None else seeker_position(world, agency, parent)


def first_seeker(world: WorldContext, agency: int, position: int) -> int:
    """Returns `seeker_position` of an enquiry that repeats no other, which the caller knows."""
    pinned = world.pins.at(Kind.ENQUIRY, agency, position).get("seeker")
    if pinned is not None:
        return position_of(world, Kind.PERSON, pinned)
    earlier = _earlier_visit(world, agency, position)
    if earlier is None:
        return position
    first = seeker_position(world, agency, earlier)
    return position if is_search(position) and first_offers(world, agency, first) else first


def first_offers(world: WorldContext, agency: int, position: int) -> bool:
    """Tells whether the seeker of that position came to the agency in order to sell or let what is theirs.

    Such people come back about their property or with a question, never as somebody who searches.
    """
    return planned_purpose(world, Spot(agency, position, world.id_at(Kind.ENQUIRY, agency, position))).offers


def position_of(world: WorldContext, kind: Kind, id: int) -> int:
    """Returns the position of an id of this world, whatever its agency."""
    place = world.locate(kind, id)
    if place is None:
        raise LookupError(f"the world has no {kind} {id}")
    return place[1]


def may_come_back(world: WorldContext, agency: int, position: int) -> bool:
    """Tells whether it was drawn that the seeker came before."""
    return world.uniform("returns", Kind.ENQUIRY, world.id_at(Kind.ENQUIRY, agency, position)) < RETURNING


def _may_repeat(world: WorldContext, agency: int, position: int) -> bool:
    """Tells whether it was drawn to be a duplicate; an enquiry that a file pins never is."""
    if is_search(position):
        return False
    # Of many an enquiry nothing but this is asked, so it has a number of its own, as who comes back has.
    if world.uniform("repeats", Kind.ENQUIRY, world.id_at(Kind.ENQUIRY, agency, position)) >= REPEATED:
        return False
    return not world.pins.at(Kind.ENQUIRY, agency, position)


def _may_be_parent(world: WorldContext, agency: int, position: int) -> bool:
    return position >= 0 and not is_search(position) and not _may_repeat(world, agency, position)


def _earlier_visit(world: WorldContext, agency: int, position: int) -> int | None:
    """Returns an earlier enquiry of the same person, if any; pinned persons and enquiries have none."""
    if position == 0 or not may_come_back(world, agency, position):
        return None
    if any(world.pins.at(kind, agency, position) for kind in (Kind.ENQUIRY, Kind.PERSON)):
        return None
    return position - 1 - _draws(world, agency, position).visit % min(position, MAX_LOOK_BACK)


def _draws(world: WorldContext, agency: int, position: int) -> EnquiryDraws:
    return world.enquiry_draws(world.id_at(Kind.ENQUIRY, agency, position))
