"""Records: state as plain JSON by key, for snapshots, for databases and for other processes.

A component holds its state in tables, and a table reports every change of it. So nothing can be changed unreported.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Generic, TypeVar

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.dataclass_fields import field_names

K = TypeVar("K")
V = TypeVar("V")

OnChange = Callable[[str, Any | None], None]
"""Receives the key of a record that changed, and its value as plain JSON; None when it is as at the start again."""

REMOVED = False
"""The record of something that was there at the start, and is no more."""


def as_json(value: Any) -> Any:
    """Returns a value as plain JSON: a dataclass or a pydantic model, whose parts may be such, enums and containers."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if (names := _members(kind)) is not None:
        parts = [(name, getattr(value, name)) for name in names]
        return {name: part if type(part) in _PLAIN else as_json(part) for name, part in parts}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [as_json(part) for part in value]
    if isinstance(value, Mapping):
        return {name: as_json(part) for name, part in value.items()}
    return value.model_dump(mode="json")


_PLAIN = frozenset({str, int, float, bool, type(None)})


def _names_of_members(kind: Any) -> tuple[str, ...] | None:
    return field_names(kind) if is_dataclass(kind) else None


_members: Callable[[Any], tuple[str, ...] | None] = cache(_names_of_members)
"""Returns the names of a dataclass's fields; None for another class."""


def json_reader(model: type[V]) -> Callable[[Any], V]:
    """Returns the inverse of `as_json` for a dataclass; it raises pydantic's ValidationError for what does not fit."""

    @cache
    def adapter() -> Any:
        # Made at the first record: whoever keeps nothing in a database needs no pydantic for it.
        from pydantic import TypeAdapter

        return TypeAdapter(model)

    def read(value: Any) -> V:
        result: V = adapter().validate_python(value)
        return result

    return read


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class RecordFormat(Generic[K, V]):
    """The form of the records of a table or a value: how they are called, and how values become plain JSON."""

    prefix: str
    """The beginning of the keys of records; of a value, the whole key."""
    key: Callable[[str], K] = _as_it_is
    """The inverse of `name`."""
    name: Callable[[K], str] = str
    encode: Callable[[V], Any] = _as_it_is
    decode: Callable[[Any], V] = _as_it_is
    """The inverse of `encode`."""


