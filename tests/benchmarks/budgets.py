"""Holds the work of each workload against what it was when it was last recorded, and names the functions that grew.

`python -m tests.benchmarks --budgets` records anew. As a process, `python -m tests.benchmarks.budgets` counts steps;
under callgrind it has instructions counted.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks import instructions
from tests.benchmarks.in_process import answers_of, make_server, prepared
from tests.benchmarks.steps import calibration, natives_of, steps_of

FILE = Path(__file__).parents[1] / "recorded" / "budgets.json"
ALLOWED = 1.10
"""The most that a workload may take, as a ratio to what is recorded."""
ALLOWED_ELSEWHERE = 1.5
"""The same with a minor version of Python for which nothing is recorded: it counts in other instructions."""
CALIBRATION = "calibration"
_ROOT = Path(__file__).parents[2]
_SHOWN = 5
Counts = Mapping[str, Mapping[str, float]]
"""A count for each function, or each file of a program, by workload."""


def works(loop: asyncio.AbstractEventLoop) -> dict[str, Callable[[], object]]:
    """Returns all workloads by name, and the calibration, each to be done once by a call, in a loop that rests."""
    app = make_server()
    return {CALIBRATION: calibration, **answers_of(app, loop, prepared(app, loop))}


def count_steps() -> dict[str, Counts]:
    """Returns steps and calls into C of all workloads, counted in a process of their own with fixed hashes."""
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", "tests.benchmarks.budgets"]
    done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the steps could not be counted: {done.stderr[-2000:]}")
    counted: dict[str, Counts] = json.loads(done.stdout)
    return counted


def record() -> None:
    """Writes what all workloads take now, for this minor version of Python; instructions where they can be counted."""
    kept: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    counted: dict[str, Any] = count_steps()
    if instructions.can_count():
        counted["instructions"] = instructions.instructions_of("tests.benchmarks.budgets")
    kept[minor()] = {**kept.get(minor(), {}), **counted}
    FILE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def recorded(kind: str) -> tuple[Counts, float]:
    """Returns what is on file, and the ratio that is allowed; another minor version's where this one has nothing."""
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    if kind in kept.get(minor(), {}):
        return kept[minor()][kind], ALLOWED
    return next(entry[kind] for _, entry in sorted(kept.items()) if kind in entry), ALLOWED_ELSEWHERE


def minor() -> str:
    """The minor version of Python, as in `3.11`."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def grown(kept: Counts, now: Counts, allowed: float) -> list[str]:
    """Returns a sentence for each workload that takes more than is allowed, in units of the calibration.

    It names the functions that grew most. A workload that is not on file is not allowed either.
    """
    unit = sum(now[CALIBRATION].values()) / sum(kept[CALIBRATION].values())
    sentences = []
    for name, counts in now.items():
        before = {function: count * unit for function, count in kept.get(name, {}).items()}
        total, limit = sum(counts.values()), sum(before.values()) * allowed
        if name != CALIBRATION and total > limit:
            sentences.append(
                f"{name} takes {total:,.0f}, more than {allowed:g} times the {limit / allowed:,.0f} on file; "
                f"grown: {', '.join(growth(before, counts)[:_SHOWN])}"
            )
    return sentences


def more_often(kept: Counts, now: Counts, allowed: float) -> list[str]:
    """Returns a sentence for each workload that calls a function in C more often than is allowed."""
    return [
        f"{name} calls {function} {count:g} times, not {kept.get(name, {}).get(function, 0):g}"
        for name, counts in now.items()
        for function, count in counts.items()
        if count > kept.get(name, {}).get(function, 0) * allowed
    ]


def growth(before: Mapping[str, float], now: Mapping[str, float]) -> list[str]:
    """Returns the functions that take more than before, by how much more, the most first."""
    more = {name: now[name] - before.get(name, 0.0) for name in now}
    return [f"{name} +{more[name]:,.0f}" for name in sorted(more, key=more.__getitem__, reverse=True) if more[name] > 0]


def _main() -> None:
    if instructions.UNDER_VALGRIND in os.environ:
        instructions.count(works(asyncio.new_event_loop()))
        return
    todo = works(asyncio.new_event_loop())
    counted = {
        "steps": {name: steps_of(work) for name, work in todo.items()},
        "calls": {name: natives_of(work) for name, work in todo.items()},
    }
    sys.stdout.write(json.dumps(counted) + "\n")


if __name__ == "__main__":
    _main()
