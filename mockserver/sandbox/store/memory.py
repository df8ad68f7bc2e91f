"""A store in memory: copy-on-write over an immutable world that many stores can share."""

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from mockserver.domain import Entity, Kind
from mockserver.foundation.cache_budget import CacheBudget
from mockserver.foundation.disposal import dispose
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.memory_room import UNLIMITED_ROOM, MemoryFull, MemoryRoom
from mockserver.foundation.records import RecordTable
from mockserver.foundation.slices import run_to_end
from mockserver.foundation.stateful import ComponentState, RecordedComponent
from mockserver.foundation.weak_methods import weakly
from mockserver.sandbox.store.additions import Additions
from mockserver.sandbox.store.counters import Counters
from mockserver.sandbox.store.deferred import NO_READERS, DeferredEntity, DeferredWrite, WriteReaders, read_again
from mockserver.sandbox.store.derived import DerivedValues
from mockserver.sandbox.store.entity_records import ENTITY_FORMATS, NEXT_FORMAT, Written
from mockserver.sandbox.store.member_indexes import MemberIndexes
from mockserver.sandbox.store.overlay import Overlay
from mockserver.sandbox.store.queries import Queries
from mockserver.sandbox.store.sequences import CreationKey
from mockserver.sandbox.store.weights import WEIGHT_OF_ENTRY, weight_of
from mockserver.world import World

T = TypeVar("T")

_SHOWN_ELSEWHERE = frozenset({Kind.PERSON, Kind.ESTATE, Kind.AGENT})
"""The kinds whose members other entities show on the wire: a lead shows its seeker's name."""

_NOTHING: Mapping[int, bytes] = {}

_LOOK_EVERY = 256 * 1024
"""After this many bytes more it is seen whether all caches are within their budget."""


