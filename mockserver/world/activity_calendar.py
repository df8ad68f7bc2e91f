"""Calendars of activity map time to how much happens: much in busy hours and weekdays of Paris, little at night."""

from bisect import bisect
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from mockserver.foundation.epoch import Epoch

PARIS = ZoneInfo("Europe/Paris")
DAY, WEEK, HOURS = 86_400, 604_800, 24
_FIRST_MONDAY = 4
"""Of 1970, in days since the first of January."""

EVENINGS = (
    *(0.15, 0.08, 0.05, 0.04, 0.04, 0.08, 0.25, 0.6),
    *(0.8, 1.0, 1.1, 1.1, 1.2, 1.1, 1.0, 1.0),
    *(1.0, 1.1, 1.3, 1.5, 1.8, 1.7, 1.1, 0.4),
)
"""Weights of the hours of a day in which seekers write, against 1 in the afternoon."""
NIGHT = 0.00001
"""The weight of an hour in which nothing happens: elapsed activity still rises, so that moments have an order."""
CLOSED = (*(NIGHT,) * 10, 0.03, 0.03, *(NIGHT,) * 12)
"""A Sunday: somebody may look in before noon."""
OPEN = (*(NIGHT,) * 8, 0.6, 1, 1, 1, 0.4, 0.7, 1, 1, 1, 1, 0.8, 0.08, *(NIGHT,) * 4)
"""From 8 to 19 o'clock; few work an hour longer, nobody at night."""


class ActivityCalendar:
    """A strictly rising function of time whose slope is how busy the hour is; a week is as long as in real seconds.

    Two days a year have 23 or 25 hours: what happens on them is spread over what they have.
    """

    def __init__(self, days: Sequence[Sequence[float]]) -> None:
        """Seven days from Monday on, 24 weights each."""
        hourly = [weight for day in days for weight in day]
        self._steps = [0.0, *(WEEK * part / sum(hourly) for part in accumulate(hourly))]
        self._busy = [weight > NIGHT for weight in hourly]
        self._next_busy = [
            next(i for i in range(index, 14 * HOURS) if self._busy[i % (7 * HOURS)]) for index in range(7 * HOURS)
        ]
        self.until = lru_cache(32)(self.elapsed)
        """`elapsed` of moments that come again and again, such as the origin of a world."""
        self.latest = lru_cache(32)(self._latest)
        """The latest busy moment up to one that comes again and again."""

    def elapsed(self, moment: Epoch) -> float:
        """Returns the activity up to a moment, in seconds of average activity; only differences mean anything."""
        start, length, week_began, first = _bounds((moment + 3_600) // DAY)
        if moment >= start + length:
            start, length, week_began, first = _bounds((moment + 3_600) // DAY + 1)
        hours = HOURS * (moment - start) / length
        hour = int(hours)
        low = self._steps[first + hour]
        return week_began + low + (hours - hour) * (self._steps[first + hour + 1] - low)

    def moment(self, elapsed: float) -> Epoch:
        """The inverse, rounded down to a second; of what falls in hours without activity, the end of those hours."""
        week, rest = divmod(elapsed, WEEK)
        index = min(bisect(self._steps, rest), 7 * HOURS) - 1
        busy = self._next_busy[index]
        weekday, hour = divmod(busy, HOURS)
        start, length, _, _ = _bounds(int(week) * 7 + _FIRST_MONDAY + weekday)
        if busy != index:
            return start + int(hour * length / HOURS)
        low = self._steps[index]
        return start + int((hour + (rest - low) / (self._steps[index + 1] - low)) * length / HOURS)

    def between(self, start: Epoch, end: Epoch, share: float) -> Epoch:
        """Returns the busy moment at which that share, 0 to 1, of the activity between the two is over."""
        first = self.elapsed(start)
        return max(start, min(self.moment(first + share * (self.until(end) - first)), self.latest(end)))

    def _latest(self, moment: Epoch) -> Epoch:
        """Returns the moment itself in a busy hour, and else the last second of the busy hour before it."""
        day = _day_of(moment)
        start, end = midnight(day), midnight(day + 1)
        hour = int(HOURS * (moment - start) / (end - start))
        if self._busy[(day - _FIRST_MONDAY) % 7 * HOURS + hour]:
            return moment
        return self._latest(start + hour * (end - start) // HOURS - 1)


@cache
def midnight(day: int) -> Epoch:
    """Returns the moment at which a day begins in Paris; days are counted from the first of January 1970."""
    noon = datetime(1970, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
    return int(datetime(noon.year, noon.month, noon.day, tzinfo=PARIS).timestamp())


@cache
def _bounds(day: int) -> tuple[Epoch, int, int, int]:
    """Returns the beginning of a day in Paris, its seconds, the activity before its week, and its first hour there."""
    start = midnight(day)
    week, weekday = divmod(day - _FIRST_MONDAY, 7)
    return start, midnight(day + 1) - start, week * WEEK, weekday * HOURS


def _day_of(moment: Epoch) -> int:
    """Returns the number of the day in Paris, whose clocks are an hour or two ahead of UTC."""
    day = (moment + 3_600) // DAY
    return day + (moment >= midnight(day + 1))


SEEKERS = ActivityCalendar([EVENINGS] * 7)
OFFICE = ActivityCalendar([*[OPEN] * 5, OPEN, CLOSED])
