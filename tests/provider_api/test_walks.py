"""Long walks go on in the next time slice where the last one ended, and begin anew when the store has changed."""

from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest

from mockserver.domain import Kind
from mockserver.foundation import slices
from mockserver.foundation.slices import SliceOver
from mockserver.provider_api.walks import Walks
from mockserver.sandbox.store import MemoryStore, Store
from tests.conftest import MakeClient


def store(revision: int) -> Store:
    return cast(Store, SimpleNamespace(revision=revision))


def test_a_walk_goes_on_with_what_it_did_not_visit() -> None:
    walks, visits = Walks(), Counter[int]()

    def visit(id: int) -> int:
        visits[id] += 1
        if id == 3 and visits[id] == 1:
            raise SliceOver
        return id * id

    with pytest.raises(SliceOver):
        walks.over(store(1), "squares", range(5), visit)
    assert walks.over(store(1), "squares", range(5), visit) == [0, 1, 4, 9, 16]
    assert visits == {0: 1, 1: 1, 2: 1, 3: 2, 4: 1}
    assert walks.over(store(1), "others", range(2), str) == ["0", "1"]


def test_a_walk_begins_anew_when_the_store_has_changed() -> None:
    walks = Walks()
    assert walks.over(store(1), "ids", range(3), str) == ["0", "1", "2"]
    assert walks.over(store(2), "ids", range(1), str) == ["0"]


def test_what_is_worked_out_once_stays_until_the_store_changes() -> None:
    walks, made = Walks(), iter("abc")
    assert [walks.once(store(1), "letter", lambda: next(made)) for _ in range(2)] == ["a", "a"]
    assert walks.once(store(1), "another", lambda: next(made)) == "b"
    assert walks.once(store(2), "letter", lambda: next(made)) == "c"


def test_the_first_ones_are_taken_in_as_many_slices_as_it_takes() -> None:
    walks, begun_behind = Walks(), list[int | None]()

    def behind(last: int | None) -> Iterator[int]:
        begun_behind.append(last)
        for number in range(0 if last is None else last + 1, 100):
            if number == 3 and len(begun_behind) == 1:
                raise SliceOver
            yield number

    with pytest.raises(SliceOver):
        walks.first(store(1), "numbers", 5, behind)
    assert walks.first(store(1), "numbers", 5, behind) == [0, 1, 2, 3, 4]
    assert begun_behind == [None, 2]
    assert walks.first(store(2), "numbers", 2, behind) == [0, 1]


def test_a_page_looks_at_each_lead_once_however_many_slices_it_takes(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A world of its own, of which no other test has made anything.
    client = make_client(seed=83_217)
    moments, looks = iter(range(100_000)), Counter[int]()
    encoded = MemoryStore.encoded

    def count(self: MemoryStore, view: str, kind: Kind, id: int) -> bytes | None:
        looks[id] += 1
        return encoded(self, view, kind, id)

    monkeypatch.setattr(MemoryStore, "encoded", count)
    # Each look at the time sees a second more: every slice ends at the second look.
    monkeypatch.setattr(slices, "stopwatch", lambda: float(next(moments)))
    leads = client.get("/apimo/agencies/101/leads").json()["leads"]
    assert len(leads) == 25
    slices_taken = next(moments) // 2
    assert slices_taken > 25
    assert max(looks.values()) < 8, "a lead is begun again only when a slice ended in the middle of it"
