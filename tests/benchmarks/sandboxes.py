"""Measures the cost of a sandbox: making and resetting one, with one and with a thousand alive."""

import copy
from collections.abc import Callable
from statistics import quantiles
from time import perf_counter

from mockserver.domain import Kind
from mockserver.foundation.settings import Settings
from mockserver.registry.sandboxes import SandboxRequest
from mockserver.server.app import build

LIMIT = 1e-3
"""Seconds: what one may cost at most."""


def report(times: int = 2_000) -> str:
    """A table: p50 and p99 in microseconds, and as ratios to the limit and to a copy of one agency's leads."""
    app = build(Settings(now=1_767_225_600))
    sandboxes = app.sandboxes
    store = app.sandbox.store
    leads = [store.get(Kind.ENQUIRY, id) for id in store.ids(Kind.ENQUIRY, 101)]

    def make_and_reset() -> None:
        made = sandboxes.create(SandboxRequest())
        made.reset()
        sandboxes.delete(made.id)

    copied = _measure(lambda: copy.deepcopy(leads), 20)[0]
    alone = _measure(make_and_reset, times)
    for number in range(1_000):
        sandboxes.create(SandboxRequest(id=f"live-{number}"))
    among = _measure(make_and_reset, times)
    lines = [
        "sandbox: create + reset + delete    p50 µs   p99 µs   p50/1 ms   p99/1 ms   p50/copy of 300 leads",
        _line("1 live", alone, copied),
        _line("1,000 live", among, copied),
    ]
    return "\n".join(lines) + "\n"


def _line(name: str, figures: tuple[float, float], copied: float) -> str:
    p50, p99 = figures
    ratios = f"{p50 / LIMIT:>10.2f} {p99 / LIMIT:>10.2f} {p50 / copied:>23.4f}"
    return f"{name:<34} {p50 * 1e6:>8.0f} {p99 * 1e6:>8.0f} {ratios}"


def _measure(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Seconds: the median and the 99th percentile."""
    took = []
    for _ in range(times):
        began = perf_counter()
        work()
        took.append(perf_counter() - began)
    cuts = quantiles(took, n=100)
    return cuts[49], cuts[98]
