"""Lets Python look for garbage in cycles seldom, while there is a lot that is kept and has none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (20_000, 10, 10)
"""At the usual ones more than half of the time to judge very many calls goes there."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Raises the thresholds of the collector meanwhile; one that is off stays off."""
    before = gc.get_threshold()
    if before[0]:
        gc.set_threshold(*map(max, before, _THRESHOLDS))
    try:
        yield
    finally:
        gc.set_threshold(*before)


def start_collecting() -> None:
    """Turns the collector on, which a command turned off at its start; what was made since stays for good."""
    gc.freeze()
    gc.enable()
