"""Decides when another drill may begin beside those that run: clients mostly wait, so a number is no good rule."""

from collections.abc import Callable
from typing import Protocol

from mockserver.foundation.machine import MachineUse, read_machine_use
from mockserver.judge.program import ConformError

MAX_JOBS = 16
"""Drills at the same time, however much of the machine is free."""
LOOK = 0.1
"""Real seconds between two looks at the machine: the use of a drill that has begun shows in the next one."""
_FREE = 0.75
"""Cores that must have been free since the last look."""
_PROCESS = 0.85
"""Cores that this process may use itself: its threads, among them clients that are callables, share one core."""
_CERTAIN = 4
"""Drills at the same time in any case: also where others use the whole machine, or nothing tells what it does."""


class Admission(Protocol):
    """Says whether another drill may begin."""

    most: int
    """Drills at the same time."""
    pause: float | None
    """Real seconds after which the answer may be another one; None when only the end of a drill changes it."""

    def admits(self, running: int) -> bool:
        """Tells whether another drill may begin beside so many; it then must."""


class FixedJobs:
    """Admits a number of drills at the same time."""

    pause: float | None = None

    def __init__(self, jobs: int) -> None:
        self.most = jobs

    def admits(self, running: int) -> bool:
        """Tells whether there are fewer."""
        return running < self.most


class WhileACoreIsFree:
    """Admits a drill, one after each look at the machine, for as long as a core had nothing to do."""

    pause: float | None = LOOK

    def __init__(self, read: Callable[[], MachineUse | None], certain: int = _CERTAIN, most: int = MAX_JOBS) -> None:
        """`certain` drills run at the same time in any case."""
        self.most = most
        self._read, self._certain = read, certain
        self._before = read()

    def admits(self, running: int) -> bool:
        """Tells whether another drill may begin."""
        if running >= self.most:
            return False
        if running < self._certain:
            self._before = self._read()
            return True
        now, before = self._read(), self._before
        if now is None or before is None:
            self._before = now
            return False
        if now.at - before.at < LOOK:
            return False
        self._before = now
        return now.free_cores(before) >= _FREE and now.process_share(before) <= _PROCESS


def admission_of(jobs: int | None, read: Callable[[], MachineUse | None] = read_machine_use) -> Admission:
    """Returns the admission of that many drills; None is as many as the machine takes. Raises ConformError."""
    if jobs is not None:
        if isinstance(jobs, bool) or not 1 <= jobs <= MAX_JOBS:
            raise ConformError(f"jobs is {jobs!r}; 1 to {MAX_JOBS} drills can run at the same time")
        return FixedJobs(jobs)
    return FixedJobs(_CERTAIN) if read() is None else WhileACoreIsFree(read)
