"""Work beside each other: order, results, failures and Ctrl-C. Threads wait for each other, and never for a time."""

import threading
from collections.abc import Callable

import pytest

from mockserver.judge.admission import FixedJobs
from mockserver.judge.side_by_side import work_side_by_side
from tests.support.patience import PATIENCE


class Recorded:
    """The calls of one side."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.stopped = threading.Event()


def go(
    items: list[str], work: Callable[[str], str], jobs: int, recorded: Recorded, order: list[int] | None = None
) -> list[str]:
    return work_side_by_side(
        items,
        work,
        FixedJobs(jobs),
        order=list(range(len(items))) if order is None else order,
        stop=recorded.stopped.set,
        on_done=recorded.done.append,
    )


def test_results_come_in_the_order_of_the_items_whatever_begins_first() -> None:
    recorded, begun = Recorded(), list[str]()

    def work(item: str) -> str:
        begun.append(item)
        return item.upper()

    assert go(["a", "b", "c"], work, 1, recorded, order=[2, 0, 1]) == ["A", "B", "C"]
    assert begun == recorded.done == ["c", "a", "b"]
    assert not recorded.stopped.is_set()
    assert go([], work, 1, recorded) == []


def test_as_many_run_at_the_same_time_as_are_admitted_and_no_more() -> None:
    together, lock, running, most = threading.Barrier(3), threading.Lock(), set[str](), list[int]()

    def work(item: str) -> str:
        with lock:
            running.add(item)
            most.append(len(running))
        together.wait(PATIENCE)
        with lock:
            running.discard(item)
        return item

    items = [str(number) for number in range(6)]
    assert go(items, work, 3, Recorded()) == items
    assert max(most) == 3


def test_a_failure_stops_what_runs_and_lets_nothing_begin() -> None:
    recorded, begun = Recorded(), list[str]()

    def work(item: str) -> str:
        begun.append(item)
        if item == "a":
            raise LookupError("a fails")
        assert recorded.stopped.wait(PATIENCE)
        return item

    with pytest.raises(LookupError, match="a fails"):
        go(["a", "b", "c", "d"], work, 2, recorded)
    assert set(begun) <= {"a", "b"}
    assert recorded.stopped.is_set()


def test_an_interruption_stops_what_runs() -> None:
    recorded = Recorded()

    def interrupt(item: str) -> None:
        raise KeyboardInterrupt

    def work(item: str) -> str:
        assert item == "a" or recorded.stopped.wait(PATIENCE)
        return item

    with pytest.raises(KeyboardInterrupt):
        work_side_by_side(["a", "b"], work, FixedJobs(2), order=[0, 1], stop=recorded.stopped.set, on_done=interrupt)
    assert recorded.stopped.is_set()


def test_one_that_is_not_admitted_begins_when_it_is() -> None:
    asked = list[int]()

    class Later:
        most = 2
        pause: float | None = 0.001

        def admits(self, running: int) -> bool:
            asked.append(running)
            return running == 0 or asked.count(1) > 3

    both = threading.Barrier(2)

    def work(item: str) -> str:
        both.wait(PATIENCE)
        return item

    recorded = Recorded()
    results = work_side_by_side(
        ["a", "b"], work, Later(), order=[0, 1], stop=recorded.stopped.set, on_done=recorded.done.append
    )
    assert results == ["a", "b"]
    assert asked.count(1) == 4
