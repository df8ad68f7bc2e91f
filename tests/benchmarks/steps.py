"""Counts the work of a call in steps, instructions of Python's virtual machine, and in calls of functions in C.

They are the same on every machine with the same minor version of Python, however busy it is.
"""

import gc
import sys
from collections import Counter
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

_UNCOUNTED = "tests.benchmarks.in_process"
"""The module whose functions make the calls, and are no part of them."""
_CHEAP = {
    *("builtins", "_collections", "itertools", "_functools", "_operator", "_asyncio", "time", "_thread", "_bisect"),
    *("_heapq", "mockserver"),
}
"""Packages whose functions in C take about as long as an instruction; ours has those of dict and the like."""


def steps_of(work: Callable[[], object], times: int = 10) -> dict[str, float]:
    """Returns the steps that some work takes each time, by the full name of the function that takes them."""
    counts: Counter[CodeType] = Counter()
    modules: dict[CodeType, str] = {}

    def note(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "opcode":
            counts[frame.f_code] += 1
        return note

    def enter(frame: FrameType, event: str, argument: Any) -> Any:
        module = str(frame.f_globals.get("__name__", "?"))
        if module == _UNCOUNTED:
            return None
        modules[frame.f_code] = module
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        return note

    before = sys.gettrace()
    _repeat(work, times, lambda: sys.settrace(enter), lambda: sys.settrace(before))
    named: Counter[str] = Counter()
    for code, count in counts.items():
        named[f"{modules[code]}.{code.co_qualname}"] += count
    return {name: count / times for name, count in sorted(named.items())}


def natives_of(work: Callable[[], object], times: int = 10) -> dict[str, float]:
    """Returns how often some work calls functions in C that do much at once, such as parsers, each time, by name."""
    counts: Counter[str] = Counter()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "c_call":
            module = argument.__module__ or type(argument.__self__).__module__
            if module.partition(".")[0] not in _CHEAP and frame.f_globals.get("__name__") != _UNCOUNTED:
                counts[f"{module}.{argument.__qualname__}"] += 1

    before = sys.getprofile()
    _repeat(work, times, lambda: sys.setprofile(note), lambda: sys.setprofile(before))
    counts.pop("sys.setprofile", None)
    return {name: count / times for name, count in sorted(counts.items())}


def _repeat(work: Callable[[], object], times: int, begin: Callable[[], None], end: Callable[[], None]) -> None:
    """Does some work over and over, with its caches warm, and without the garbage collector between."""
    for _ in range(3):
        work()
    gc.disable()
    begin()
    try:
        for _ in range(times):
            work()
    finally:
        end()
        gc.enable()


def calibration() -> int:
    """Does what handling a request is made of, always as much of it: the unit in which other counts are told."""
    table: dict[str, tuple[str, int]] = {}
    for number in range(200):
        name = f"header-{number % 50}"
        kept = table.get(name)
        try:
            table[name] = (name.upper(), _next(kept[1] if kept else number))
        except ValueError:
            table.pop(name, None)
    return sum(value for _, value in sorted(table.values(), key=lambda pair: pair[1]))


def _next(number: int) -> int:
    if number % 7 == 6:
        raise ValueError(number)
    return number + len("".join([str(number), ":"]).encode())
