"""Vineyards: an estate with vines is offered only where wine is grown, at the price of such land."""

from collections.abc import Mapping
from types import MappingProxyType

HECTARE = 10_000
"""Square metres."""
VINEYARDS: Mapping[str, int] = MappingProxyType(
    {
        **{"06": 60_000, "13": 40_000, "83": 60_000, "84": 35_000, "26": 25_000},
        **{"11": 14_000, "30": 16_000, "34": 15_000, "66": 13_000},
        **{"2A": 25_000, "2B": 25_000, "33": 60_000, "73": 60_000},
        **{"37": 25_000, "44": 15_000, "49": 20_000},
        **{"21": 90_000, "51": 900_000, "67": 110_000, "68": 130_000},
    }
)
"""Euro for a hectare of vines, in the departments that grow wine: the order of magnitude, no statistics."""
