"""When a delivery that failed is tried again: so many seconds after each failure, then no more."""

import re

from mockserver.foundation.settings import LONGEST_RETRY, MAX_RETRIES

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_STEP = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)([smhd]?)", re.ASCII)


def parse_retries(text: str) -> tuple[float, ...]:
    """Seconds from `10s,1m,5m,30m,2h`; a number alone is of seconds. Nothing at all, or `none`, is no second try.

    ValueError says what would do.
    """
    if text.strip() in ("", "none"):
        return ()
    steps = tuple(_seconds(step.strip()) for step in text.split(","))
    if len(steps) > MAX_RETRIES:
        raise ValueError(f"these are {len(steps)} retries; {MAX_RETRIES} are the most")
    return steps


def _seconds(step: str) -> float:
    match = _STEP.fullmatch(step)
    if match is None:
        raise ValueError(f"{step!r} is not a time such as 10s, 5m, 2h or 1d; write them with commas in between")
    seconds = float(match[1]) * _UNITS[match[2] or "s"]
    if seconds > LONGEST_RETRY:
        raise ValueError(f"{step!r} is longer than 30 days, the most between two attempts")
    return seconds