class RecordTable(dict[K, V]):
    """A dict that reports its changes: each entry is a record.

    `start` are entries that are there from the start; they are records only when they changed. `applied` is called
    after each change with the key, the old and the new value, None where there is none, also when the change came
    from outside by `load`; it keeps what is derived from the table up to date.
    """

    __slots__ = ("_applied", "_on_change", "_start", "format")

    def __init__(
        self,
        format: RecordFormat[K, V],
        *,
        start: Mapping[K, V] | None = None,
        applied: Callable[[K, V | None, V | None], None] | None = None,
    ) -> None:
        self.format = format
        self._start = start
        self._applied = applied
        self._on_change: OnChange | None = None
        if start:
            _update(self, start)

    def on_change(self, on_change: OnChange) -> None:
        """Reports every change from now on, but for those by `load` and `reset`."""
        self._on_change = on_change

    def __setitem__(self, key: K, value: V) -> None:
        if self._applied is None:
            _set_item(self, key, value)
        else:
            self._apply(key, value)
        if self._on_change is not None:
            format = self.format
            self._on_change(
                format.prefix + format.name(key), None if self._is_start(key, value) else format.encode(value)
            )

    def add(self, key: K, value: V, record: Any = None) -> None:
        """Sets an entry of a table without a start, and reports it; `applied` is not called.

        `record` is what is reported, if it is not what the format makes of the value.
        """
        _set_item(self, key, value)
        if self._on_change is not None:
            format = self.format
            self._on_change(format.prefix + format.name(key), format.encode(value) if record is None else record)

    def __delitem__(self, key: K) -> None:
        self._remove(key)
        if self._on_change is not None:
            is_at_start = self._start is not None and key in self._start
            self._on_change(self.format.prefix + self.format.name(key), REMOVED if is_at_start else None)

    def pop(self, key: K, *default: Any) -> Any:
        """Removes an entry, and returns its value, as `dict.pop` does."""
        if default and key not in self:
            return default[0]
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[K, V]:
        """Removes the newest entry, as `dict.popitem` does."""
        for key in reversed(self):
            return key, self.pop(key)
        raise KeyError("the table is empty")

    def clear(self) -> None:
        """Removes every entry."""
        for key in list(self):
            del self[key]

    def setdefault(self, key: K, default: Any = None) -> Any:
        """Adds an entry, unless there is one with that key; returns the value."""
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *others: Any, **members: V) -> None:
        """Sets entries as `dict.update` does."""
        for key, value in dict(*others, **members).items():
            self[key] = value

    def __ior__(self, other: Any) -> "RecordTable[K, V]":  # type: ignore[override,misc]  # one form for all of dict's
        self.update(other)
        return self

    def sort(self, *, key: Callable[[K], Any]) -> None:
        """Puts the entries in the order of their keys; no record has an order, so nothing is reported."""
        entries = sorted(self.items(), key=lambda entry: key(entry[0]))
        _clear(self)
        _update(self, entries)

    def detached(self) -> "RecordTable[K, V]":
        """Returns a table of its own with the same entries: a copy of references, as entries never change."""
        table: RecordTable[K, V] = RecordTable(self.format, start=self._start)
        _clear(table)
        _update(table, self)
        return table

    def adopt(self, other: "RecordTable[K, V]") -> None:
        """Takes over what a detached table has, after `reset`. Nothing is reported."""
        for key, value in other.items():
            self._apply(key, value)
        for key in self.keys() - other.keys():
            self._remove(key)

    def empty(self) -> dict[K, V]:
        """Removes every entry, and returns them; nothing is reported, and `applied` is not called."""
        entries = dict(self)
        _clear(self)
        return entries

    def dump(self) -> dict[str, Any]:
        """Returns every record."""
        return dict(self.records())

    def records(self) -> Iterator[tuple[str, Any]]:
        """Yields each record with its key, encoded only now."""
        prefix, name, encode = self.format.prefix, self.format.name, self.format.encode
        for key, value in self.items():
            if not self._is_start(key, value):
                yield prefix + name(key), encode(value)
        if self._start is not None:
            for key in self._start.keys() - self.keys():
                yield prefix + name(key), REMOVED

    def load(self, name: str, value: Any | None) -> None:
        """Takes one record over that was changed elsewhere, and does not report it."""
        key, start = self.format.key(name), self._start
        if value is None and start is not None and key in start:
            self._apply(key, start[key])
        elif value is not None and not (value is REMOVED and start is not None):
            self._apply(key, self.format.decode(value))
        elif key in self:
            self._remove(key)

    def reset(self) -> None:
        """Returns to the start, and reports nothing; `applied` is not called."""
        if self:
            _clear(self)
        if self._start:
            _update(self, self._start)

    def _is_start(self, key: K, value: V) -> bool:
        return self._start is not None and self._start.get(key) == value

    def _apply(self, key: K, value: V) -> None:
        old = self.get(key)
        _set_item(self, key, value)
        if self._applied is not None:
            self._applied(key, old, value)

    def _remove(self, key: K) -> None:
        old = self[key]
        _delete_item(self, key)
        if self._applied is not None:
            self._applied(key, old, None)


_set_item, _delete_item, _clear, _update = dict.__setitem__, dict.__delitem__, dict.clear, dict.update


class RecordValue(Generic[V]):
    """A single value that is one record of a component; it is not one while it is as at the start.

    `applied` is called with the value after each change, also by `load` and `reset`.
    """

    __slots__ = ("_applied", "_on_change", "_start", "format", "value")

    def __init__(self, format: RecordFormat[Any, V], start: V, *, applied: Callable[[V], None] | None = None) -> None:
        self.format = format
        self.value = start
        """The value as it is now; `set` changes it."""
        self._start = start
        self._applied = applied
        self._on_change: OnChange | None = None

    def on_change(self, on_change: OnChange) -> None:
        """Reports every change from now on, but for those by `load` and `reset`."""
        self._on_change = on_change

    def set(self, value: V) -> None:
        """Changes the value."""
        self._apply(value)
        if self._on_change is not None:
            self._on_change(self.format.prefix, None if value == self._start else self.format.encode(value))

    def detached(self) -> "RecordValue[V]":
        """Returns another one with the same value."""
        other = RecordValue(self.format, self._start)
        other._apply(self.value)
        return other

    def adopt(self, other: "RecordValue[V]") -> None:
        """Takes over the value of a detached one. Nothing is reported."""
        self._apply(other.value)

    def dump(self) -> dict[str, Any]:
        """Returns the record, if there is one."""
        return dict(self.records())

    def records(self) -> Iterator[tuple[str, Any]]:
        """Yields the record with its key, if there is one."""
        if self.value != self._start:
            yield self.format.prefix, self.format.encode(self.value)

    def load(self, name: str, value: Any | None) -> None:
        """Takes the record over that was changed elsewhere, and does not report it."""
        self._apply(self._start if value is None else self.format.decode(value))

    def reset(self) -> None:
        """Returns to the start, and reports nothing."""
        self._apply(self._start)

    def _apply(self, value: V) -> None:
        self.value = value
        if self._applied is not None:
            self._applied(value)


class RecordCounter(RecordValue[int]):
    """A number that only counts up."""

    def count(self) -> int:
        """Adds one, and returns the sum."""
        self.set(self.value + 1)
        return self.value
