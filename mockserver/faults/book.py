"""The faults of one sandbox, and how often each has struck."""

from collections.abc import Mapping
from typing import Any

from mockserver.clock import Clock
from mockserver.records import Keep


class FaultBook:
    """See the module. A `Part`."""

    def __init__(self, clock: Clock) -> None:
        self.keep: Keep | None = None
        self._clock = clock

    def dump(self) -> Mapping[str, Any]:
        """Faults with their counts by id."""
        return {}

    def load(self, key: str, value: Any | None) -> None:
        """See `Part.load`."""

    def reset(self) -> None:
        """Back to none at all."""
