"""Prices are rounded as people round them: the larger, the coarser, and never more than three digits."""

import pytest

from mockserver.world.prices import RENT_STEPS, SALE_STEPS, Steps, rounded


@pytest.mark.parametrize(
    ("amount", "steps", "expected"),
    [
        (418_137, SALE_STEPS, 420_000),
        (113_300, SALE_STEPS, 113_000),
        (19_240, SALE_STEPS, 19_000),
        (3_040_400, SALE_STEPS, 3_050_000),
        (12_345_678, SALE_STEPS, 12_300_000),
        (10, SALE_STEPS, 500),
        (1_479, RENT_STEPS, 1_480),
        (613, RENT_STEPS, 615),
        (15_940, RENT_STEPS, 15_900),
        (1, RENT_STEPS, 5),
    ],
)
def test_an_amount_is_rounded_to_the_step_of_its_size(amount: float, steps: Steps, expected: int) -> None:
    assert rounded(amount, steps) == expected


@pytest.mark.parametrize(("steps", "largest"), [(SALE_STEPS, 90_000_000), (RENT_STEPS, 900_000)])
def test_no_amount_has_more_than_three_digits_before_its_noughts(steps: Steps, largest: int) -> None:
    amount = 7.0
    while amount < largest:
        assert len(str(rounded(amount, steps)).rstrip("0")) <= 3
        amount *= 1.013
