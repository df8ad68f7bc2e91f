"""The only place that reads the wall clock. Everything else asks a `Clock`."""

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from mockserver.foundation.epoch import Epoch

_DURATION = re.compile(
    r"(-)?P(?=[\dT])(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)
_UNITS = (604_800, 86_400, 3_600, 60, 1)
LATEST: Epoch = 253_370_764_800 - 4 * 366 * 86_400
"""The last moment at which a clock may be put, in 9994: what follows from it, such as the end of a token or of a
retention, is still a date, and a clock that runs on from there has years until there are none."""
LAST_SECOND: Epoch = 253_402_300_799
"""Of the year 9999: later than that is no date."""


class Clock:
    """Virtual time of a sandbox: it runs with real time from where it was set, or stands still.

    A `StatefulComponent`.
    """

    def __init__(self, at: float | None = None, *, frozen: bool = False) -> None:
        self.keep: Callable[[str, Any], None] | None = None
        self.listeners: set[Callable[[], None]] = set()
        """Called after every change, for those who wait for a moment."""
        self._start = (at, frozen)
        self._offset = 0.0
        self._frozen_at: float | None = None
        self.reset()

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen_at is not None

    def set(self, moment: float) -> None:
        """Jumps to that moment, forwards or backwards; the clock then stands still or runs on as it did before."""
        if self._frozen_at is None:
            self._offset = moment - time.time()
        else:
            self._frozen_at = moment
        self._changed()

    def advance(self, seconds: float) -> None:
        """Lets that much time pass at once; a negative number goes back."""
        self.set(self.time() + seconds)

    def freeze(self) -> None:
        """Stands still from now on."""
        self._frozen_at = self.time()
        self._changed()

    def resume(self) -> None:
        """Runs on with real time from where it stands."""
        self._offset, self._frozen_at = self.time() - time.time(), None
        self._changed()

    def time(self) -> float:
        """Now, in seconds since the epoch, with a fraction."""
        return time.time() + self._offset if self._frozen_at is None else self._frozen_at

    def now(self) -> Epoch:
        """Now, in whole seconds since the epoch."""
        return int(self.time())

    def dump(self) -> Mapping[str, Any]:
        """One record: where it stands, or else how far it is from real time."""
        return {"": {"offset": self._offset} if self._frozen_at is None else {"frozen_at": self._frozen_at}}

    def load(self, key: str, value: Any | None) -> None:
        """See `StatefulComponent.load`."""
        if value is None:
            self.reset()
            return
        self._offset, self._frozen_at = value.get("offset", 0.0), value.get("frozen_at")
        self._tell()

    def reset(self) -> None:
        """Back to where it was made."""
        at, frozen = self._start
        self._offset = 0.0 if at is None else at - time.time()
        self._frozen_at = (at if at is not None else time.time()) if frozen else None
        self._tell()

    def _changed(self) -> None:
        if self.keep:
            self.keep("", self.dump()[""])
        self._tell()

    def _tell(self) -> None:
        for listener in list(self.listeners):
            listener()


def real_time() -> float:
    """Real seconds since the epoch, for records that must also tell when something really happened."""
    return time.time()


def stopwatch() -> float:
    """Seconds of a clock that only goes forward; the difference of two readings is a duration."""
    return time.perf_counter()


def parse_moment(text: str) -> Epoch:
    """Whole seconds since the epoch of an ISO 8601 moment, UTC unless it has a zone. ValueError says what would do."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an ISO 8601 moment such as 2026-01-31T12:00:00Z") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def parse_duration(text: str) -> float:
    """Seconds of an ISO 8601 duration such as `PT1H`, `P1DT12H` or `-PT5M`. ValueError says what would do.

    No years and months: how long they are depends on when they begin.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an ISO 8601 duration of weeks to seconds such as PT5M, PT1H30M or P30D")
    sign, *numbers = match.groups()
    seconds = sum(float(number or 0) * unit for number, unit in zip(numbers, _UNITS, strict=True))
    return -seconds if sign else seconds


def iso(moment: float) -> str:
    """ISO 8601 in UTC with milliseconds, for example `2026-01-31T12:00:00.000Z`."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
