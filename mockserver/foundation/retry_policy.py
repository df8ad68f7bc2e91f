"""A delivery that failed is tried again after so many seconds, once for each entry of a list, then no more."""

import re
from collections.abc import Iterable

from mockserver.foundation.patterns import late_pattern

MAX_RETRIES = 50
MAX_SECONDS_BETWEEN = 30 * 86_400
"""Seconds between two attempts."""
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_STEP = late_pattern(r"(\d{1,7}(?:\.\d{1,3})?)([smhd]?)", re.ASCII)


def parse_retries(text: str) -> tuple[float, ...]:
    """Seconds from `10s,1m,5m,30m,2h`; a number alone is of seconds. Nothing at all, or `none`, is no second try.

    ValueError says what would do.
    """
    return () if text.strip() in ("", "none") else read_steps(step.strip() for step in text.split(","))


def read_steps(steps: Iterable[str | float]) -> tuple[float, ...]:
    """Seconds from numbers of seconds and texts such as `10s`. ValueError says what would do."""
    retries = tuple(_seconds(step) for step in steps)
    if len(retries) > MAX_RETRIES:
        raise ValueError(f"these are {len(retries)} retries; {MAX_RETRIES} are the most")
    return retries


def _seconds(step: str | float) -> float:
    text = str(step)
    if isinstance(step, int | float) and step >= 0 and not isinstance(step, bool):
        seconds = float(step)
    elif match := _STEP.fullmatch(text):
        seconds = float(match[1]) * _UNITS[match[2] or "s"]
    else:
        raise ValueError(f"{text!r} is not a time such as 10s, 5m, 2h or 1d; write them with commas in between")
    if seconds > MAX_SECONDS_BETWEEN:
        raise ValueError(f"{text!r} is longer than 30 days, the most between two attempts")
    return seconds


RETRIES_TEXT = "10s,60s,300s,1800s,7200s"
RETRIES = parse_retries(RETRIES_TEXT)
"""Nobody knows what the real service does; this is assumed: about five times as long after each failure."""
