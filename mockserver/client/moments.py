"""Moments and durations, from what is handy in Python to what the admin API reads, and back."""

from datetime import UTC, datetime, timedelta
from typing import TypeAlias

MomentLike: TypeAlias = str | int | float | datetime
"""ISO 8601 text, seconds since the epoch, or a datetime; UTC when it names no zone."""
DurationLike: TypeAlias = str | int | float | timedelta
"""ISO 8601 text such as `PT1H`, seconds, or a timedelta."""


def moment_text(moment: MomentLike) -> str:
    """ISO 8601 in UTC, to the microsecond; text stays as it is."""
    if isinstance(moment, str):
        return moment
    if not isinstance(moment, datetime):
        moment = datetime.fromtimestamp(moment, UTC)
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.isoformat().replace("+00:00", "Z")


def duration_text(duration: DurationLike) -> str:
    """ISO 8601, in seconds; text stays as it is."""
    if isinstance(duration, str):
        return duration
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    figure = f"{abs(seconds):.6f}".rstrip("0").rstrip(".")
    return f"{'-' if seconds < 0 else ''}PT{figure}S"


def read_moment(text: str) -> datetime:
    """A datetime with its zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
