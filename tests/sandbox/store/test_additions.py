"""What was added to a world is the same, whether deferred writes were sorted in one by one or many together."""

from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain import Kind
from mockserver.sandbox.store.additions import Additions

WRITES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9), st.booleans(), st.booleans()), max_size=40)


@given(WRITES)
def test_they_are_plain_tables_by_place(writes: list[tuple[int, int, bool, bool]]) -> None:
    additions, moments = Additions(), dict[int, int]()
    earliest: list[int] = []
    for id, moment, is_deferred, is_looked_at in writes:
        if id in moments:
            of = next(additions.of(Kind.ENQUIRY))
            of.last_changes.remove(id, moments.pop(id))
            of.forget(id)
        moments[id] = moment
        earliest.append(moment)
        if is_deferred:
            additions.defer(101, {Kind.PERSON: 100 + id, Kind.ENQUIRY: id}, moment)
        else:
            additions.at(Kind.ENQUIRY, 101).last_changes.add(id, moment)
            additions.at(Kind.ENQUIRY, 101).add(id, moment)
        if is_looked_at:
            assert additions.at(Kind.ENQUIRY, 101).ids == sorted(moments)
    copy = additions.copy().at(Kind.ENQUIRY, 101)
    additions.defer(101, {Kind.ENQUIRY: 99}, 10)
    assert (copy.ids, copy.earliest) == (sorted(moments), min(earliest, default=None))
    for since in range(10):
        assert copy.last_changes.since(since) == sorted(id for id, moment in moments.items() if moment >= since)
    assert additions.at(Kind.ENQUIRY, 101).ids == [*sorted(moments), 99]


def test_many_that_nobody_looks_at_are_sorted_in_now_and_then() -> None:
    additions = Additions()
    for id in range(1_000):
        additions.defer(101, {Kind.ENQUIRY: id}, id)
        assert len(additions._waiting[101]) < 256
    assert additions.at(Kind.ENQUIRY, 101).ids == list(range(1_000))
    assert additions.at(Kind.PERSON, 101).ids == []
    assert additions.at(Kind.ENQUIRY, 102).ids == []
