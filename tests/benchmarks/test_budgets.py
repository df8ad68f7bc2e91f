"""No workload takes more work than is on file, and what grew is named. Work is counted; no test asserts a time."""

import asyncio
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from inspect import isfunction
from typing import Any

import orjson
import pytest

from tests.benchmarks import budgets
from tests.benchmarks.budgets import ALLOWED, CALIBRATION, grown, growth, more_often, recorded
from tests.benchmarks.instructions import can_count, instructions_of
from tests.benchmarks.steps import calibration, natives_of, steps_of
from tests.benchmarks.workloads import ALL

Works = dict[str, Callable[[], object]]
RENEW = "if that is meant, record it: python -m tests.benchmarks --budgets"


@pytest.fixture(scope="module")
def works() -> Iterator[Works]:
    """The workloads, in this process."""
    loop = asyncio.new_event_loop()
    yield budgets.works(loop)
    loop.close()


def test_no_workload_takes_more_steps_than_are_on_file() -> None:
    counted = budgets.count_steps()
    kept, allowed = recorded("steps")
    assert grown(kept, counted["steps"], allowed) == [], RENEW
    kept, allowed = recorded("calls")
    assert more_often(kept, counted["calls"], allowed) == [], RENEW
    assert set(counted["steps"]) == {CALIBRATION, *(workload.name for workload in ALL)}


@pytest.mark.slow
def test_no_workload_takes_more_instructions_than_are_on_file() -> None:
    if not can_count():
        return  # steps are held to their file everywhere
    kept, allowed = recorded("instructions")
    assert grown(kept, instructions_of("tests.benchmarks.budgets"), allowed) == [], RENEW


def test_a_function_that_became_slower_is_named(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {CALIBRATION: steps_of(calibration), "W2": steps_of(works["W2"])}
    made, name = next(found for taken in sorted(kept["W2"]) if (found := _method(taken)))
    quick = getattr(made, name)

    def dawdle(*arguments: Any, **options: Any) -> Any:
        for _ in range(500):
            """A loop that was forgotten."""
        return quick(*arguments, **options)

    monkeypatch.setattr(made, name, dawdle)
    now = {CALIBRATION: steps_of(calibration), "W2": steps_of(works["W2"])}
    (sentence,) = grown(kept, now, ALLOWED)
    assert sentence.startswith("W2 takes ")
    assert re.search(r"on file; grown: \S+\.dawdle \+", sentence)


def _method(taken: str) -> tuple[type, str] | None:
    """Returns the class and the name of a method; None for the name of any other function."""
    match = re.fullmatch(r"(mockserver\.[a-z_.]+)\.([A-Z]\w+)\.([a-z]\w+)", taken)
    made = getattr(import_module(match[1]), match[2]) if match else None
    return (made, match[3]) if match and made and isfunction(vars(made).get(match[3])) else None


def test_a_parser_that_is_called_once_more_is_named(works: Works) -> None:
    def search_with_a_look() -> None:
        works["W5"]()
        orjson.loads(b"{}")

    kept, now = {"W5": natives_of(works["W5"])}, {"W5": natives_of(search_with_a_look)}
    assert ["W5", "calls", "orjson.loads"] in [sentence.split()[:3] for sentence in more_often(kept, now, ALLOWED)]
    assert more_often(kept, kept, ALLOWED) == []


def test_steps_are_the_same_each_time(works: Works) -> None:
    assert steps_of(calibration) == steps_of(calibration)
    first, second = (sum(steps_of(works["W1"]).values()) for _ in range(2))
    assert abs(first - second) < first / 100


def test_growth_is_told_in_units_of_the_calibration() -> None:
    kept = {CALIBRATION: {"c": 100.0}, "W1": {"a": 50.0, "b": 50.0}}
    assert grown(kept, {CALIBRATION: {"c": 200.0}, "W1": {"a": 120.0, "b": 100.0}}, ALLOWED) == []
    (sentence,) = grown(kept, {CALIBRATION: {"c": 200.0}, "W1": {"a": 125.0, "b": 100.0}}, ALLOWED)
    assert sentence == "W1 takes 225, more than 1.1 times the 200 on file; grown: a +25"
    assert growth({"a": 2.0, "b": 9.0}, {"b": 10.0, "c": 5.0}) == ["c +5", "b +1"]
