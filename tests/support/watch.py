"""The side of the server in a run, for tests of programs without a server."""

import time


class Calls:
    """A `Watch` of a client that called once, so many seconds ago."""

    def __init__(self, *, called: bool = False, got_error: bool = False, idle: bool = False) -> None:
        self._called, self._got_error, self._idle, self._began = called, got_error, idle, time.perf_counter()
        self.ticks = 0

    def quiet(self) -> float:
        return time.perf_counter() - self._began

    def got_error(self) -> bool:
        return self._got_error

    def called(self) -> bool:
        return self._called

    def idle(self) -> float:
        return self.quiet() if self._idle else 0.0

    def tick(self) -> None:
        self.ticks += 1
