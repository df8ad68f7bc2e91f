"""The virtual clock of a sandbox, and moments and durations in ISO 8601. Only this module reads the wall clock."""

import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.machinery import BuiltinImporter
from importlib.util import module_from_spec

from mockserver.foundation.epoch import Epoch
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.records import RecordFormat, RecordTable
from mockserver.foundation.stateful import RecordedComponent
from mockserver.foundation.weak_methods import weakly

_DURATION = late_pattern(
    r"(-)?P(?=[\dT])(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)
_UNITS = (604_800, 86_400, 3_600, 60, 1)
LATEST: Epoch = 253_370_764_800 - 4 * 366 * 86_400
"""The last moment to which a clock can be set, in 9994. Moments that are computed from it, such as the end of a token
or of a retention, are still dates, and a running clock reaches the year 10000 only after years."""
LAST_SECOND: Epoch = 253_402_300_799
"""The last second of the year 9999; Python has no later date."""

_RECORD: RecordFormat[str, Mapping[str, float]] = RecordFormat("")


class Clock(RecordedComponent):
    """The virtual time of a sandbox: it runs with real time from the moment to which it was set, or is frozen.

    It is a `StatefulComponent` with one record: the moment of a frozen clock, or the offset of a running one from real
    time.
    """

    def __init__(self, at: float | None = None, *, frozen: bool = False) -> None:
        self.listeners: set[Callable[[], None]] = set()
        """Functions that the clock calls after every change, for code that waits for a moment."""
        self._start = (at, frozen)
        self._offset = 0.0
        self._frozen_at: float | None = None
        self._position: RecordTable[str, Mapping[str, float]] = RecordTable(_RECORD, applied=weakly(self._apply))
        super().__init__(self._position)
        self.reset()

    @property
    def frozen(self) -> bool:
        """True while time does not pass."""
        return self._frozen_at is not None

    def set(self, moment: float) -> None:
        """Sets the clock to a moment, forwards or backwards; it stays frozen or running as before."""
        self._position[""] = {"offset": moment - real_time()} if self._frozen_at is None else {"frozen_at": moment}

    def advance(self, seconds: float) -> None:
        """Lets `seconds` pass at once; a negative number goes back."""
        self.set(self.time() + seconds)

    def freeze(self) -> None:
        """Stops the clock at the present moment."""
        self._position[""] = {"frozen_at": self.time()}

    def resume(self) -> None:
        """Lets the clock run with real time from its present moment."""
        self._position[""] = {"offset": self.time() - real_time()}

    def time(self) -> float:
        """Returns the present moment in seconds since the epoch, with a fraction."""
        return real_time() + self._offset if self._frozen_at is None else self._frozen_at

    def now(self) -> Epoch:
        """Returns the present moment in whole seconds since the epoch."""
        return int(self.time())

    def reset(self) -> None:
        """Restores the moment and the mode that the clock was made with."""
        at, frozen = self._start
        if frozen:
            self._position.load("", {"frozen_at": real_time() if at is None else at})
        else:
            self._position.load("", {"offset": 0.0 if at is None else at - real_time()})

    def _apply(self, key: str, old: Mapping[str, float] | None, new: Mapping[str, float] | None) -> None:
        if new is None:
            self.reset()
            return
        self._offset, self._frozen_at = new.get("offset", 0.0), new.get("frozen_at")
        for listener in list(self.listeners):
            listener()


class _MachineClocks(NamedTuple):
    """The clocks of the machine, where whoever replaces functions in modules does not look for them."""

    time: Callable[[], float]
    perf_counter: Callable[[], float]


def _clocks_of_machine() -> _MachineClocks:
    # A copy of the built-in module that nobody else has: a test may have replaced functions of the other one before
    # this is imported.
    spec = BuiltinImporter.find_spec("time")
    assert spec is not None
    assert spec.loader is not None
    clocks = module_from_spec(spec)
    spec.loader.exec_module(clocks)
    return _MachineClocks(clocks.time, clocks.perf_counter)


_CLOCKS = _clocks_of_machine()


def real_time() -> float:
    """Returns real seconds since the epoch, also where a test in this process has frozen or moved time."""
    traveller = sys.modules.get("time_machine")
    if traveller is not None and traveller.escape_hatch.is_travelling():
        with suppress(ValueError):  # another thread has just come back
            return float(traveller.escape_hatch.time.time())
    return _CLOCKS.time()


def can_be_frozen() -> bool:
    """Tells whether this process has loaded what freezes time for all of its threads."""
    return "freezegun" in sys.modules or "time_machine" in sys.modules


def stopwatch() -> float:
    """Returns seconds of a monotonic clock, which nothing freezes; the difference of two readings is a duration."""
    return _CLOCKS.perf_counter()


def parse_moment(text: str) -> Epoch:
    """Reads an ISO 8601 moment, in UTC unless it has a zone. The message of a ValueError has a correct example."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an ISO 8601 moment such as 2026-01-31T12:00:00Z") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def parse_duration(text: str) -> float:
    """Reads an ISO 8601 duration such as `PT1H`, `P1DT12H` or `-PT5M` as seconds. Raises ValueError with an example.

    Years and months are refused, since their length depends on their beginning.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an ISO 8601 duration of weeks to seconds such as PT5M, PT1H30M or P30D")
    sign, *numbers = match.groups()
    seconds = sum(float(number or 0) * unit for number, unit in zip(numbers, _UNITS, strict=True))
    return -seconds if sign else seconds


def iso(moment: float) -> str:
    """Returns a moment in ISO 8601, UTC with milliseconds, for example `2026-01-31T12:00:00.000Z`."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
