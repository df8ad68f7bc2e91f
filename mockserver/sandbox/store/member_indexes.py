"""Indexes of what was written, by the values of members: made when they are first asked for, and kept up to date."""

from collections.abc import Iterable, Sequence

from mockserver.domain import Kind
from mockserver.sandbox.store.entity_records import Written

MOST_CHANGES = 1_000
"""With more changes than that since it was last asked for, an index is forgotten, and made again when it is."""
_Key = tuple[Kind, int, str]
_Index = dict[object, tuple[int, ...]]


class MemberIndexes:
    """The ids of written entities by kind, agency, member and value. Changes wait until somebody asks.

    So what was written as it came is not looked at before.
    """

    def __init__(self) -> None:
        self._indexes: dict[_Key, _Index] = {}
        self._changes: dict[_Key, list[tuple[Written | None, Written | None]]] = {}

    def find(self, kind: Kind, agency: int, member: str, value: object, written: Iterable[Written]) -> Sequence[int]:
        """Returns the ids of those whose member has a value; `written` are all of the kind, of any agency."""
        key = (kind, agency, member)
        index = self._indexes.get(key)
        if index is None:
            index, self._changes[key] = {}, []
            self._indexes[key] = index
            for entity in written:
                _change(index, agency, member, None, entity)
        for old, new in self._changes[key]:
            _change(index, agency, member, old, new)
        self._changes[key].clear()
        return index.get(value, ())

    def apply(self, kind: Kind, old: Written | None, new: Written | None) -> None:
        """Takes a change of what is written into account."""
        too_many: list[_Key] = []
        for key, changes in self._changes.items():
            if key[0] is kind:
                changes.append((old, new))
                if len(changes) > MOST_CHANGES:
                    too_many.append(key)
        for key in too_many:
            del self._indexes[key], self._changes[key]

    def clear(self) -> None:
        """Forgets all indexes."""
        self._indexes.clear()
        self._changes.clear()


def _change(index: _Index, agency: int, member: str, old: Written | None, new: Written | None) -> None:
    if old and old.agency == agency:
        _remove(index, getattr(old, member), old.id)
    if new and new.agency == agency:
        _add(index, getattr(new, member), new.id)


def _add(index: _Index, value: object, id: int) -> None:
    index[value] = (*index.get(value, ()), id)


def _remove(index: _Index, value: object, id: int) -> None:
    left = tuple(other for other in index.get(value, ()) if other != id)
    if left:
        index[value] = left
    else:
        index.pop(value, None)
