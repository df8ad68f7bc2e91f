"""Record tables: a change is reported however it is made, and the reports make the same state elsewhere."""

import json
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.foundation.records import RecordCounter, RecordFormat, RecordTable, RecordValue
from mockserver.foundation.stateful import RecordedComponent

START = {1: "one", 2: "two"}


class Numbers(RecordedComponent):
    """A component with a value, a counter, a table, one that has a start, and one without a prefix."""

    def __init__(self) -> None:
        mode: RecordFormat[None, str | None] = RecordFormat("mode", encode=lambda mode: [mode], decode=itemgetter(0))
        self.mode = RecordValue(mode, None)
        self.made = RecordCounter(RecordFormat("made"), 0)
        self.names: RecordTable[int, str] = RecordTable(RecordFormat("names/", key=int), applied=self._index)
        self.started: RecordTable[int, str] = RecordTable(RecordFormat("started/", key=int), start=START)
        self.pairs: RecordTable[str, tuple[int, int]] = RecordTable(RecordFormat("", encode=list, decode=tuple))
        self.by_name: dict[str, int] = {}
        super().__init__(self.mode, self.made, self.names, self.started, self.pairs)

    def _index(self, number: int, old: str | None, new: str | None) -> None:
        if old is not None and self.by_name.get(old) == number:
            del self.by_name[old]
        if new is not None:
            self.by_name[new] = number


def connected() -> tuple[Numbers, Numbers, dict[str, Any]]:
    """A component, one that is told of every change as another process is, and the records as a database has them."""
    component, twin, records = Numbers(), Numbers(), dict[str, Any]()

    def report(key: str, value: Any | None) -> None:
        value = json.loads(json.dumps(value))
        twin.load(key, value)
        records.pop(key, None)
        if value is not None:
            records[key] = value

    component.on_change(report)
    return component, twin, records


def assert_same(component: Numbers, twin: Numbers, records: Mapping[str, Any]) -> None:
    for one, other in zip(component.tables, twin.tables, strict=True):
        if isinstance(one, RecordTable) and isinstance(other, RecordTable):
            assert dict(one) == dict(other)
        elif isinstance(one, RecordValue) and isinstance(other, RecordValue):
            assert one.value == other.value
    assert json.loads(json.dumps(component.dump())) == twin.dump() == records


CHANGES: dict[str, Callable[[RecordTable[int, str], int, str], object]] = {
    "set": lambda table, key, value: table.__setitem__(key, value),
    "delete": lambda table, key, value: table.pop(key, None),
    "pop": lambda table, key, value: table.pop(key, value),
    "popitem": lambda table, key, value: table and table.popitem(),
    "clear": lambda table, key, value: table.clear(),
    "setdefault": lambda table, key, value: table.setdefault(key, value),
    "update": lambda table, key, value: table.update({key: value, key + 1: value}),
    "or": lambda table, key, value: table.__ior__({key: value}),
    "sort": lambda table, key, value: table.sort(key=lambda number: -number),
}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["names", "started"]),
            st.sampled_from(sorted(CHANGES)),
            st.integers(0, 4),
            st.sampled_from(["one", "two", "three"]),
        ),
        max_size=20,
    )
)
def test_every_change_of_a_table_is_reported_however_it_is_made(changes: list[tuple[str, str, int, str]]) -> None:
    component, twin, records = connected()
    for table, change, key, value in changes:
        CHANGES[change](getattr(component, table), key, value)
        assert_same(component, twin, records)
    assert component.by_name.keys() <= set(component.names.values())


def test_no_method_of_a_dict_changes_a_table_past_its_reports() -> None:
    changing = {"__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update"}
    reading = {"copy", "fromkeys", "get", "items", "keys", "values"}
    public = {name for name in vars(dict) if not name.startswith("__")} | {"__setitem__", "__delitem__", "__ior__"}
    assert public == changing | reading, "a newer Python has another method"
    assert changing <= vars(RecordTable).keys()


def test_values_and_counters_are_records_only_when_they_changed() -> None:
    component, twin, records = connected()
    component.mode.set("fast")
    assert [component.made.count() for _ in range(3)] == [1, 2, 3]
    component.pairs["a/b"] = (1, 2)
    assert records == {"mode": ["fast"], "made": 3, "a/b": [1, 2]}
    assert_same(component, twin, records)
    component.mode.set(None)
    assert "mode" not in records
    assert_same(component, twin, records)


def test_what_is_there_from_the_start_is_no_record_and_false_when_it_is_removed() -> None:
    component, twin, records = connected()
    component.started[3] = "three"
    component.started[1] = "other"
    del component.started[2]
    assert records == {"started/3": "three", "started/1": "other", "started/2": False}
    component.started.update(START)
    del component.started[3]
    assert records == {}
    assert_same(component, twin, records)
    # As an earlier version recorded what was added and removed.
    twin.load("started/3", False)
    assert dict(twin.started) == START


def test_a_reset_and_a_load_are_not_reported_and_a_replacement_is() -> None:
    component, twin, records = connected()
    component.names[1] = "one"
    component.started[1] = "other"
    component.made.count()
    dump = json.loads(json.dumps(component.dump()))
    component.replace({"names/2": "two"})
    assert records == {"names/2": "two"}
    assert_same(component, twin, records)
    component.reset()
    component.load("made", 7)
    assert component.dump() == {"made": 7}
    assert records == {"names/2": "two"}
    component.replace(dump)
    assert component.dump() == dump
    silent = Numbers()
    silent.replace(dump)
    assert silent.dump() == dump


def test_a_record_that_a_newer_release_has_is_left_alone() -> None:
    component = RecordedComponent(RecordTable(RecordFormat("names/")), RecordValue(RecordFormat("mode"), 1))
    component.load("unheard/of", 1)
    component.load("unheard", 1)
    assert component.dump() == {}


def test_what_is_not_there_cannot_be_removed() -> None:
    table: RecordTable[int, str] = RecordTable(RecordFormat("names/"))
    with pytest.raises(KeyError):
        del table[1]
    with pytest.raises(KeyError):
        table.pop(1)
    with pytest.raises(KeyError):
        table.popitem()
    assert table.pop(1, "none") == "none"
