"""The side of the server in a run, for tests of programs without a server."""

import time
from pathlib import Path


class Calls:
    """A `Watch` of a client that called once: when the run began, or when it had made a file."""

    def __init__(
        self, *, called: bool = False, got_error: bool = False, idle: bool = False, made: Path | None = None
    ) -> None:
        self._called, self._got_error, self._idle, self._made = called, got_error, idle, made
        self._began = time.perf_counter()
        self.ticks = 0

    def quiet(self) -> float:
        return time.perf_counter() - self._began

    def got_error(self) -> bool:
        return self._got_error

    def called(self) -> bool:
        if self._made is not None and not self._made.exists():
            self._began = time.perf_counter()
            return False
        return self._called

    def idle(self) -> float:
        return self.quiet() if self._idle else 0.0

    def tick(self) -> None:
        self.ticks += 1