class MemoryStore(Queries, RecordedComponent):
    """A `Store` that costs nothing until something is written; dropping it drops every write.

    It is a `StatefulComponent` with the records `kind/id`, an entity, or false when it is removed, `next/kind`, the
    next id, and `counter/name`. A new entity may be reported as it came, in the words of a provider.
    """

    def __init__(self, world: World, room: MemoryRoom = UNLIMITED_ROOM, readers: WriteReaders = NO_READERS) -> None:
        self._room = room
        self._readers = readers
        self.written = 0
        """About how many bytes the entities take that were written."""
        self.arrived: set[Callable[[int], None]] = set()
        """Functions that receive the id of every new enquiry; not of those that come back with records."""
        self.revision = 0
        self.used_at = 0.0
        """The moment of the last use, in real seconds since the epoch."""
        self._budget: CacheBudget | None = None
        self.weight = 0
        """About how many bytes that can be made again are kept here, beside what the world keeps."""
        self._world = world
        apply = weakly(self._apply)
        self._entities = {
            kind: RecordTable(format, applied=partial(apply, kind)) for kind, format in ENTITY_FORMATS.items()
        }
        self._next = RecordTable(NEXT_FORMAT)
        self._counters = Counters()
        self._gone: dict[tuple[Kind, int], list[int]] = {}
        """By kind and agency: the ids of the world that were removed, ascending."""
        self._changed: dict[tuple[Kind, int], set[int]] = {}
        """By kind and agency: the ids of the world over which something else was written."""
        self._additions = Additions()
        self._derived = DerivedValues(weakly(self._grow))
        self._invalidate_caches()
        super().__init__(*self._entities.values(), self._next, self._counters)

    def load(self, key: str, value: Any | None) -> None:
        """Implements `StatefulComponent.load`: what is kept as it came is made when somebody looks here, too."""
        super().load(key, read_again(key, value, self._readers, self._world.new_uuid))

    def reset(self) -> None:
        """Restores what the world is."""
        dispose(*(table.empty() for table in self._entities.values()), self._made)
        super().reset()
        self.written = 0
        self.revision += 1
        self._gone.clear()
        self._changed.clear()
        self._additions = Additions()
        self._invalidate_caches()

    def _invalidate_caches(self) -> None:
        self._made: dict[DeferredEntity, Entity] = {}
        """The deferred entities that somebody looked at; they can be made again."""
        self._indexes = MemberIndexes()
        self._by_creation: dict[int, list[CreationKey]] = {}
        self._own_encoded: dict[str, dict[int, bytes]] = {}
        self.weight, self._next_look = 0, _LOOK_EVERY
        self._shares_encoded = not any(self._entities.values())
        self._derived.clear()

    def capture(self) -> ComponentState:
        """Returns the state as it is now: entities are shared with it, as none of them ever changes."""
        gone = {key: list(ids) for key, ids in self._gone.items()}
        changed = {key: set(ids) for key, ids in self._changed.items()}
        derived = (gone, changed, self._additions.copy(), self.written)
        return ComponentState([records.detached() for records in self.tables], derived)

    def _adopt(self, state: ComponentState) -> None:
        for records, captured in zip(self.tables, state.tables, strict=True):
            dict.update(records, captured)  # type: ignore[arg-type]  # what is derived from entries comes with them
        gone, changed, additions, self.written = state.derived
        self._gone.update({key: list(ids) for key, ids in gone.items()})
        self._changed.update({key: set(ids) for key, ids in changed.items()})
        self._additions = additions.copy()
        self._shares_encoded = not any(self._entities.values())
        self._room.note(self.written)

    def agencies(self) -> Sequence[int]:
        return sorted(self._world.agencies)

    def get(self, kind: Kind, id: int) -> Entity | None:
        written = self._entities[kind].get(id)
        if written is not None:
            return self._made_of(written) if isinstance(written, DeferredEntity) else written or None
        position = self._world.locate(kind, id)
        return None if position is None else self._world.entity(kind, *position)

    def next_id(self, kind: Kind) -> int:
        if self._room.is_full:
            raise MemoryFull(self._room.limit)
        run_to_end()
        id = self._next.get(kind) or self._world.next_id(kind)
        self._next.add(kind, id + 1)
        return id

    def put(self, kind: Kind, entity: Entity) -> None:
        if self._room.is_full and weight_of(entity) > weight_of(self._entities[kind].get(entity.id)):
            raise MemoryFull(self._room.limit)
        run_to_end()
        is_new = kind is Kind.ENQUIRY and not self._exists(kind, entity.id)
        self._entities[kind][entity.id] = entity
        if is_new:
            self._announce(entity.id)

    def defer(self, write: DeferredWrite, ids: Mapping[Kind, int]) -> None:
        if self._room.is_full:
            raise MemoryFull(self._room.limit)
        run_to_end()
        agency, moment, entities, indexes = write.agency, write.moment, self._entities, self._indexes
        records = {} if self._on_change is None else write.records()
        for kind, id in ids.items():
            # What `_apply` does for a new entity.
            entities[kind].add(id, DeferredEntity(kind, id, write), records.get(kind))
            indexes.add_deferred(kind, id, write)
        self._additions.defer(agency, ids, moment)
        weight = write.weight * len(ids)
        self.revision += len(ids)
        self.written += weight
        self._room.note(weight)
        if Kind.ENQUIRY in ids:
            if agency in self._by_creation:
                insort(self._by_creation[agency], (moment, ids[Kind.ENQUIRY]))
            self._announce(ids[Kind.ENQUIRY])

    def _announce(self, id: int) -> None:
        for listener in tuple(self.arrived):
            listener(id)

    def _made_of(self, deferred: DeferredEntity) -> Entity:
        made = self._made.get(deferred)
        if made is None:
            made = self._made[deferred] = deferred.made()
            self._grow(weight_of(made))
        return made

    def remove(self, kind: Kind, id: int) -> None:
        run_to_end()
        if not self._exists(kind, id):
            return
        if self._world.locate(kind, id) is None:
            del self._entities[kind][id]
        else:
            self._entities[kind][id] = False

    def bump(self, counter: str, *, until: Epoch, now: Epoch) -> int:
        return self._counters.bump(counter, until, now)

    def peek(self, counter: str, now: Epoch) -> int:
        return self._counters.peek(counter, now)

    def derived(self, key: str, make: Callable[[], T]) -> T:
        return self._derived.get(key, self.revision, make)

    def use_budget(self, budget: CacheBudget) -> None:
        """Keeps no more than that budget allows from now on."""
        self._budget = budget
        budget.add(self)

    def note_use(self, now: float) -> None:
        """Notes that it was used at a moment, in real seconds since the epoch."""
        self.used_at = now

    def drop_cache(self) -> None:
        """Forgets what can be made again from the world and what was written."""
        dispose(self._made)
        self._made = {}
        for cache in (self._indexes, self._by_creation, self._own_encoded, self._derived):
            cache.clear()
        self.weight, self._next_look = 0, _LOOK_EVERY

    def _grow(self, weight: int) -> None:
        self.weight += weight
        if self.weight >= self._next_look:
            self._next_look = self.weight + _LOOK_EVERY
            if self._budget is not None:
                self._budget.enforce(self)

    def encoded(self, view: str, kind: Kind, id: int) -> bytes | None:
        return self.all_encoded(view, kind, (id,))[0]

    def all_encoded(self, view: str, kind: Kind, ids: Sequence[int]) -> list[bytes | None]:
        unshared, written = self._own_encoded.get(view, _NOTHING), self._entities[kind]
        shared = self._world.encoded(view) if self._shares_encoded else _NOTHING
        return [unshared.get(id) or (None if id in written else shared.get(id)) for id in ids]

    def cache_encoded(self, view: str, kind: Kind, id: int, encoded: bytes) -> None:
        # What is purely the world's is cached with the world, once for all the stores that share it.
        shared = self._shares_encoded and id not in self._entities[kind]
        if shared:
            self._world.cache_encoded(view, id, encoded)
            return
        self._own_encoded.setdefault(view, {})[id] = encoded
        self._grow(len(encoded) + WEIGHT_OF_ENTRY)

    def _exists(self, kind: Kind, id: int) -> bool:
        written = self._entities[kind].get(id)
        return self._world.locate(kind, id) is not None if written is None else written is not False

    def _apply(self, kind: Kind, id: int, old: Written | None, new: Written | None) -> None:
        """Keeps what is derived from an entity up to date."""
        self.revision += 1
        grown = weight_of(new) - weight_of(old)
        self.written += grown
        self._room.note(grown)
        self._indexes.apply(kind, old, new)
        if old:
            self._additions.at(kind, old.agency).last_changes.remove(id, old.updated_at)
        if new:
            self._additions.at(kind, new.agency).last_changes.add(id, new.updated_at)
        if type(old) is DeferredEntity:
            self._grow(-weight_of(self._made.pop(old, None)))
        if new is None:
            self._forget(kind, id)
        elif new is False:
            self._hide(kind, id, old)
        else:
            self._show(kind, new, old)

    def _forget(self, kind: Kind, id: int) -> None:
        """Returns to what the world has."""
        for lists in (self._gone, self._changed):
            for (of, _), ids in lists.items():
                if of is kind and id in ids:
                    ids.remove(id)
        for additions in self._additions.of(kind):
            additions.forget(id)
        self._invalidate_caches()

    def _hide(self, kind: Kind, id: int, old: Written | None) -> None:
        position = self._world.locate(kind, id)
        if position is None:
            # A record of an earlier version, about an entity that was added and removed.
            self._forget(kind, id)
            return
        gone = self._gone.setdefault((kind, position[0]), [])
        if id not in gone:
            insort(gone, id)
        self._changed.get((kind, position[0]), set()).discard(id)
        self._replace(kind, old or self._world.entity(kind, *position))

    def _show(self, kind: Kind, entity: Entity | DeferredEntity, old: Written | None) -> None:
        key = (kind, entity.agency)
        is_added = self._world.locate(kind, entity.id) is None
        if is_added and (not old or (old.agency, old.created_at) != (entity.agency, entity.created_at)):
            if old:  # Another process was first to give this id, to something else.
                self._forget(kind, entity.id)
            self._add(kind, entity.id, entity.agency, entity.created_at)
            return
        self._additions.at(*key).note_creation(entity.created_at)
        if is_added:
            self._replace(kind, entity)
            return
        if entity.id in (gone := self._gone.get(key, [])):
            gone.remove(entity.id)
        self._changed.setdefault(key, set()).add(entity.id)
        self._replace(kind, entity)

    def _overlay(self, kind: Kind, agency: int) -> Overlay:
        key = (kind, agency)
        gone, changed = self._gone.get(key, ()), self._changed.get(key, set())
        additions = self._additions.at(kind, agency)
        return Overlay(
            self._world,
            kind,
            agency,
            self._entities[kind],
            gone,
            changed,
            additions.ids,
            additions.last_changes,
            additions.earliest,
        )

    def _add(self, kind: Kind, id: int, agency: int, created: Epoch) -> None:
        self._additions.at(kind, agency).add(id, created)
        if kind is Kind.ENQUIRY and agency in self._by_creation:
            insort(self._by_creation[agency], (created, id))

    def _replace(self, kind: Kind, entity: Entity | DeferredEntity) -> None:
        if kind in _SHOWN_ELSEWHERE:
            # Anything may show it, and the world's encoded forms no longer hold here.
            self._own_encoded.clear()
            self._shares_encoded = False
        for encoded in self._own_encoded.values():
            encoded.pop(entity.id, None)
