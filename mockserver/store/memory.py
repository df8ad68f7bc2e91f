"""A store in memory: copy-on-write over an immutable world that many stores can share."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

from mockserver.domain import Entity, Epoch, Kind
from mockserver.world import World

T = TypeVar("T")

_SHOWN_ELSEWHERE = frozenset({Kind.PERSON, Kind.ESTATE, Kind.AGENT})
"""Kinds whose members other entities show on the wire: a lead shows its seeker's name."""

_MOST_COUNTERS = 1_000
"""When there are more counters than this, those that ended are forgotten."""

_MOST_DERIVED = 256
"""How many derived values are kept at most."""


class Joined(Sequence[int]):
    """The ids of the world and those that were added, as one sequence that is never written out."""

    def __init__(self, made: range, added: list[int]) -> None:
        self._made = made
        self._added = added

    def __len__(self) -> int:
        return len(self._made) + len(self._added)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        position = index + len(self) if index < 0 else index
        made = len(self._made)
        return self._made[position] if position < made else self._added[position - made]


class MemoryStore:
    """See `Store`. Costs nothing until something is written; dropping it drops every write."""

    def __init__(self, world: World) -> None:
        self.revision = 0
        self._world = world
        self._written: dict[tuple[Kind, int], Entity] = {}
        self._added: dict[tuple[Kind, int], list[int]] = {}
        self._next: dict[Kind, int] = {}
        self._indexes: dict[tuple[Kind, int, str], dict[object, int]] = {}
        self._moments: dict[tuple[Kind, int], list[Epoch]] = {}
        self._counters: dict[str, tuple[int, Epoch]] = {}
        self._own_wire: dict[str, dict[int, bytes]] = {}
        self._shares_wire = True
        self._derived: dict[str, Any] = {}
        self._derived_at = 0

    def agencies(self) -> Sequence[int]:
        return sorted(self._world.agencies)

    def get(self, kind: Kind, id: int) -> Entity | None:
        if (written := self._written.get((kind, id))) is not None:
            return written
        place = self._world.locate(kind, id)
        return self._world.entity(kind, *place) if place else None

    def count(self, kind: Kind, agency: int) -> int:
        return self._world.count(kind, agency) + len(self._added.get((kind, agency), ()))

    def ids(self, kind: Kind, agency: int) -> Sequence[int]:
        made = self._world.ids(kind, agency)
        added = self._added.get((kind, agency))
        return Joined(made, added) if added else made

    def moments(self, kind: Kind, agency: int) -> Sequence[Epoch]:
        key = (kind, agency)
        if key not in self._moments:
            self._moments[key] = [entity.updated_at for entity in self._all(kind, agency)]
        return self._moments[key]

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
        return id

    def put(self, kind: Kind, entity: Entity) -> None:
        old = self.get(kind, entity.id)
        self._written[kind, entity.id] = entity
        self.revision += 1
        if old is None:
            self._add(kind, entity)
        else:
            self._replace(kind, entity)

    def bump(self, counter: str, *, until: Epoch, now: Epoch) -> int:
        if len(self._counters) >= _MOST_COUNTERS:
            self._counters = {name: entry for name, entry in self._counters.items() if entry[1] > now}
        value, ends = self._counters.get(counter, (0, until))
        value = value + 1 if ends > now else 1
        self._counters[counter] = (value, until)
        return value

    def derived(self, key: str, make: Callable[[], T]) -> T:
        if self._derived_at != self.revision or len(self._derived) >= _MOST_DERIVED:
            self._derived.clear()
            self._derived_at = self.revision
        if key not in self._derived:
            self._derived[key] = make()
        kept: T = self._derived[key]
        return kept

    def wire(self, view: str, kind: Kind, id: int) -> bytes | None:
        own = self._own_wire.get(view)
        if own is not None and id in own:
            return own[id]
        shared = self._shares_wire and (kind, id) not in self._written
        return self._world.wire.get(view, {}).get(id) if shared else None

    def keep_wire(self, view: str, kind: Kind, id: int, encoded: bytes) -> None:
        # What is purely the world's is kept with the world, once for all the stores that share it.
        shared = self._shares_wire and (kind, id) not in self._written
        kept = self._world.wire if shared else self._own_wire
        kept.setdefault(view, {})[id] = encoded

    def _all(self, kind: Kind, agency: int) -> list[Entity]:
        entities = [self.get(kind, id) for id in self.ids(kind, agency)]
        return [entity for entity in entities if entity is not None]

    def _add(self, kind: Kind, entity: Entity) -> None:
        key = (kind, entity.agency)
        self._added.setdefault(key, []).append(entity.id)
        if key in self._moments:
            self._moments[key].append(entity.updated_at)
        for (of, agency, attribute), index in self._indexes.items():
            if (of, agency) == key:
                index.setdefault(getattr(entity, attribute), entity.id)

    def _replace(self, kind: Kind, entity: Entity) -> None:
        self._moments.pop((kind, entity.agency), None)
        self._indexes = {key: index for key, index in self._indexes.items() if key[:2] != (kind, entity.agency)}
        if kind in _SHOWN_ELSEWHERE:
            # Anything may show it, and the world's encoded forms no longer hold here.
            self._own_wire.clear()
            self._shares_wire = False
        for kept in self._own_wire.values():
            kept.pop(entity.id, None)
