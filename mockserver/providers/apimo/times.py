"""Apimo's times: naive `YYYY-MM-DD HH:MM:SS` of Europe/Paris (dossier apimo §0.3)."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from mockserver.foundation.epoch import Epoch

PARIS = ZoneInfo("Europe/Paris")
_TWO_DIGITS = tuple([f"{number:02}" for number in range(60)])


def to_paris(moment: Epoch) -> str:
    """An epoch as Apimo writes it. The hour that the autumn change doubles is written the same twice."""
    if moment < 0:
        return datetime.fromtimestamp(moment, PARIS).replace(tzinfo=None).isoformat(" ", "seconds")
    hour, rest = divmod(moment, 3_600)
    minute, second = divmod(rest, 60)
    return f"{_hour(hour)}:{_TWO_DIGITS[minute]}:{_TWO_DIGITS[second]}"


@lru_cache(8192)
def _hour(hour: int) -> str:
    """Returns day and hour in Paris, which has been whole hours ahead of UTC since 1970."""
    return f"{datetime.fromtimestamp(hour * 3_600, PARIS):%Y-%m-%d %H}"


def to_paris_or_none(moment: Epoch | None) -> str | None:
    """As `to_paris`, for what may not have happened."""
    return None if moment is None else to_paris(moment)


def from_paris(text: str) -> Epoch:
    """The epoch of a date, with or without a time. Of a doubled hour the first one is meant."""
    return int(datetime.fromisoformat(text).replace(tzinfo=PARIS).timestamp())


def next_midnight(now: Epoch) -> Epoch:
    """Returns the moment at which the day ends in Paris."""
    # By the calendar: the days of the two changes have 23 and 25 hours.
    return from_paris((datetime.fromtimestamp(now, PARIS).date() + timedelta(days=1)).isoformat())
