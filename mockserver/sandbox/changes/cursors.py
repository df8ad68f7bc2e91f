"""Cursors that go stale: whoever gives some out seals them with the generation, which only ever grows."""

from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.changes.refusal import checked_now
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.store import Store

_COUNTER = "cursors"
END_OF_TIME: Epoch = 253_402_300_799
"""The last second of the year 9999, for what is never forgotten."""


def expire_cursors(sandbox: Sandbox) -> None:
    """No cursor that was given out so far is good any more; new ones are."""
    sandbox.store.bump(_COUNTER, until=END_OF_TIME, now=checked_now(sandbox))


def cursor_generation(store: Store, now: Epoch) -> int:
    """How often cursors have gone stale before."""
    return store.peek(_COUNTER, now)
