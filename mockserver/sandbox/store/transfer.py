"""Takes over another world what was written over one, as far as it fits there."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.domain import Kind
from mockserver.foundation.records import RecordTable
from mockserver.sandbox.store.entity_records import COUNTER_FORMAT, ENTITY_FORMATS, NEXT_FORMAT, Written
from mockserver.sandbox.store.memory import MemoryStore
from mockserver.world import World
from mockserver.world.pins import REFERENCES

_REFERENCES_FIRST = (Kind.AGENT, Kind.PERSON, Kind.ESTATE, Kind.PROFILE, Kind.ENQUIRY)
"""The kinds in an order in which what an entity refers to comes before it."""
_Tables = Mapping[str, RecordTable[Any, Any]]
_State = tuple[World, _Tables]
"""A world, and what was written over it."""


def take_over(old: MemoryStore, old_world: World, new: MemoryStore, new_world: World) -> int:
    """Writes into a new store what was written into another, as far as it fits; returns how many entities do not.

    What replaces or removes an entity of the world needs one of the same id at the same place. What was added needs an
    id that the new world does not use itself, and both need the agency and everything to which they refer.
    """
    tables, before = _tables(new), _tables(old)
    ids = before[NEXT_FORMAT.prefix].items()
    tables[NEXT_FORMAT.prefix].update({kind: max(id, new_world.next_id(kind)) for kind, id in ids})
    tables[COUNTER_FORMAT.prefix].update(before[COUNTER_FORMAT.prefix])
    left_out = 0
    for kind in _REFERENCES_FIRST:
        prefix = ENTITY_FORMATS[kind].prefix
        for id, written in sorted(before[prefix].items()):
            if _fits(kind, id, written, (old_world, before), (new_world, tables)):
                tables[prefix][id] = written
            else:
                left_out += 1
    return left_out


def misfits(store: MemoryStore, world: World) -> Iterator[str | None]:
    """Yields for each entity that was written the key of its record where it does not fit its world, else None."""
    tables = _tables(store)
    for kind in _REFERENCES_FIRST:
        prefix = ENTITY_FORMATS[kind].prefix
        for id, written in tables[prefix].items():
            is_right = written is False or _fits(kind, id, written, (world, tables), (world, tables))
            yield None if is_right else f"{prefix}{id}"


def _tables(store: MemoryStore) -> _Tables:
    return {table.format.prefix: table for table in store.tables if isinstance(table, RecordTable)}


def _fits(kind: Kind, id: int, written: Written, old: _State, new: _State) -> bool:
    place = old[0].locate(kind, id)
    if new[0].locate(kind, id) != place or (place is None and not written):
        return False
    agency = written.agency if written else place[0] if place else 0
    if agency not in new[0].agencies:
        return False
    references = ((of, getattr(written, name, None)) for name, of in REFERENCES.items()) if written else ()
    return all(
        # A search has the contact that a client named, whoever that is: nobody looks for it.
        _is_at(of, other, agency, new) or (kind is Kind.PROFILE and not _is_at(of, other, agency, old))
        for of, other in references
        if isinstance(other, int)
    )


def _is_at(kind: Kind, id: int, agency: int, state: _State) -> bool:
    world, tables = state
    written = tables[ENTITY_FORMATS[kind].prefix].get(id)
    if written is not None:
        return written is not False and written.agency == agency
    place = world.locate(kind, id)
    return place is not None and place[0] == agency
