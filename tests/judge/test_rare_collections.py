"""The collector of garbage is back as it was, once a program is judged."""

import gc
from collections.abc import Iterator

import pytest

from mockserver.judge.rare_collections import rare_collections


@pytest.fixture
def thresholds() -> Iterator[None]:
    """Restores the thresholds of these tests' own process."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(
    ("usual", "meanwhile"),
    [((700, 5, 20), (20_000, 10, 20)), ((0, 10, 10), (0, 10, 10)), ((90_000, 50, 50), (90_000, 50, 50))],
)
def test_thresholds_rise_meanwhile_unless_the_collector_is_off(
    thresholds: None, usual: tuple[int, int, int], meanwhile: tuple[int, int, int]
) -> None:
    gc.set_threshold(*usual)
    thresholds_meanwhile = []

    def fail() -> None:
        with rare_collections():
            thresholds_meanwhile.append(gc.get_threshold())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert thresholds_meanwhile == [meanwhile]
    assert gc.get_threshold() == usual
