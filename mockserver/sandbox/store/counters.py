"""Counters that are dropped at a moment of their own, such as of the calls of a day."""

from mockserver.foundation.epoch import Epoch
from mockserver.foundation.records import RecordTable
from mockserver.sandbox.store.entity_records import COUNTER_FORMAT

_MAX_COUNTERS = 1_000
"""With more counters than this, those that ended are dropped."""


class Counters(RecordTable[str, tuple[int, Epoch]]):
    """The values of counters, and when each is dropped, by name."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(COUNTER_FORMAT)

    def bump(self, counter: str, until: Epoch, now: Epoch) -> int:
        """Implements `Store.bump`."""
        if len(self) >= _MAX_COUNTERS:
            for name in [name for name, (_, ends) in self.items() if ends <= now]:
                del self[name]
        value, ends = self.get(counter, (0, until))
        value = value + 1 if ends > now else 1
        self[counter] = (value, until)
        return value

    def peek(self, counter: str, now: Epoch) -> int:
        """Implements `Store.peek`."""
        value, ends = self.get(counter, (0, now))
        return value if ends > now else 0
