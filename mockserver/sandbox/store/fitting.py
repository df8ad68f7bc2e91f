"""Tells what was written over one world fits another one: an entity keeps its id, its agency and its references."""

from collections.abc import Callable

from mockserver.domain import Kind
from mockserver.sandbox.store.entity_records import Written
from mockserver.world import World
from mockserver.world.pins import REFERENCES

REFERENCES_FIRST = (Kind.AGENT, Kind.PERSON, Kind.ESTATE, Kind.PROFILE, Kind.ENQUIRY)
"""The kinds in an order in which what an entity refers to comes before it."""
Exists = Callable[[Kind, int, int], bool]
"""Tells whether there is an entity of a kind and an id at an agency."""


def fits(kind: Kind, id: int, written: Written, old: World, new: World, exists: Exists) -> bool:
    """Tells whether what was written over the old world can lie over the new one.

    What replaces or removes an entity of the world needs one of the same id at the same place. What was added needs an
    id that the new world does not use itself, and both need the agency and everything to which they refer.
    """
    place = old.locate(kind, id)
    if new.locate(kind, id) != place or (place is None and not written):
        return False
    agency = written.agency if written else place[0] if place else 0
    if agency not in new.agencies:
        return False
    references = ((REFERENCES[name], getattr(written, name, None)) for name in REFERENCES) if written else ()
    return all(exists(of, other, agency) for of, other in references if isinstance(other, int))
