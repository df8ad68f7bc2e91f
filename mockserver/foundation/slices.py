"""Long work in slices: it stops when its time is over, others have their turn, and it goes on where it was.

Work that takes long is done between `begin_slice` and `end_slice`, and looks at the time after each part that stays
done. Outside of a slice nothing ever stops.
"""

import threading
from types import TracebackType

from mockserver.foundation.clock import stopwatch

SLICE = 0.01
"""Real seconds of a slice, from the first part of it that stays done."""
_NOT_BEGUN = 0.0


class SliceOver(BaseException):
    """The time of a slice is over. What was done stays done; the same work, begun anew, goes on from there."""


class _Current(threading.local):
    """The slice of a thread."""

    end: float | None = None
    """The moment at which it is over, by the stopwatch; None when nothing has to stop, 0 before the first part."""

    def set_end(self, end: float | None) -> None:
        """Begins a slice, or ends it."""
        self.end = end

    def begin(self) -> None:
        """Lets the work of this thread go on for the time of a slice, until it is ended."""
        self.end = _NOT_BEGUN

    def stop(self) -> None:
        """Ends the slice of this thread: what follows does not stop."""
        self.end = None

    def run_to_end(self) -> None:
        """Lets the work of this slice go on to its end: it has begun to change something."""
        if self.end is not None:
            self.end = None


_current = _Current()
begin_slice, end_slice, run_to_end = _current.begin, _current.stop, _current.run_to_end


class Uninterrupted:
    """A part of sliced work that is done whole, for a `with` block: it changes what cannot be changed twice."""

    __slots__ = ("_end",)

    def __enter__(self) -> None:
        self._end = _current.end
        _current.set_end(None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.set_end(self._end)


def pause() -> None:
    """Raises SliceOver in any slice, however little of its time is over: what follows may take a whole one."""
    if _current.end is not None:
        raise SliceOver


def look_at_the_time() -> None:
    """Raises SliceOver when the time is over."""
    end = _current.end
    if end is None:
        return
    now = stopwatch()
    if end == _NOT_BEGUN:
        # What was done in earlier slices is gone through again, and must not use up the time of this one.
        _current.set_end(now + SLICE)
    elif now >= end:
        raise SliceOver
