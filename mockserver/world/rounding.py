"""People name round numbers: the larger the amount, the rounder."""

from bisect import bisect
from math import ceil, floor

_AMOUNTS = (100, 500, 2_000, 10_000, 50_000, 300_000, 1_000_000)
_AMOUNT_STEPS = (5, 10, 50, 100, 1_000, 5_000, 10_000, 50_000)
_AREAS = (20, 200, 1_000)
_AREA_STEPS = (1, 5, 10, 100)


def round_amount(amount: float) -> int:
    """Returns the nearest amount (euro) that people would name, a rent or a price, at least the smallest step."""
    step = _amount_step(amount)
    return max(round(amount / step), 1) * step


def round_up_amount(amount: float) -> int:
    """Returns the next such amount that is not below."""
    step = _amount_step(amount)
    return max(ceil(amount / step), 1) * step


def round_down_area(area: float) -> int:
    """Returns the next number of square metres that people would name, and that is not above."""
    step = _AREA_STEPS[bisect(_AREAS, area)]
    return max(floor(area / step), 1) * step


def _amount_step(amount: float) -> int:
    return _AMOUNT_STEPS[bisect(_AMOUNTS, amount)]
