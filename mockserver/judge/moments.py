"""Writes moments that a client sent, which may be beyond every calendar."""

from math import isfinite

from mockserver.foundation.clock import iso

_YEAR = 31_556_952.0
"""Seconds of a mean year."""
_AFTER_LAST = 10_000
_MOST_YEARS = 1e12


MILLISECONDS = 1e11
"""Seconds from 1970 to the year 5138; a moment behind it was meant in milliseconds."""


def milliseconds_text(moment: float) -> str:
    """Returns the half of a sentence on a first moment that was written in milliseconds."""
    return f"asked from {moment_text(moment)} on, which looks like milliseconds; seconds are right"


def moment_text(moment: float) -> str:
    """Returns a moment in ISO 8601; of one that no calendar has, the year in words. It never raises."""
    try:
        return iso(moment)
    except (ValueError, OverflowError, OSError):
        return _beyond_the_calendar(moment)


def _beyond_the_calendar(moment: float) -> str:
    try:
        years = moment / _YEAR
    except OverflowError:  # An integer that no float holds.
        years = float("inf") if moment > 0 else float("-inf")
    if not isfinite(years) or abs(years) > _MOST_YEARS:
        return "a moment that no calendar has"
    year = 1970 + int(years // 1)
    # The last year of the calendar is not over by the mean: what is beyond it is in the next one at least.
    return f"a moment in the year {max(year, _AFTER_LAST)}" if year > 0 else f"a moment in the year {1 - year} BC"
