"""Who changed since a moment is found by bisection, in whatever order it was written."""

from hypothesis import given
from hypothesis import strategies as st

from mockserver.sandbox.store.last_changes import LastChanges

MOMENTS = st.integers(0, 9)


@given(st.lists(st.tuples(st.integers(0, 12), MOMENTS, st.booleans())), MOMENTS)
def test_it_is_a_plain_table_of_moments(writes: list[tuple[int, int, bool]], since: int) -> None:
    changes, table = LastChanges(), dict[int, int]()
    for id, moment, is_removal in writes:
        if id in table:
            changes.remove(id, table.pop(id))
        if not is_removal:
            changes.add(id, moment)
            table[id] = moment
    copy = changes.copy()
    changes.add(99, 9)
    assert changes.since(since) == [*copy.since(since), 99]
    assert copy.since(since) == sorted(id for id, moment in table.items() if moment >= since)
