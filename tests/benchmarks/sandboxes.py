"""Measures the cost of a sandbox: making and resetting one, with one and with a thousand alive."""

import copy
from collections.abc import Callable
from statistics import quantiles
from time import perf_counter

from mockserver.domain import Kind
from mockserver.foundation.settings import Settings
from mockserver.registry.sandboxes import SandboxRequest
from mockserver.server.app import build
from tests.benchmarks.figures import Figure

LIMIT = 1e3
"""Microseconds that a sandbox may cost at most."""


def report(times: int = 2_000) -> list[Figure]:
    """Returns p50 and p99 in microseconds, held against a copy of one agency's leads."""
    app = build(Settings(now=1_767_225_600))
    sandboxes = app.sandboxes
    store = app.sandbox.store
    leads = [store.get(Kind.ENQUIRY, id) for id in store.ids(Kind.ENQUIRY, 101)]

    def make_and_reset() -> None:
        made = sandboxes.create(SandboxRequest())
        made.reset()
        sandboxes.delete(made.id)

    copied = _measure(lambda: copy.deepcopy(leads), 20)[0] * 1e6
    alone = _measure(make_and_reset, times)
    for number in range(1_000):
        sandboxes.create(SandboxRequest(id=f"live-{number}"))
    among = _measure(make_and_reset, times)
    return [
        Figure(f"sandbox made, reset and deleted, {live}, {name}", took * 1e6, "µs", LIMIT, "copy of 300 leads", copied)
        for live, figures in (("1 live", alone), ("1,000 live", among))
        for name, took in zip(("p50", "p99"), figures, strict=True)
    ]


def _measure(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Seconds: the median and the 99th percentile."""
    took = []
    for _ in range(times):
        began = perf_counter()
        work()
        took.append(perf_counter() - began)
    cuts = quantiles(took, n=100)
    return cuts[49], cuts[98]
