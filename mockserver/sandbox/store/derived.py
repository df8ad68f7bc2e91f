"""Values that are derived from a store, and kept until it changes."""

from collections.abc import Callable
from typing import Any, TypeVar

from mockserver.sandbox.store.weights import weight_of_derived

T = TypeVar("T")

_MAX_VALUES = 256
_MAX_KEY = 1_000
"""The most characters of a key: it has what a client asked for."""


class DerivedValues:
    """The values by key, all of one revision of the store."""

    def __init__(self, grow: Callable[[int], None]) -> None:
        """`grow` is called with the bytes that are kept more, or less."""
        self._grow = grow
        self._values: dict[str, Any] = {}
        self._revision = 0
        self._weight = 0

    def get(self, key: str, revision: int, make: Callable[[], T]) -> T:
        """Returns what `make` returns, or what it returned at this revision."""
        if len(key) > _MAX_KEY:
            return make()
        if self._revision != revision or len(self._values) >= _MAX_VALUES:
            self._grow(-self._weight)
            self.clear()
            self._revision = revision
        if key not in self._values:
            made = make()
            weight = weight_of_derived(made)
            self._weight += weight
            self._grow(weight)
            self._values[key] = made
        value: T = self._values[key]
        return value

    def clear(self) -> None:
        """Forgets all values."""
        self._values.clear()
        self._weight = 0
