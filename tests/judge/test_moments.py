"""Moments in words, those that no calendar has among them."""

import pytest

from mockserver.judge.moments import moment_text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (1_795_937_564, "2026-11-29T07:32:44.000Z"),
        (0.5, "1970-01-01T00:00:00.500Z"),
        (1_795_937_564_000, "a moment in the year 58880"),
        (253_402_300_800, "a moment in the year 10000"),
        (-(10**14), "a moment in the year 3166905 BC"),
        (10**18, "a moment in the year 31688740476"),
        (1e300, "a moment that no calendar has"),
        (10**400, "a moment that no calendar has"),
        (-(10**400), "a moment that no calendar has"),
        (float("nan"), "a moment that no calendar has"),
        (float("inf"), "a moment that no calendar has"),
        (float("-inf"), "a moment that no calendar has"),
    ],
)
def test_every_moment_has_a_text(moment: float, text: str) -> None:
    assert moment_text(moment) == text
