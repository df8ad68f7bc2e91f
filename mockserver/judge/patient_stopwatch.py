"""Measures how long a client was given: on a busy machine seconds count for less, since it can do less in each."""

import threading
from collections.abc import Callable

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.machine import slowdown

_LOOK = 0.1
"""Real seconds for which a look at the machine is good."""
_SHARED = 4.0
"""Programs that may want each core before seconds count for less: limits of time are not that tight."""
_MOST = 10.0
"""The number of times that a second counts for less at most: in the end every wait is over."""


class PatientStopwatch:
    """A stopwatch that runs slower while many programs want each core. Any thread may read it."""

    def __init__(self, read: Callable[[], float] = stopwatch, slow: Callable[[], float] = slowdown) -> None:
        self._read, self._slow = read, slow
        self._lock = threading.Lock()
        self._at = self._looked_at = read()
        self._seconds = 0.0
        self._divisor = 1.0

    def seconds(self) -> float:
        """Returns the seconds since it was made, as they count."""
        with self._lock:
            now = self._read()
            if now - self._looked_at >= _LOOK:
                self._divisor = min(_MOST, max(1.0, self._slow() / _SHARED))
                self._looked_at = now
            self._seconds += (now - self._at) / self._divisor
            self._at = now
            return self._seconds
