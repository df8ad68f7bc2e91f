"""Which enquiries repeat others, and who is behind each: answered by position alone."""

from typing import TYPE_CHECKING

from mockserver.domain import Kind
from mockserver.world.numbering import SEARCH_AT, SEARCH_EVERY
from mockserver.world.rng import number

if TYPE_CHECKING:
    from mockserver.world.world import World

REPEATED = 0.05
"""Of the enquiries that may be duplicates, four in five: so 4 % of all."""
RETURNING = 0.12
LOOK_BACK = 40
"""How many enquiries a returning seeker may have been away."""


def is_search(position: int) -> bool:
    """Whether the enquiry at that position is a property search with a profile."""
    return position % SEARCH_EVERY == SEARCH_AT


def parent_position(world: "World", agency: int, position: int) -> int | None:
    """The enquiry that this one repeats, one to three before it; None for most."""
    pinned = world.pins.at(Kind.ENQUIRY, agency, position)
    if pinned.get("parent") is not None:
        return position_of(world, Kind.ENQUIRY, pinned["parent"])
    if not _may_repeat(world, agency, position):
        return None
    first = number(world.seed, "parent", agency, position) % 3
    steps = (1 + (first + turn) % 3 for turn in range(3))
    return next((position - step for step in steps if _may_be_parent(world, agency, position - step)), None)


def seeker_position(world: "World", agency: int, position: int) -> int:
    """The person behind an enquiry: mostly the one of the same position, for some one who asked before."""
    parent = parent_position(world, agency, position)
    return first_seeker(world, agency, position) if parent is None else seeker_position(world, agency, parent)


def first_seeker(world: "World", agency: int, position: int) -> int:
    """`seeker_position` of an enquiry that is known to repeat no other."""
    pinned = world.pins.at(Kind.ENQUIRY, agency, position).get("seeker")
    if pinned is not None:
        return position_of(world, Kind.PERSON, pinned)
    earlier = _earlier_visit(world, agency, position)
    return position if earlier is None else seeker_position(world, agency, earlier)


def position_of(world: "World", kind: Kind, id: int) -> int:
    """The position of an id that is known to be of this world, whatever its agency."""
    place = world.locate(kind, id)
    if place is None:
        raise LookupError(f"the world has no {kind} {id}")
    return place[1]


def _may_repeat(world: "World", agency: int, position: int) -> bool:
    """Whether it was drawn to be a duplicate; what a file pins stands for itself."""
    if is_search(position) or world.share("repeat", agency, position) >= REPEATED:
        return False
    return not world.pins.at(Kind.ENQUIRY, agency, position)


def _may_be_parent(world: "World", agency: int, position: int) -> bool:
    return position >= 0 and not is_search(position) and not _may_repeat(world, agency, position)


def _earlier_visit(world: "World", agency: int, position: int) -> int | None:
    """Where the same person asked before; a pinned person or enquiry always meets somebody new."""
    if position == 0 or world.share("return", agency, position) >= RETURNING:
        return None
    if any(world.pins.at(kind, agency, position) for kind in (Kind.ENQUIRY, Kind.PERSON)):
        return None
    back = number(world.seed, "visit", agency, position) % min(position, LOOK_BACK)
    return position - 1 - back
