"""Holding an answer until time has passed on the sandbox's clock, never longer than that takes in reality."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.connection import Connection
from mockserver.sandbox.faults import FaultHit
from mockserver.sandbox.faults.prefer import ID
from mockserver.sandbox.sandbox import Sandbox

_LOOK_EVERY = 0.05
"""Seconds between two looks at a sandbox whose clock another process may move."""


class ResponseDelay:
    """The time of one answer, from when it was made."""

    def __init__(self, sandbox: Sandbox, hit: FaultHit, connection: Connection | None) -> None:
        self._sandbox = sandbox
        self._strike = hit
        self._connection = connection

    async def until(self, seconds: float) -> None:
        """Waits until that much time has passed since the answer was made: on the sandbox's clock, or in reality.

        It ends at once when the clock is moved on far enough, the fault is taken away, the sandbox reset, the client
        gone or the server about to stop.
        """
        if seconds <= 0:
            return
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            # Who moves the clock may do so from another thread.
            loop.call_soon_threadsafe(woken.set)

        for listeners in self._told_by():
            listeners.add(wake)
        try:
            while (left := self._left(seconds)) > 0:
                woken.clear()
                with suppress(TimeoutError):
                    most = left if self._sandbox.unit_of is None else min(left, _LOOK_EVERY)
                    await asyncio.wait_for(woken.wait(), most)
        finally:
            for listeners in self._told_by():
                listeners.discard(wake)

    def _told_by(self) -> list[set[Callable[[], None]]]:
        told_by = [self._sandbox.clock.listeners, self._sandbox.faults.listeners]
        return told_by if self._connection is None else [*told_by, self._connection.listeners]

    def _left(self, seconds: float) -> float:
        """How many seconds it still takes, as things stand."""
        if self._connection is not None and self._connection.closing:
            return 0.0
        hit = self._strike
        try:
            with self._sandbox.transaction():
                if hit.id != ID and self._sandbox.faults.get(hit.id) is None:
                    return 0.0
                now = self._sandbox.clock.time()
        except Exception:
            # It is no more, or whoever keeps it cannot be asked. The answer is made; nothing is won by holding it.
            return 0.0
        return min(hit.began + seconds - now, hit.began_real + seconds - stopwatch())
