"""A client program that can be run once: what a run needs, what it returns, and how long it is waited for."""

import threading
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from mockserver.foundation.dataclass import dataclass
from mockserver.judge.evidence import Ending
from mockserver.judge.patient_stopwatch import PatientStopwatch

TIMEOUT = 60.0
"""Seconds that a run may take."""
SETTLE = 5.0
"""Seconds without a call after which a client that goes on is taken to have done what it had to."""
SETTLE_FACTOR_AFTER_ERROR = 6
"""A client may be quiet that many times as long after an error: it may be waiting before it tries again."""
_SETTLE_DIVISOR_WHEN_IDLE = 2
"""A client has done so that many times sooner when it repeats its calls and gets the same answers each time."""
_STEP = 0.05
"""Seconds between two looks at a client that runs; that it has ended is seen sooner."""


class ConformError(ValueError):
    """The judge cannot do what it is to do; the message is one sentence that says what would be right."""


class ProgramError(ConformError):
    """A program that cannot be run."""


class Interrupted(Exception):
    """Runs were stopped from another thread."""


class Watch(Protocol):
    """The side of the server in a run: it knows the calls that the client makes."""

    def quiet(self) -> float:
        """Returns seconds since the client's last call, or the last webhook to it, or since the run began.

        They are those of a `PatientStopwatch`.
        """

    def got_error(self) -> bool:
        """Tells whether the client's last call was answered by an error."""

    def called(self) -> bool:
        """Tells whether the client has made any call in this run."""

    def idle(self) -> float:
        """Returns real seconds for which the client has only repeated calls, with rests and without news; else 0."""

    def tick(self) -> None:
        """Lets the server do its part of the run; it is called about every 50 ms."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of a run."""

    exit_code: int | None
    """None when it did not end by itself."""
    ending: Ending
    output: str
    """The last part of what it wrote to both its outputs."""
    seconds: float
    output_is_whole: bool = True
    """Whether all that it wrote is in `output`: of much it is the end, of a callable the reason why it failed."""
    left_behind: str = ""
    """A sentence about processes that were still there when it had ended; else empty."""


class Program(Protocol):
    """Something that can be run as a client is."""

    name: str

    def run(self, environment: Mapping[str, str], watch: Watch, unset: Collection[str] = ()) -> RunResult:
        """Runs it once, without the inherited variables in `unset`. Nothing that can be found of it is left.

        Raises ProgramError.
        """

    def stop(self) -> None:
        """Stops the runs that are under way in other threads, which then raise Interrupted, and those to come."""


class RunTimer:
    """Waits for the end of a run, or for the moment at which it is to be stopped."""

    def __init__(self, timeout: float, settle: float) -> None:
        if not (0 < timeout < threading.TIMEOUT_MAX and 0 < settle < threading.TIMEOUT_MAX):
            raise ProgramError(f"a timeout of {timeout:g} and a settle of {settle:g} seconds; more than 0 is right")
        self._timeout, self._settle = timeout, settle
        self._interrupted = threading.Event()

    def interrupt(self) -> None:
        """Lets no run go on, in whatever thread, and none begin."""
        self._interrupted.set()

    def check(self) -> None:
        """Raises Interrupted when no run may go on."""
        if self._interrupted.is_set():
            raise Interrupted

    def wait(self, ended: Callable[[float], bool], watch: Watch) -> Ending:
        """Waits until a run ends or is to be stopped; `ended` waits that many seconds at most. Raises Interrupted."""
        patient = PatientStopwatch()
        while not ended(_STEP):
            self.check()
            watch.tick()
            if patient.seconds() >= self._timeout:
                return "timeout"
            if self._is_settled(watch):
                return "settled"
        return "itself"

    def _is_settled(self, watch: Watch) -> bool:
        settle = self._settle * (SETTLE_FACTOR_AFTER_ERROR if watch.got_error() else 1)
        if watch.called() and watch.quiet() >= settle:
            return True
        return watch.idle() >= self._settle / _SETTLE_DIVISOR_WHEN_IDLE
