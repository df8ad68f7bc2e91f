"""Indexes of what was written, by the values of members: made when they are first asked for, and kept up to date."""

from collections.abc import Iterable, Sequence

from mockserver.domain import Kind
from mockserver.sandbox.store.entity_records import Written


class MemberIndexes:
    """The ids of written entities by kind, agency, member and value."""

    def __init__(self) -> None:
        self._indexes: dict[tuple[Kind, int, str], dict[object, tuple[int, ...]]] = {}

    def find(self, kind: Kind, agency: int, member: str, value: object, written: Iterable[Written]) -> Sequence[int]:
        """Returns the ids of those whose member has a value; `written` are all of the kind, of any agency."""
        key = (kind, agency, member)
        index = self._indexes.get(key)
        if index is None:
            index = self._indexes[key] = {}
            for entity in written:
                if entity is not False and entity.agency == agency:
                    _add(index, getattr(entity, member), entity.id)
        return index.get(value, ())

    def apply(self, kind: Kind, old: Written | None, new: Written | None) -> None:
        """Takes a change of what is written into account."""
        for (of, agency, member), index in self._indexes.items():
            if of is not kind:
                continue
            if old and old.agency == agency:
                _remove(index, getattr(old, member), old.id)
            if new and new.agency == agency:
                _add(index, getattr(new, member), new.id)

    def clear(self) -> None:
        """Forgets all indexes."""
        self._indexes.clear()


def _add(index: dict[object, tuple[int, ...]], value: object, id: int) -> None:
    index[value] = (*index.get(value, ()), id)


def _remove(index: dict[object, tuple[int, ...]], value: object, id: int) -> None:
    left = tuple(other for other in index.get(value, ()) if other != id)
    if left:
        index[value] = left
    else:
        index.pop(value, None)
