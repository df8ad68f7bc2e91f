"""The only place that reads the wall clock. Everything else asks a `Clock`."""

import time
from datetime import UTC, datetime

from mockserver.domain import Epoch


class Clock:
    """Virtual time of a sandbox: it runs with real time from where it was set, or stands still."""

    def __init__(self, at: float | None = None, *, frozen: bool = False) -> None:
        self._offset = 0.0 if at is None else at - time.time()
        self._frozen_at: float | None = (at if at is not None else time.time()) if frozen else None

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

    def advance(self, seconds: float) -> None:
        """Lets that much time pass at once; a negative number goes back."""
        self.set(self.time() + seconds)

    def time(self) -> float:
        """Now, in seconds since the epoch, with a fraction."""
        return time.time() + self._offset if self._frozen_at is None else self._frozen_at

    def now(self) -> Epoch:
        """Now, in whole seconds since the epoch."""
        return int(self.time())


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


def iso(moment: float) -> str:
    """ISO 8601 in UTC with milliseconds, for example `2026-01-31T12:00:00.000Z`."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
