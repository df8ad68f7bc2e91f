"""A store in memory: copy-on-write over an immutable world that many stores can share."""

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from mockserver.domain import Agent, Enquiry, Entity, Estate, Kind, Person, SearchProfile
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.stateful import Keep
from mockserver.sandbox.store.ids import Ids
from mockserver.world import World

T = TypeVar("T")

_GONE = False
"""The record of an entity that was removed."""

_SHOWN_ELSEWHERE = frozenset({Kind.PERSON, Kind.ESTATE, Kind.AGENT})
"""Kinds whose members other entities show on the wire: a lead shows its seeker's name."""

_MAX_COUNTERS = 1_000
"""When there are more counters than this, those that ended are forgotten."""

_MAX_DERIVED = 256
"""How many derived values are kept at most."""


_MODELS: Mapping[Kind, type[Entity]] = {
    Kind.AGENT: Agent,
    Kind.PERSON: Person,
    Kind.ESTATE: Estate,
    Kind.ENQUIRY: Enquiry,
    Kind.PROFILE: SearchProfile,
}


class MemoryStore:
    """See `Store`. Costs nothing until something is written; dropping it drops every write. A `StatefulComponent`."""

    def __init__(self, world: World) -> None:
        self.keep: Keep | None = None
        self.arrived: set[Callable[[Enquiry], None]] = set()
        """Told of every enquiry that is put here as new; not of those that come back with records."""
        self.revision = 0
        self._world = world
        self.reset()

    def reset(self) -> None:
        """Back to what the world is."""
        self.revision += 1
        self._written: dict[tuple[Kind, int], Entity] = {}
        self._gone: dict[tuple[Kind, int], list[int]] = {}
        """By kind and agency: the ids that were removed, ascending."""
        self._added: dict[tuple[Kind, int], list[int]] = {}
        self._earliest: dict[tuple[Kind, int], Epoch] = {}
        """By kind and agency: when the earliest of those was created that were ever written."""
        self._next: dict[Kind, int] = {}
        self._counters: dict[str, tuple[int, Epoch]] = {}
        self._invalidate_caches()

    def _invalidate_caches(self) -> None:
        self._indexes: dict[tuple[Kind, int, str], dict[object, int]] = {}
        self._moments: dict[tuple[Kind, int], list[Epoch]] = {}
        self._own_encoded: dict[str, dict[int, bytes]] = {}
        self._shares_wire = not self._written
        self._derived: dict[str, Any] = {}
        self._derived_at = self.revision

    def agencies(self) -> Sequence[int]:
        return sorted(self._world.agencies)

    def get(self, kind: Kind, id: int) -> Entity | None:
        if (written := self._written.get((kind, id))) is not None:
            return written
        place = self._world.locate(kind, id)
        if place is None or (self._gone and id in self._gone.get((kind, place[0]), ())):
            return None
        return self._world.entity(kind, *place)

    def count(self, kind: Kind, agency: int) -> int:
        return len(self.ids(kind, agency))

    def ids(self, kind: Kind, agency: int) -> Sequence[int]:
        made = self._world.ids(kind, agency)
        added, gone = self._added.get((kind, agency)), self._gone.get((kind, agency))
        return Ids(made, gone or (), added or ()) if added or gone else made

    def moments(self, kind: Kind, agency: int) -> Sequence[Epoch]:
        key = (kind, agency)
        if key not in self._moments:
            self._moments[key] = [entity.updated_at for entity in self._all(kind, agency)]
        return self._moments[key]

    def oldest(self, kind: Kind, agency: int) -> Epoch | None:
        made = self._world.entity(kind, agency, 0).created_at if self._world.count(kind, agency) else None
        return min(
            (moment for moment in (made, self._earliest.get((kind, agency))) if moment is not None), default=None
        )

    def find(self, kind: Kind, agency: int, attribute: str, value: object) -> Entity | None:
        key = (kind, agency, attribute)
        if key not in self._indexes:
            index: dict[object, int] = {}
            for entity in self._all(kind, agency):
                index.setdefault(getattr(entity, attribute), entity.id)
            self._indexes[key] = index
        found = self._indexes[key].get(value)
        return None if found is None else self.get(kind, found)

    def next_id(self, kind: Kind) -> int:
        id = self._next.get(kind) or self._world.next_id(kind)
        self._next[kind] = id + 1
        if self.keep:
            self.keep(f"next/{kind}", id + 1)
        return id

    def put(self, kind: Kind, entity: Entity) -> None:
        new = entity if isinstance(entity, Enquiry) and self.get(kind, entity.id) is None else None
        self._put(kind, entity)
        if self.keep:
            self.keep(f"{kind}/{entity.id}", entity.model_dump(mode="json"))
        if new:
            for listener in list(self.arrived):
                listener(new)

    def remove(self, kind: Kind, id: int) -> None:
        self._remove(kind, id)
        if self.keep:
            self.keep(f"{kind}/{id}", _GONE)

    def bump(self, counter: str, *, until: Epoch, now: Epoch) -> int:
        if len(self._counters) >= _MAX_COUNTERS:
            self._drop_counters(now)
        value, ends = self._counters.get(counter, (0, until))
        value = value + 1 if ends > now else 1
        self._counters[counter] = (value, until)
        if self.keep:
            self.keep(f"counter/{counter}", [value, until])
        return value

    def peek(self, counter: str, now: Epoch) -> int:
        value, ends = self._counters.get(counter, (0, now))
        return value if ends > now else 0

    def derived(self, key: str, make: Callable[[], T]) -> T:
        if self._derived_at != self.revision or len(self._derived) >= _MAX_DERIVED:
            self._derived.clear()
            self._derived_at = self.revision
        if key not in self._derived:
            self._derived[key] = make()
        kept: T = self._derived[key]
        return kept

    def encoded(self, view: str, kind: Kind, id: int) -> bytes | None:
        own = self._own_encoded.get(view)
        if own is not None and id in own:
            return own[id]
        shared = self._shares_wire and (kind, id) not in self._written
        return self._world.encoded.get(view, {}).get(id) if shared else None

    def cache_encoded(self, view: str, kind: Kind, id: int, encoded: bytes) -> None:
        # What is purely the world's is kept with the world, once for all the stores that share it.
        shared = self._shares_wire and (kind, id) not in self._written
        kept = self._world.encoded if shared else self._own_encoded
        kept.setdefault(view, {})[id] = encoded

    def dump(self) -> Mapping[str, Any]:
        """Entities by `kind/id` (false when removed), the next ids by `next/kind`, counters by `counter/name`."""
        records: dict[str, Any] = {
            f"{kind}/{id}": entity.model_dump(mode="json") for (kind, id), entity in self._written.items()
        }
        records.update({f"{kind}/{id}": _GONE for (kind, _), ids in self._gone.items() for id in ids})
        records.update({f"next/{kind}": id for kind, id in self._next.items()})
        records.update({f"counter/{name}": list(entry) for name, entry in self._counters.items()})
        return records

    def load(self, key: str, value: Any | None) -> None:
        """See `StatefulComponent.load`."""
        space, _, name = key.partition("/")
        if space == "counter":
            self._counters.pop(name, None)
            if value is not None:
                self._counters[name] = (value[0], value[1])
        elif space == "next":
            self._next.pop(Kind(name), None)
            if value is not None:
                self._next[Kind(name)] = value
        else:
            self._load_entity(Kind(space), int(name), value)

    def _load_entity(self, kind: Kind, id: int, value: Any | None) -> None:
        if value is None:
            self._as_in_the_world(kind, id)
        elif value == _GONE:
            self._remove(kind, id)
        else:
            self._put(kind, _MODELS[kind].model_validate(value))

    def _as_in_the_world(self, kind: Kind, id: int) -> None:
        self._written.pop((kind, id), None)
        for lists in (self._added, self._gone):
            for (of, _), ids in lists.items():
                if of is kind and id in ids:
                    ids.remove(id)
        self.revision += 1
        self._invalidate_caches()

    def _drop_counters(self, now: Epoch) -> None:
        for name in [name for name, entry in self._counters.items() if entry[1] <= now]:
            del self._counters[name]
            if self.keep:
                self.keep(f"counter/{name}", None)

    def _put(self, kind: Kind, entity: Entity) -> None:
        old = self.get(kind, entity.id)
        self._written[kind, entity.id] = entity
        place = (kind, entity.agency)
        self._earliest[place] = min(entity.created_at, self._earliest.get(place, entity.created_at))
        self.revision += 1
        gone = self._gone.get((kind, entity.agency), [])
        if entity.id in gone:
            gone.remove(entity.id)
            self._replace(kind, entity)
        elif old is None:
            self._add(kind, entity)
        else:
            self._replace(kind, entity)

    def _remove(self, kind: Kind, id: int) -> None:
        entity = self.get(kind, id)
        if entity is None:
            return
        self.revision += 1
        self._written.pop((kind, id), None)
        key = (kind, entity.agency)
        added = self._added.get(key, [])
        if id in added:
            added.remove(id)
        if self._world.locate(kind, id) is not None:
            insort(self._gone.setdefault(key, []), id)
        self._replace(kind, entity)

    def _all(self, kind: Kind, agency: int) -> list[Entity]:
        entities = [self.get(kind, id) for id in self.ids(kind, agency)]
        return [entity for entity in entities if entity is not None]

    def _add(self, kind: Kind, entity: Entity) -> None:
        key = (kind, entity.agency)
        added = self._added.setdefault(key, [])
        in_order = not added or entity.id > added[-1]
        insort(added, entity.id)
        if not in_order:
            # It came from another process, behind a newer one.
            self._moments.pop(key, None)
        elif key in self._moments:
            self._moments[key].append(entity.updated_at)
        for (of, agency, attribute), index in self._indexes.items():
            if (of, agency) == key:
                index.setdefault(getattr(entity, attribute), entity.id)

    def _replace(self, kind: Kind, entity: Entity) -> None:
        self._moments.pop((kind, entity.agency), None)
        self._indexes = {key: index for key, index in self._indexes.items() if key[:2] != (kind, entity.agency)}
        if kind in _SHOWN_ELSEWHERE:
            # Anything may show it, and the world's encoded forms no longer hold here.
            self._own_encoded.clear()
            self._shares_wire = False
        for kept in self._own_encoded.values():
            kept.pop(entity.id, None)
