"""Indexes of what was written, by the values of members: made when they are first asked for, and kept up to date."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.domain import Kind
from mockserver.sandbox.store.deferred import DeferredEntity
from mockserver.sandbox.store.entity_records import Written

MOST_WAITING = 100
"""The most changes that wait until somebody asks; then they are taken into account, each once and for little."""


class MemberIndex:
    """The ids of the written entities of one kind at one agency, ascending, by the value of one member.

    Changes wait until somebody asks: so what was written as it came is mostly not looked at before.
    """

    __slots__ = ("_agency", "_ids", "_member", "_waiting")

    def __init__(self, agency: int, member: str, written: Iterable[Written]) -> None:
        """`written` are all entities of the kind, of any agency."""
        self._agency = agency
        self._member = member
        self._ids: dict[object, list[int]] = {}
        self._waiting: list[tuple[Written | None, Written | None]] = [(None, entity) for entity in written]

    def find(self, value: object) -> Sequence[int]:
        """Returns the ids of those whose member has a value; it changes when entities do."""
        if self._waiting:
            self._catch_up()
        return self._ids.get(value, ())

    def apply(self, old: Written | None, new: Written | None) -> None:
        """Takes a change into account, now or later."""
        self._waiting.append((old, new))
        if len(self._waiting) > MOST_WAITING:
            self._catch_up()

    def _catch_up(self) -> None:
        agency, member, all_ids = self._agency, self._member, self._ids
        for old, new in self._waiting:
            if old and old.agency == agency:
                self._remove(_value_of(old, member), old.id)
            if new and new.agency == agency:
                value, id = _value_of(new, member), new.id
                ids = all_ids.get(value)
                if ids is None:
                    all_ids[value] = [id]
                elif id > ids[-1]:
                    ids.append(id)
                else:
                    insort(ids, id)
        self._waiting.clear()

    def _remove(self, value: object, id: int) -> None:
        ids = self._ids.get(value, [])
        place = bisect_left(ids, id)
        if ids[place : place + 1] == [id]:
            del ids[place]
        if not ids:
            self._ids.pop(value, None)


class MemberIndexes:
    """The indexes of a store, by kind, agency and member."""

    def __init__(self) -> None:
        self._indexes: dict[tuple[Kind, int, str], MemberIndex] = {}
        self._of_kind: dict[Kind, list[MemberIndex]] = {}

    def find(self, kind: Kind, agency: int, member: str, value: object, written: Iterable[Written]) -> Sequence[int]:
        """Returns the ids of those whose member has a value; `written` are all of the kind, of any agency."""
        index = self._indexes.get((kind, agency, member))
        if index is None:
            index = self._indexes[kind, agency, member] = MemberIndex(agency, member, written)
            self._of_kind.setdefault(kind, []).append(index)
        return index.find(value)

    def apply(self, kind: Kind, old: Written | None, new: Written | None) -> None:
        """Takes a change of what is written into account."""
        for index in self._of_kind.get(kind, ()):
            index.apply(old, new)

    def clear(self) -> None:
        """Forgets all indexes."""
        self._indexes.clear()
        self._of_kind.clear()


def _value_of(entity: Any, member: str) -> object:
    # As `getattr`, without the detour by `DeferredEntity.__getattr__`.
    return entity.write.member(entity.kind, member) if type(entity) is DeferredEntity else getattr(entity, member)
