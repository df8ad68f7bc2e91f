"""Stateful components: the parts of a sandbox that calls change, and whose state is records."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from mockserver.foundation.disposal import dispose
from mockserver.foundation.records import OnChange, RecordTable, RecordValue


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


class ComponentState(Mapping[str, Any]):
    """The state of a component as it was once: its records, encoded only when somebody reads them.

    It shares with the component what never changes, so that it is taken, and taken over, in a moment.
    """

    def __init__(self, tables: "Sequence[RecordTable[Any, Any] | RecordValue[Any]]", derived: Any = None) -> None:
        """`derived` is what the component derives from its tables, for itself."""
        self.tables = tables
        self.derived = derived

    def __getitem__(self, key: str) -> Any:
        return self._records()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records())

    def __len__(self) -> int:
        return len(self._records())

    def records(self) -> Iterator[tuple[str, Any]]:
        """Yields each record with its key, encoded only now, so that many of them can be read in turns."""
        for table in self.tables:
            yield from table.records()

    def dispose(self) -> None:
        """Gives the tables back, the large ones in turns; nobody may use the state any more."""
        dispose(*(records.empty() for records in self.tables if isinstance(records, RecordTable)))

    def _records(self) -> dict[str, Any]:
        return _merged(records.dump() for records in self.tables)


class RecordedComponent:
    """A `StatefulComponent` whose state is tables and values, told apart by how the keys of their records begin.

    A table without a prefix has the records that no other begins like.
    """

    def __init__(self, *records: RecordTable[Any, Any] | RecordValue[Any]) -> None:
        self.tables = records
        """Everything that has records, for a component of which this one is a part."""
        self._by_prefix: Mapping[str, RecordTable[Any, Any] | RecordValue[Any]] | None = None
        self._on_change: OnChange | None = None

    def on_change(self, on_change: OnChange) -> None:
        """Implements `StatefulComponent.on_change`."""
        self._on_change = on_change
        for records in self.tables:
            records.on_change(on_change)

    def dump(self) -> Mapping[str, Any]:
        """Implements `StatefulComponent.dump`."""
        return _merged(records.dump() for records in self.tables)

    def capture(self) -> ComponentState:
        """Returns the state as it is now, for a component whose entries never change."""
        return ComponentState([records.detached() for records in self.tables])

    def load(self, key: str, value: Any | None) -> None:
        """Implements `StatefulComponent.load`; an unknown record, of a newer release, has no effect."""
        if self._by_prefix is None:
            self._by_prefix = {records.format.prefix: records for records in self.tables}
        space, slash, name = key.partition("/")
        if (records := self._by_prefix.get(space + slash)) is not None:
            records.load(name, value)
        elif (records := self._by_prefix.get("")) is not None:
            records.load(key, value)

    def reset(self) -> None:
        """Implements `StatefulComponent.reset`."""
        for records in self.tables:
            records.reset()

    def replace(self, records: Mapping[str, Any]) -> None:
        """Implements `StatefulComponent.replace`."""
        if isinstance(records, ComponentState) and self._on_change is None:
            self.reset()
            self._adopt(records)
            return
        before = self.dump() if self._on_change else {}
        self.reset()
        for key, value in records.items():
            self.load(key, value)
        if self._on_change is not None:
            _report_difference(before, records, self._on_change)

    def _adopt(self, state: ComponentState) -> None:
        for records, captured in zip(self.tables, state.tables, strict=True):
            records.adopt(captured)  # type: ignore[arg-type]  # in the order of the tables of the same component


def _merged(dumps: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {key: value for dump in dumps for key, value in dump.items()}


def _report_difference(before: Mapping[str, Any], after: Mapping[str, Any], on_change: OnChange) -> None:
    for key in before.keys() - after.keys():
        on_change(key, None)
    for key, value in after.items():
        if before.get(key) != value:
            on_change(key, value)
