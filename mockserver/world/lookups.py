"""Entities of a world that have a certain value: ids, names and links are turned back into positions."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mockserver.domain import Category, Kind
from mockserver.world.context import WorldContext
from mockserver.world.enquiries import submitted_purpose
from mockserver.world.estates import id_of_classified_id, id_of_classified_number, id_of_reference
from mockserver.world.invertible import id_of_uuid
from mockserver.world.numbering import SEARCH_EVERY
from mockserver.world.purposes import is_search
from mockserver.world.repeats import MAX_LOOK_BACK, first_seeker, parent_position, seeker_position

Lookup = Callable[[WorldContext, int, Any], Sequence[int | None]]


def positions_with(world: WorldContext, kind: Kind, agency: int, member: str, value: object) -> list[int]:
    """Returns the positions of all entities that may have a value of a member: few, and the caller looks at each.

    Raises LookupError for a member by which nothing can be found.
    """
    lookup = _LOOKUPS.get((kind, member))
    if lookup is None:
        raise LookupError(f"no {kind} of a world is found by {member}")
    pinned, ids = world.pins.positions(kind, agency), lookup(world, agency, value)
    if not pinned and not ids:
        return []
    positions = set(pinned)
    for id in ids:
        place = None if id is None else world.locate(kind, id)
        if place is not None and place[0] == agency:
            positions.add(place[1])
    return sorted(positions)


def category_at(world: WorldContext, agency: int, position: int) -> Category:
    """Returns the category of the enquiry at a position, without the enquiry."""
    pinned = world.pins.at(Kind.ENQUIRY, agency, position)
    if pinned.get("category") is not None:
        return Category(pinned["category"])
    if is_search(position):
        return Category.PROPERTY_SEARCH
    parent = parent_position(world, agency, position)
    if parent is not None:
        return category_at(world, agency, parent)
    spot = world.numbering.spot(Kind.ENQUIRY, agency, position)
    return submitted_purpose(world, spot, first_seeker(world, agency, position)).category


def seeker_at(world: WorldContext, agency: int, position: int) -> int:
    """Returns the position of the seeker of the enquiry at a position, without the enquiry."""
    return world.remembered(seeker_position, agency, position)


def _by_uuid(world: WorldContext, agency: int, uuid: Any) -> list[int | None]:
    return [id_of_uuid(world.seed, uuid) if isinstance(uuid, str) else None]


def _by_source(world: WorldContext, agency: int, key: Any) -> list[int | None]:
    """Only what a client wrote has a sender."""
    sender, reference = key
    return _by_uuid(world, agency, reference) if sender is None else []


def _by_seeker(world: WorldContext, agency: int, seeker: Any) -> list[int | None]:
    """Looks for whoever comes back within `MAX_LOOK_BACK` enquiries of the last time."""
    place = world.locate(Kind.PERSON, seeker)
    enquiries = world.ids(Kind.ENQUIRY, agency)
    if place is None or place[0] != agency or place[1] >= len(enquiries):
        return []
    pinned = world.pins.positions(Kind.ENQUIRY, agency)
    begins = sorted({at for at in (place[1], *pinned) if seeker_at(world, agency, at) == place[1]})
    ids: list[int | None] = []
    position = 0
    for begin in begins:
        position, last = max(position, begin), begin
        while position <= min(last + MAX_LOOK_BACK, len(enquiries) - 1):
            if seeker_at(world, agency, position) == place[1]:
                last = position
                ids.append(enquiries[position])
            position += 1
    return ids


def _by_contact(world: WorldContext, agency: int, contact: Any) -> list[int | None]:
    enquiries = (world.locate(Kind.ENQUIRY, id or 0) for id in _by_seeker(world, agency, contact))
    searches = [place[1] for place in enquiries if place is not None and is_search(place[1])]
    return [world.id_at(Kind.PROFILE, agency, position // SEARCH_EVERY) for position in searches]


_LOOKUPS: Mapping[tuple[Kind, str], Lookup] = MappingProxyType(
    {
        (Kind.ENQUIRY, "uuid"): _by_uuid,
        (Kind.ENQUIRY, "reference"): _by_uuid,
        (Kind.ENQUIRY, "source_key"): _by_source,
        (Kind.ENQUIRY, "seeker"): _by_seeker,
        (Kind.PROFILE, "contact"): _by_contact,
        (Kind.ESTATE, "reference"): lambda world, agency, text: [id_of_reference(world, agency, text)],
        (Kind.ESTATE, "classified_id"): lambda world, agency, text: [id_of_classified_id(world.seed, text)],
        (Kind.ESTATE, "classified_number"): lambda world, agency, number: [id_of_classified_number(number)],
    }
)
