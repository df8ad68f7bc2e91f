"""Measures the road of a call in this process, from the bytes of a request to those of its response.

It is held against constant bytes over uvicorn's protocol, in the same rounds. Microseconds are those of the processor.
"""

import asyncio
from collections.abc import Callable
from time import process_time

from tests.benchmarks.constant import Constant
from tests.benchmarks.figures import Figure
from tests.benchmarks.in_process import answers_of, body_of, make_server, prepared

_LIMITS = {"W1": 12.0, "W2": 12.0, "W3": 20.0, "W5": 20.0, "W6": 20.0, "W7": 25.0, "W8": 25.0}
"""The most microseconds of a call without HTTP around it; that takes some more."""


def report(rounds: int = 20, calls: int = 200) -> list[Figure]:
    """Returns the microseconds of each workload, the least of all rounds."""
    loop = asyncio.new_event_loop()
    app = make_server()
    workloads = prepared(app, loop)
    ours = answers_of(app, loop, workloads)
    canned = {
        (workload.method, workload.route): (workload.status, body_of(ours[workload.name]())) for workload in workloads
    }
    constant = answers_of(Constant(canned), loop, workloads)
    figures = []
    for workload in workloads:
        name = workload.name
        least = [_least(answer, rounds, calls) for answer in (ours[name], constant[name])]
        title = f"{name} {workload.title}"
        figures.append(Figure(title, least[0], "µs", _LIMITS.get(name), "constant bytes", least[1]))
    loop.close()
    return figures


def _least(work: Callable[[], object], rounds: int, calls: int) -> float:
    least = float("inf")
    for _ in range(rounds):
        began = process_time()
        for _ in range(calls):
            work()
        least = min(least, process_time() - began)
    return least / calls * 1e6
