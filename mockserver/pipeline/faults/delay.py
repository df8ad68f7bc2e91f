"""Holding a response until time has passed on the sandbox's clock, never longer than that takes in reality."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.connection import Connection
from mockserver.sandbox.faults import FaultHit
from mockserver.sandbox.faults.prefer import PREFERRED
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.unit_of_work import StoreBusy

_LOOK_EVERY = 0.05
"""Seconds between two looks at a sandbox whose clock another process may move."""


class ResponseDelay:
    """The time since one response was made, on the sandbox's clock and on a stopwatch."""

    def __init__(
        self, sandbox: Sandbox, hit: FaultHit, made_at: float, made_at_real: float, connection: Connection | None
    ) -> None:
        self.connection = connection
        """The connection to the client; None in process."""
        self._sandbox = sandbox
        self._hit = hit
        self._made_at = made_at
        self._made_at_real = made_at_real

    async def until(self, seconds: float) -> None:
        """Waits until that much time has passed since the response was made: on the sandbox's clock, or in reality.

        It ends at once when the clock is moved on far enough, the fault is taken away, the sandbox reset, the client
        gone or the server about to stop.
        """
        if seconds <= 0:
            return
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            # Who moves the clock may do so from another thread.
            loop.call_soon_threadsafe(woken.set)

        for listeners in self._listeners():
            listeners.add(wake)
        try:
            while (left := self._left(seconds)) > 0:
                woken.clear()
                with suppress(TimeoutError):
                    most = min(left, _LOOK_EVERY) if self._sandbox.is_shared else left
                    await asyncio.wait_for(woken.wait(), most)
        finally:
            for listeners in self._listeners():
                listeners.discard(wake)

    def _listeners(self) -> list[set[Callable[[], None]]]:
        listeners = [self._sandbox.clock.listeners, self._sandbox.faults.listeners]
        return listeners if self.connection is None else [*listeners, self.connection.listeners]

    def _left(self, seconds: float) -> float:
        """Returns how many seconds it still takes, as things stand."""
        if self.connection is not None and self.connection.closing:
            return 0.0
        try:
            with self._sandbox.transaction():
                if self._hit.id != PREFERRED and self._sandbox.faults.get(self._hit.id) is None:
                    return 0.0
                now = self._sandbox.clock.time()
        except StoreBusy:
            return min(_LOOK_EVERY, self._made_at_real + seconds - stopwatch())
        except Exception:
            # It is no more, or its store cannot be reached. The response is made; nothing is won by holding it.
            return 0.0
        return min(self._made_at + seconds - now, self._made_at_real + seconds - stopwatch())
