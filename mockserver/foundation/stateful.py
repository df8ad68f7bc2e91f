"""State as records: what calls change is plain JSON by key, for snapshots, for databases and for other processes.

A component holds its state in tables, and a table reports every change of it. So nothing can be changed unreported.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import methodcaller
from typing import Any, Generic, Protocol, TypeVar

K = TypeVar("K")
V = TypeVar("V")

OnChange = Callable[[str, Any | None], None]
"""Receives the key of a record that changed, and its value as plain JSON; None when it is as at the start again."""

REMOVED = False
"""The record of something that was there at the start, and is no more."""


as_json: Callable[[Any], Any] = methodcaller("model_dump", mode="json")
"""Encodes a pydantic model."""


def _as_it_is(value: Any) -> Any:
    return value


class RecordTable(dict[K, V]):
    """A dict that reports its changes: each entry is a record, whose key is the table's prefix and the entry's name.

    `start` are entries that are there from the start; they are records only when they changed. `applied` is called
    after each change with the key, the old and the new value, None where there is none, also when the change came
    from outside by `load`; it keeps what is derived from the table up to date.
    """

    __slots__ = ("_applied", "_decode", "_encode", "_has_start", "_key", "_name", "_on_change", "_start", "prefix")

    def __init__(
        self,
        prefix: str,
        *,
        key: Callable[[str], K] = _as_it_is,
        name: Callable[[K], str] = str,
        encode: Callable[[V], Any] = _as_it_is,
        decode: Callable[[Any], V] = _as_it_is,
        start: Mapping[K, V] | None = None,
        applied: Callable[[K, V | None, V | None], None] | None = None,
    ) -> None:
        """`key` is the inverse of `name`, and `decode` of `encode`."""
        self.prefix = prefix
        self._key = key
        self._name = name
        self._encode = encode
        self._decode = decode
        self._start: Mapping[K, V] = start or {}
        self._has_start = start is not None
        self._applied = applied
        self._on_change: OnChange | None = None
        super().__init__(self._start)

    def on_change(self, on_change: OnChange) -> None:
        """Reports every change from now on, but for those by `load` and `reset`."""
        self._on_change = on_change

    def __setitem__(self, key: K, value: V) -> None:
        if self._applied is None:
            dict.__setitem__(self, key, value)
        else:
            self._apply(key, value)
        if self._on_change is not None:
            self._on_change(self.prefix + self._name(key), None if self._is_start(key, value) else self._encode(value))

    def __delitem__(self, key: K) -> None:
        self._remove(key)
        if self._on_change is not None:
            self._on_change(self.prefix + self._name(key), REMOVED if key in self._start else None)

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
        dict.clear(self)
        dict.update(self, entries)

    def dump(self) -> dict[str, Any]:
        """Returns every record."""
        prefix, name, encode = self.prefix, self._name, self._encode
        records = {prefix + name(key): encode(value) for key, value in self.items() if not self._is_start(key, value)}
        records.update({prefix + name(key): REMOVED for key in self._start.keys() - self.keys()})
        return records

    def load(self, name: str, value: Any | None) -> None:
        """Takes one record over that was changed elsewhere, and does not report it."""
        key = self._key(name)
        if value is None and key in self._start:
            self._apply(key, self._start[key])
        elif value is not None and not (value is REMOVED and self._has_start):
            self._apply(key, self._decode(value))
        elif key in self:
            self._remove(key)

    def reset(self) -> None:
        """Returns to the start, and reports nothing; `applied` is not called."""
        dict.clear(self)
        dict.update(self, self._start)

    def _is_start(self, key: K, value: V) -> bool:
        return bool(self._start) and self._start.get(key) == value

    def _apply(self, key: K, value: V) -> None:
        old = self.get(key)
        dict.__setitem__(self, key, value)
        if self._applied is not None:
            self._applied(key, old, value)

    def _remove(self, key: K) -> None:
        old = self[key]
        dict.__delitem__(self, key)
        if self._applied is not None:
            self._applied(key, old, None)


class RecordValue(Generic[V]):
    """A single value that is one record of a component; it is not one while it is as at the start.

    `applied` is called with the value after each change, also by `load` and `reset`.
    """

    __slots__ = ("_applied", "_decode", "_encode", "_on_change", "_start", "prefix", "value")

    def __init__(
        self,
        key: str,
        start: V,
        *,
        encode: Callable[[V], Any] = _as_it_is,
        decode: Callable[[Any], V] = _as_it_is,
        applied: Callable[[V], None] | None = None,
    ) -> None:
        """`decode` is the inverse of `encode`."""
        self.prefix = key
        self.value = start
        """The value as it is now; `set` changes it."""
        self._start = start
        self._encode = encode
        self._decode = decode
        self._applied = applied
        self._on_change: OnChange | None = None

    def on_change(self, on_change: OnChange) -> None:
        """Reports every change from now on, but for those by `load` and `reset`."""
        self._on_change = on_change

    def set(self, value: V) -> None:
        """Changes the value."""
        self._apply(value)
        if self._on_change is not None:
            self._on_change(self.prefix, None if value == self._start else self._encode(value))

    def dump(self) -> dict[str, Any]:
        """Returns the record, if there is one."""
        return {} if self.value == self._start else {self.prefix: self._encode(self.value)}

    def load(self, name: str, value: Any | None) -> None:
        """Takes the record over that was changed elsewhere, and does not report it."""
        self._apply(self._start if value is None else self._decode(value))

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


class StatefulComponent(Protocol):
    """Something in a sandbox that calls change, such as its clock or its faults."""

    def on_change(self, on_change: OnChange) -> None:
        """Reports every record that changes from now on."""

    def dump(self) -> Mapping[str, Any]:
        """Returns every record that is not as it was at the start, as plain JSON by key."""

    def load(self, key: str, value: Any | None) -> None:
        """Takes one record over that was changed elsewhere; None is "as at the start". It is not reported."""

    def reset(self) -> None:
        """Returns to the start; nothing is reported."""

    def replace(self, records: Mapping[str, Any]) -> None:
        """Makes the state those records, and reports the difference."""


class RecordedComponent:
    """A `StatefulComponent` whose state is tables and values, told apart by how the keys of their records begin.

    A table without a prefix has the records that no other begins like.
    """

    def __init__(self, *records: RecordTable[Any, Any] | RecordValue[Any]) -> None:
        self.tables = records
        """Everything that has records, for a component of which this one is a part."""
        self._records = {table.prefix: table for table in records}
        self._on_change: OnChange | None = None

    def on_change(self, on_change: OnChange) -> None:
        """Implements `StatefulComponent.on_change`."""
        self._on_change = on_change
        for records in self._records.values():
            records.on_change(on_change)

    def dump(self) -> Mapping[str, Any]:
        """Implements `StatefulComponent.dump`."""
        return _merged(records.dump() for records in self._records.values())

    def load(self, key: str, value: Any | None) -> None:
        """Implements `StatefulComponent.load`; an unknown record, of a newer release, has no effect."""
        space, slash, name = key.partition("/")
        if (records := self._records.get(space + slash)) is not None:
            records.load(name, value)
        elif (records := self._records.get("")) is not None:
            records.load(key, value)

    def reset(self) -> None:
        """Implements `StatefulComponent.reset`."""
        for records in self._records.values():
            records.reset()

    def replace(self, records: Mapping[str, Any]) -> None:
        """Implements `StatefulComponent.replace`."""
        before = self.dump() if self._on_change else {}
        self.reset()
        for key, value in records.items():
            self.load(key, value)
        if self._on_change is not None:
            _report_difference(before, records, self._on_change)


def _merged(dumps: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {key: value for dump in dumps for key, value in dump.items()}


def _report_difference(before: Mapping[str, Any], after: Mapping[str, Any], on_change: OnChange) -> None:
    for key in before.keys() - after.keys():
        on_change(key, None)
    for key, value in after.items():
        if before.get(key) != value:
            on_change(key, value)
