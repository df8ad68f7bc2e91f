"""Indexes of what was written, by the values of members: made when they are first asked for, and kept up to date."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.domain import Kind
from mockserver.foundation.slices import look_at_the_time
from mockserver.sandbox.store.deferred import DeferredEntity, DeferredWrite
from mockserver.sandbox.store.entity_records import Written

MOST_CHANGES = 1_000
"""More changes than that never wait: each one that comes makes the two oldest be taken into account."""
_LOOK_EVERY = 8
"""Changes that are taken into account before it is seen whether the time is over."""
_Change = tuple[Written | None, Written | None]
"""The old and the new entity."""
_New = tuple[int, Kind, DeferredWrite]
"""The id and the kind of a new entity, which nobody has looked at yet, and what it is made of."""


class MemberIndexes:
    """The ids of written entities by kind, agency, member and value. Changes wait until somebody asks.

    So what was written as it came is not looked at before. A new index has all of them to take into account, which is
    done in slices.
    """

    def __init__(self) -> None:
        self._indexes: dict[tuple[Kind, int, str], _MemberIndex] = {}
        self._by_kind: dict[Kind, list[_MemberIndex]] = {}

    def find(self, kind: Kind, agency: int, member: str, value: object, written: Iterable[Written]) -> Sequence[int]:
        """Returns the ids, ascending, of those whose member has a value; `written` are all of the kind, of any agency.

        Raises SliceOver.
        """
        index = self._indexes.get((kind, agency, member))
        if index is None:
            index = self._indexes[kind, agency, member] = _MemberIndex(agency, member, written)
            self._by_kind.setdefault(kind, []).append(index)
        if index.waiting:
            index.catch_up()
        ids = index.ids.get(value, ())
        return (ids,) if isinstance(ids, int) else ids

    def apply(self, kind: Kind, old: Written | None, new: Written | None) -> None:
        """Takes a change of what is written into account."""
        for index in self._by_kind.get(kind, ()):
            index.apply(old, new)

    def add_deferred(self, kind: Kind, id: int, write: DeferredWrite) -> None:
        """Takes a new entity into account, which nobody has looked at yet."""
        for index in self._by_kind.get(kind, ()):
            index.waiting.append((id, kind, write))
            if len(index.waiting) > MOST_CHANGES:
                index.take_two()

    def clear(self) -> None:
        """Forgets all indexes."""
        self._indexes.clear()
        self._by_kind.clear()


class _MemberIndex:
    """The index of one member at one agency."""

    __slots__ = ("_agency", "_member", "ids", "waiting")

    def __init__(self, agency: int, member: str, written: Iterable[Written]) -> None:
        self._agency = agency
        self._member = member
        self.ids: dict[object, int | list[int]] = {}
        """The ids by value, ascending; most values have only one."""
        self.waiting: deque[_Change | _New] = deque((None, entity) for entity in written)
        """The changes that are not taken into account yet, the oldest first."""

    def apply(self, old: Written | None, new: Written | None) -> None:
        """Takes a change into account, or lets it wait."""
        self.waiting.append((old, new))
        if len(self.waiting) > MOST_CHANGES:
            self.take_two()

    def take_two(self) -> None:
        """Takes the two oldest changes into account."""
        for _ in range(2):
            self._take(self.waiting.popleft())

    def catch_up(self) -> None:
        """Takes all changes into account. Raises SliceOver."""
        waiting, agency, member = self.waiting, self._agency, self._member
        while waiting:
            change = waiting.popleft()
            if len(change) == 3:
                id, kind, write = change
                if write.agency == agency:
                    value = write.member(kind, member)
                    # Most values are new.
                    if self.ids.setdefault(value, id) != id:
                        self._add(value, id)
            else:
                self._take(change)
            if len(waiting) % _LOOK_EVERY == _LOOK_EVERY - 1:
                look_at_the_time()

    def _take(self, change: _Change | _New) -> None:
        if len(change) == 3:
            id, kind, write = change
            if write.agency == self._agency:
                self._add(write.member(kind, self._member), id)
            return
        old, new = change
        if old and old.agency == self._agency:
            self._remove(_value_of(old, self._member), old.id)
        if new and new.agency == self._agency:
            self._add(_value_of(new, self._member), new.id)

    def _add(self, value: object, id: int) -> None:
        ids = self.ids.get(value)
        if ids is None:
            self.ids[value] = id
        elif isinstance(ids, int):
            self.ids[value] = sorted((ids, id))
        else:
            insort(ids, id)

    def _remove(self, value: object, id: int) -> None:
        ids = self.ids[value]
        if isinstance(ids, int):
            del self.ids[value]
            return
        del ids[bisect_left(ids, id)]
        if len(ids) == 1:
            self.ids[value] = ids[0]


def _value_of(entity: Any, member: str) -> object:
    # As `getattr`, without the detour by `DeferredEntity.__getattr__`.
    return entity.write.member(entity.kind, member) if type(entity) is DeferredEntity else getattr(entity, member)
