"""Waiting in tests: for something to come about, with a ceiling that only what hangs ever meets."""

import os
import time
from collections.abc import Callable

PATIENCE = 180.0
"""Seconds after which something hangs, however busy the machine is: what works takes a tenth of them at most."""
_PAUSE = 0.01
_TIMED = frozenset({"FAULT-01", "FAULT-02", "FAULT-03"})
_TRIES = 4
_GIVES_UP = "FAULT-04"
_LONG_SETTLE = 4.0


def until(holds: Callable[[], object], patience: float = PATIENCE) -> None:
    """Returns when that holds; fails when it does not come about."""
    over = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < over, f"it did not come about within {patience:g} seconds"
        time.sleep(_PAUSE)


def unhurried(seconds: float) -> float:
    """Returns seconds of a quiet machine as seconds of this one: more, when more want to run than it has cores.

    It is for silence that is taken for an end, which a busy client must not keep by accident.
    """
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def tries_of(obligation: str) -> int:
    """Returns how often a client is tried that breaks an obligation: who waits too short a time may be late by load.

    Such a run is judged right, and shows nothing of the mistake.
    """
    return _TRIES if obligation in _TIMED else 1


def settle_of(obligation: str, settle: float) -> float:
    """Returns the silence, in seconds, that is the end of a run: who never gives up must not seem to rest instead."""
    return _LONG_SETTLE if obligation == _GIVES_UP else settle
