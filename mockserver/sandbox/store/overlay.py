"""An overlay is what was written over a world; of that, few entities are looked at for any answer."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from mockserver.domain import Entity, Kind
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.store.deferred import DeferredEntity
from mockserver.sandbox.store.entity_records import Written
from mockserver.sandbox.store.ids import Ids
from mockserver.sandbox.store.last_changes import LastChanges
from mockserver.sandbox.store.sequences import Chained, CreationKey, CreationKeys
from mockserver.world import World
from mockserver.world.history import Since, changed_since, enquiry_since, in_hand
from mockserver.world.timeline import enquiry_created


@dataclass(frozen=True, slots=True)
class Overlay:
    """The entities of one kind at one agency: the world's, and how they differ from it now."""

    world: World
    kind: Kind
    agency: int
    written: Mapping[int, Written]
    """The written entities of the kind, of every agency."""
    gone: Sequence[int]
    """The ids of the world that were removed, ascending."""
    changed: frozenset[int] | set[int]
    """The ids of the world over which something else was written."""
    added: Sequence[int]
    """The ids that the world does not have, ascending."""
    last_changes: LastChanges
    """The moments of the written entities that are there."""
    earliest: Epoch | None
    """A moment before which none of the written ones was created."""

    def ids_since(self, created: Epoch | None, updated: Epoch | None) -> Sequence[int]:
        """Returns the ids of those that were created and updated at those moments or later, ascending."""
        made = self.world.ids(self.kind, self.agency)
        first = 0 if created is None else enquiry_since(self.world, self.agency, created)
        rows = [Since([], 0, len(made), [])] if updated is None else self._changed_since(updated)
        added, fresh = self.added, set(self.changed)
        if updated is not None:
            changes = self.last_changes.since(updated)
            cut = bisect_left(changes, self.world.next_id(self.kind))
            added, fresh = changes[cut:], set(changes[:cut])
        parts, low = list[Sequence[int]](), first
        for row in rows:
            start = max(row.start, first)
            some = {made[position] for position in row.some if position >= first}.difference(self.gone, self.changed)
            some |= {id for id in fresh if low <= made.index(id) < start}
            hidden = {made[position] for position in row.excepted} | (self.changed - fresh)
            ids = made[start : max(start, row.end)]
            hidden = hidden.difference(fresh).union(self.gone)
            parts += [sorted(some), Ids(ids, sorted(id for id in hidden if id in ids), ())]
            low = max(low, row.end)
        return Chained([*parts, self._created_since(added, created)])

    def creation_keys(self) -> CreationKeys:
        """Returns the keys of the world's enquiries that are still there, ascending."""
        return CreationKeys(self.world, self.agency, Ids(self.world.ids(self.kind, self.agency), self.gone, ()))

    def in_hand(self) -> list[int]:
        """Returns the ids of the world's enquiries or profiles that are in hand, or were written over."""
        made = self.world.ids(self.kind, self.agency)
        newest = {made[position] for position in in_hand(self.world, self.kind, self.agency)}
        return sorted(newest.difference(self.gone) | self.changed)

    def about(self, estate: int, first: Epoch, end: Epoch, *, descending: bool) -> Iterator[CreationKey]:
        """Yields the keys of the world's enquiries about a listing, created from `first` until before `end`."""
        place = self.world.locate(Kind.ESTATE, estate)
        if place is None or place[0] != self.agency:
            return
        from mockserver.world.listing_enquiries import enquiries_about

        made = self.world.ids(self.kind, self.agency)
        bounds = [enquiry_since(self.world, self.agency, moment) for moment in (first, end)]
        for position in enquiries_about(self.world, self.agency, place[1], *bounds, descending=descending):
            if made[position] not in self.written:
                yield enquiry_created(self.world, self.agency, position), made[position]

    def _changed_since(self, updated: Epoch) -> list[Since]:
        return changed_since(self.world, self.kind, self.agency, updated)

    def _created_since(self, ids: Sequence[int], created: Epoch | None) -> Sequence[int]:
        """Returns those of the added ones that were created at a moment or later; each is looked at only for cause."""
        if created is None or self.earliest is None or self.earliest >= created:
            return ids
        return [id for id in ids if self._entity(id).created_at >= created]

    def _entity(self, id: int) -> Entity | DeferredEntity:
        entity = self.written[id]
        assert entity is not False
        return entity
