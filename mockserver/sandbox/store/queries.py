"""The questions of a store about many entities: lists, moments, and who has a certain value."""

from collections.abc import Iterator, Mapping, Sequence
from heapq import merge

from mockserver.domain import Category, Entity, Kind
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.records import RecordTable
from mockserver.sandbox.store.entity_records import Written
from mockserver.sandbox.store.ids import Ids
from mockserver.sandbox.store.member_indexes import MemberIndexes
from mockserver.sandbox.store.overlay import Overlay
from mockserver.sandbox.store.sequences import CreationKey
from mockserver.world import World
from mockserver.world.lookups import positions_with


class Queries:
    """A part of `MemoryStore`, as the protocol of stores has it; none of it looks at more of the world than it must."""

    _world: World
    _entities: Mapping[Kind, RecordTable[int, Written]]
    _indexes: MemberIndexes
    _earliest: dict[tuple[Kind, int], Epoch]
    _by_creation: dict[int, list[CreationKey]]
    """By agency: the keys of the enquiries that the world does not have, ascending."""

    def get(self, kind: Kind, id: int) -> Entity | None:
        raise NotImplementedError

    def _overlay(self, kind: Kind, agency: int) -> Overlay:
        raise NotImplementedError

    def count(self, kind: Kind, agency: int) -> int:
        return len(self.ids(kind, agency))

    def ids(self, kind: Kind, agency: int) -> Sequence[int]:
        over, made = self._overlay(kind, agency), self._world.ids(kind, agency)
        return Ids(made, over.gone, over.added) if over.added or over.gone else made

    def ids_since(
        self, kind: Kind, agency: int, *, created: Epoch | None = None, updated: Epoch | None = None
    ) -> Sequence[int]:
        return self._overlay(kind, agency).ids_since(created, updated)

    def in_hand(self, kind: Kind, agency: int) -> Sequence[int]:
        return self._overlay(kind, agency).in_hand()

    def by_creation(self, agency: int) -> Sequence[Sequence[CreationKey]]:
        over = self._overlay(Kind.ENQUIRY, agency)
        if agency not in self._by_creation:
            self._by_creation[agency] = sorted(_keys(over.written, over.added))
        return over.creation_keys(), self._by_creation[agency]

    def about(
        self, agency: int, estate: int, first: Epoch, end: Epoch, *, descending: bool = False
    ) -> Iterator[CreationKey]:
        over = self._overlay(Kind.ENQUIRY, agency)
        ids = self._indexes.find(Kind.ENQUIRY, agency, "estate", estate, over.written.values())
        keys = [key for key in sorted(_keys(over.written, ids), reverse=descending) if first <= key[0] < end]
        return merge(over.about(estate, first, end, descending=descending), keys, reverse=descending)

    def category(self, id: int) -> Category | None:
        written = self._entities[Kind.ENQUIRY].get(id)
        if written is not None:
            return getattr(written, "category", None)
        place = self._world.locate(Kind.ENQUIRY, id)
        return None if place is None else self._world.category(*place)

    def oldest(self, kind: Kind, agency: int) -> Epoch | None:
        made = self._world.entity(kind, agency, 0).created_at if self._world.count(kind, agency) else None
        return min(
            (moment for moment in (made, self._earliest.get((kind, agency))) if moment is not None), default=None
        )

    def find(self, kind: Kind, agency: int, attribute: str, value: object) -> Entity | None:
        for id in self._candidates(kind, agency, attribute, value):
            entity = self.get(kind, id)
            if entity is not None and getattr(entity, attribute) == value:
                return entity
        return None

    def find_all(self, kind: Kind, agency: int, attribute: str, value: object) -> list[Entity]:
        entities = [self.get(kind, id) for id in self._candidates(kind, agency, attribute, value)]
        return [entity for entity in entities if entity is not None and getattr(entity, attribute) == value]

    def _candidates(self, kind: Kind, agency: int, attribute: str, value: object) -> Sequence[int]:
        """Returns the ids of all entities that may have that value, ascending: few others are among them."""
        written = self._entities[kind]
        places = positions_with(self._world, kind, agency, attribute, value)
        ids = self._indexes.find(kind, agency, attribute, value, written.values())
        if not places:
            return ids
        made = self._world.ids(kind, agency)
        return sorted([*(id for id in map(made.__getitem__, places) if id not in written), *ids])


def _keys(written: Mapping[int, Written], ids: Sequence[int]) -> Iterator[CreationKey]:
    return ((entity.created_at, entity.id) for id in ids if (entity := written[id]) is not False)
