"""The two lanes of the tests: `make test` leaves out what is marked as slow, `make check` runs everything."""

from typing import Any

import pytest


def slow(*values: Any) -> Any:
    """Marks one set of values of a parametrised test or fixture as for the slow lane."""
    return pytest.param(*values, marks=pytest.mark.slow)
