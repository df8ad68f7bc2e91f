"""The enquiries about a listing: of as many as there are listings a few may be, and only those are looked at."""

from collections.abc import Iterator
from heapq import merge

from mockserver.domain import Category, EstateType, Intention, Kind, Transaction
from mockserver.world.availability import is_drawn_gone, last_asked_for, was_asked_for
from mockserver.world.context import WorldContext
from mockserver.world.enquiries import submitted_purpose
from mockserver.world.history import enquiry_since
from mockserver.world.listing_tries import (
    SALES,
    Sought,
    firsts_before,
    listing_asked_for,
    sought_by,
    tried_listing,
    tries_of_listing,
)
from mockserver.world.repeats import LONGEST_REPEAT, first_seeker, may_come_back, parent_position, position_of
from mockserver.world.timeline import enquiry_created
from mockserver.world.topics import type_sought


def enquiries_about(
    world: WorldContext, agency: int, listing: int, start: int, end: int, *, descending: bool = False
) -> Iterator[int]:
    """Yields the positions, from `start` until before `end`, of the enquiries about the listing at a position."""
    last = last_asked_for(world, agency, listing)
    asked_until = end if last is None else enquiry_since(world, agency, last + 1) + LONGEST_REPEAT
    tried = range(start, max(start, min(end, asked_until)))
    rows = (_tried(world, agency, listing, tried, descending), iter(_near_pins(world, agency, start, end, descending)))
    former = None
    for position in merge(*rows, reverse=descending):
        if position != former and listing_at(world, agency, position) == listing:
            yield position
        former = position


def _near_pins(world: WorldContext, agency: int, start: int, end: int, descending: bool) -> list[int]:
    """Returns the positions that have pins, and those that may repeat them: a pin may name any listing at any time."""
    pinned = world.pins.positions(Kind.ENQUIRY, agency)
    near = {position + step for position in pinned for step in range(LONGEST_REPEAT + 1)}
    return sorted((position for position in near if start <= position < end), reverse=descending)


def _tried(world: WorldContext, agency: int, listing: int, within: range, descending: bool) -> Iterator[int]:
    """Yields the positions that may be about a listing because they, or those that they repeat, try it."""
    count = world.count(Kind.ESTATE, agency)
    blocks = range(within.start // count, -(-within.stop // count)) if within else range(0)
    for block in reversed(blocks) if descending else blocks:
        tried = world.remembered(_tried_in, agency, listing, block)
        yield from (position for position in (reversed(tried) if descending else tried) if position in within)


def _tried_in(world: WorldContext, agency: int, listing: int, block: int) -> list[int]:
    """Returns those positions of a block, as many enquiries as there are listings."""
    count = world.count(Kind.ESTATE, agency)
    begin, end = block * count, min((block + 1) * count, world.count(Kind.ENQUIRY, agency))
    first = max(0, begin - LONGEST_REPEAT)
    firsts = firsts_before(world, agency, listing)
    about = [
        tried
        for earlier in range(first // count, block + 1)
        for turn, tried in enumerate(tries_of_listing(world, agency, earlier, listing))
        if first <= tried < end
        and _may_be_about(world, agency, tried, turn, firsts[turn])
        and listing_at(world, agency, tried) == listing
    ]
    repeats = {
        position
        for tried in about
        for position in range(tried + 1, tried + 1 + LONGEST_REPEAT)
        if position < end and parent_position(world, agency, position) == tried
    }
    return sorted(position for position in repeats.union(about) if position >= begin)


def _may_be_about(world: WorldContext, agency: int, position: int, turn: int, first: int) -> bool:
    """Tells whether an enquiry may come to what it tries at that turn: not when the first that it tries is on offer.

    Somebody who comes back may go on to what is like the listing of the first time.
    """
    if turn == 0 or may_come_back(world, agency, position):
        return True
    return world.remembered(_may_be_gone, agency, first) and not was_asked_for(
        world, agency, first, enquiry_created(world, agency, position)
    )


def _may_be_gone(world: WorldContext, agency: int, listing: int) -> bool:
    return bool(world.pins.at(Kind.ESTATE, agency, listing)) or is_drawn_gone(world, agency, listing)


def listing_at(world: WorldContext, agency: int, position: int) -> int | None:
    """Returns the position of the listing that the enquiry at a position is about, mostly without the enquiry."""
    return world.remembered(_listing_at, agency, position)


def _listing_at(world: WorldContext, agency: int, position: int) -> int | None:
    if world.pins.at(Kind.ENQUIRY, agency, position):
        estate = world.enquiry(agency, position).estate
        return None if estate is None else position_of(world, Kind.ESTATE, estate)
    parent = parent_position(world, agency, position)
    if parent is not None:
        return listing_at(world, agency, parent)
    if world.category(agency, position) is not Category.CLASSIFIED:
        return None
    first = first_seeker(world, agency, position)
    before = None if first == position else _sought_at(world, agency, first)
    spot = world.numbering.spot(Kind.ENQUIRY, agency, position)
    if before is None and world.count(Kind.ESTATE, agency):
        listing = tried_listing(world, spot, 0)
        if not world.remembered(_may_be_gone, agency, listing):
            return listing
    return listing_asked_for(world, spot, enquiry_created(world, agency, position), before)


def _sought_at(world: WorldContext, agency: int, position: int) -> Sought:
    """Returns `sought_by` of a seeker's first enquiry, mostly without the enquiry."""
    category = None if world.pins.pinned else world.category(agency, position)
    if category is Category.CLASSIFIED:
        listing = listing_at(world, agency, position)
        if listing is not None:
            outline = world.estate_outline(agency, listing)
            return Sought(Intention.BUY if outline.transaction in SALES else Intention.RENT, outline.type)
    spot = world.numbering.spot(Kind.ENQUIRY, agency, position)
    if category in (Category.AGENCY, Category.ESTIMATION):
        intention = submitted_purpose(world, spot, position).intention
        return Sought(intention or Intention.ASK_A_QUESTION, EstateType.APARTMENT)
    if category is Category.PROPERTY_SEARCH:
        rents = submitted_purpose(world, spot, position).intention is Intention.RENT
        type = type_sought(world, spot, Transaction.RENT if rents else Transaction.BUY)
        if type is not None:
            return Sought(Intention.RENT if rents else Intention.BUY, type)
    return sought_by(world, world.enquiry(agency, position))
