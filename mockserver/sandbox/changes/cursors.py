"""Cursors go stale: each is sealed with the generation of its time, which only ever grows."""

from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.changes.refusal import checked_now
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.store import Store

_COUNTER = "cursors"
END_OF_TIME: Epoch = 253_402_300_799
"""The last second of the year 9999, for what is never forgotten."""


def expire_cursors(sandbox: Sandbox) -> None:
    """Makes every cursor stale that was given out so far; new ones are good."""
    sandbox.store.bump(_COUNTER, until=END_OF_TIME, now=checked_now(sandbox))


def cursor_generation(store: Store, now: Epoch) -> int:
    """Counts how often cursors have gone stale before."""
    return store.peek(_COUNTER, now)
