"""Durations as they are written: ISO 8601, weeks to seconds."""

import pytest

from mockserver.foundation.clock import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT1H", 3_600),
        ("PT5M", 300),
        ("-PT5M", -300),
        ("P1DT12H", 129_600),
        ("P2W", 1_209_600),
        ("P1096D", 94_694_400),
        ("PT0.5S", 0.5),
        ("P1W1DT1H1M1.25S", 694_861.25),
        ("PT0S", 0),
    ],
)
def test_a_duration_is_so_many_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "1H", "PT1H ", "\nPT1H", "PT5", "P1DT", "P1Y", "P1M", "PT1M1H", "PT１H", "PT1.5H", "P1234567D"],
)
def test_what_is_no_duration_is_told_what_one_is(text: str) -> None:
    with pytest.raises(
        ValueError, match="is not an ISO 8601 duration of weeks to seconds such as PT5M, PT1H30M or P30D"
    ):
        parse_duration(text)
