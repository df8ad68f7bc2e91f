"""Indexes of what was written, by the values of members: made when they are first asked for, and kept up to date."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.domain import Kind
from mockserver.foundation.slices import look_at_the_time
from mockserver.sandbox.store.deferred import DeferredEntity
from mockserver.sandbox.store.entity_records import Written

MOST_CHANGES = 1_000
"""More changes than that never wait: each one that comes makes the two oldest be taken into account."""
_Key = tuple[Kind, int, str]
_Change = tuple[Written | None, Written | None]
_Index = dict[object, int | list[int]]
"""The ids by value, ascending; most values have only one."""


class MemberIndexes:
    """The ids of written entities by kind, agency, member and value. Changes wait until somebody asks.

    So what was written as it came is not looked at before. A new index has all of them to take into account, which is
    done in slices.
    """

    def __init__(self) -> None:
        self._indexes: dict[_Key, _Index] = {}
        self._changes: dict[_Key, deque[_Change]] = {}

    def find(self, kind: Kind, agency: int, member: str, value: object, written: Iterable[Written]) -> Sequence[int]:
        """Returns the ids, ascending, of those whose member has a value; `written` are all of the kind, of any agency.

        Raises SliceOver.
        """
        key = (kind, agency, member)
        index = self._indexes.get(key)
        if index is None:
            index = self._indexes[key] = {}
            self._changes[key] = deque((None, entity) for entity in written)
        changes = self._changes[key]
        while changes:
            _change(index, agency, member, *changes.popleft())
            look_at_the_time()
        ids = index.get(value, ())
        return (ids,) if isinstance(ids, int) else ids

    def apply(self, kind: Kind, old: Written | None, new: Written | None) -> None:
        """Takes a change of what is written into account."""
        for key, changes in self._changes.items():
            if key[0] is kind:
                changes.append((old, new))
                if len(changes) > MOST_CHANGES:
                    _, agency, member = key
                    for _ in range(2):
                        _change(self._indexes[key], agency, member, *changes.popleft())

    def clear(self) -> None:
        """Forgets all indexes."""
        self._indexes.clear()
        self._changes.clear()


def _change(index: _Index, agency: int, member: str, old: Written | None, new: Written | None) -> None:
    if old and old.agency == agency:
        _remove(index, _value_of(old, member), old.id)
    if new and new.agency == agency:
        _add(index, _value_of(new, member), new.id)


def _value_of(entity: Any, member: str) -> object:
    # As `getattr`, without the detour by `DeferredEntity.__getattr__`.
    return entity.write.member(entity.kind, member) if type(entity) is DeferredEntity else getattr(entity, member)


def _add(index: _Index, value: object, id: int) -> None:
    ids = index.get(value)
    if ids is None:
        index[value] = id
    elif isinstance(ids, int):
        index[value] = sorted((ids, id))
    else:
        insort(ids, id)


def _remove(index: _Index, value: object, id: int) -> None:
    ids = index[value]
    if isinstance(ids, int):
        del index[value]
        return
    del ids[bisect_left(ids, id)]
    if len(ids) == 1:
        index[value] = ids[0]
