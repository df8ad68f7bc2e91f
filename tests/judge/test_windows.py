"""Windows of time, looked up; compared with a look at each of them."""

from hypothesis import given
from hypothesis import strategies as st

from mockserver.judge.windows import FirstWindows, WidestWindows

MOMENTS = st.one_of(st.integers(-5, 5).map(float), st.sampled_from([float("-inf"), float("inf")]))
WINDOWS = st.lists(st.tuples(MOMENTS, MOMENTS), max_size=12)


@given(WINDOWS, MOMENTS, MOMENTS)
def test_a_window_is_covered_when_one_of_the_windows_has_all_of_it(
    windows: list[tuple[float, float]], since: float, until: float
) -> None:
    widest = WidestWindows()
    for window in windows:
        widest.add(*window)
    assert widest.covers(since, until) == any(first <= since and until <= last for first, last in windows)


@given(WINDOWS, st.one_of(MOMENTS, st.floats(-6, 6)))
def test_the_first_window_that_has_a_moment_is_found(windows: list[tuple[float, float]], moment: float) -> None:
    having = [number for number, (since, until) in enumerate(windows) if since <= moment <= until]
    assert FirstWindows(windows).at(moment) == (having[0] if having else None)
