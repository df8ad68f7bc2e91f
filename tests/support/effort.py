"""Measures work in calls of functions instead of seconds, so that it is the same on every machine."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


def calls_of(work: Callable[[], T]) -> tuple[T, int]:
    """Returns what some work gives, and how many functions were called for it, in Python or in C."""
    count = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        result = work()
    finally:
        sys.setprofile(before)
    return result, count


def lines_of(work: Callable[[], T]) -> tuple[T, int]:
    """Returns what some work gives, and how many lines of Python ran for it, each turn of a loop counted.

    It sees what `calls_of` does not: a look at one item after another without a call.
    """
    count = 0

    def note(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        result = work()
    finally:
        sys.settrace(before)
    return result, count
