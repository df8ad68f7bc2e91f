"""The memory of the sandboxes of a process: an estimate, and the limit that the settings or the machine give it."""

from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakSet

from mockserver.foundation.cache_budget import CacheBudget, CacheOwner
from mockserver.foundation.clock import stopwatch
from mockserver.foundation.machine import memory_size
from mockserver.foundation.memory_room import MemoryFull
from mockserver.foundation.settings import Settings
from mockserver.sandbox.sandbox import WEIGHT_OF_SANDBOX, Sandbox

_MIB = 1 << 20
_USUAL, _LEAST = 2_048 * _MIB, 256 * _MIB
"""Bytes where the system does not tell its memory, and the least by default."""
_USUAL_CACHES = 24 * _MIB
"""Room for some worlds that are listed whole, or for the page of 10,000 leads: a server stays below 120 MB with it."""
_LOOK_EVERY = 0.5
"""Real seconds between two looks at what all sandboxes take."""
_SHARE = 3
"""A third of the machine's memory is for sandboxes."""


class SandboxMemory:
    """The bytes that sandboxes take, and may take; their `MemoryRoom`. It looks at all of them only now and then.

    One in which nothing was done takes about 40 KB. A world that is listed whole takes 3 to 12 MB for 300 leads and 60
    listings of two agencies, once for all sandboxes that share it; that part is dropped first, and made again. A lead
    that was written takes some 8 KB, and each call in the journal what it keeps of the call.
    """

    def __init__(self, settings: Settings) -> None:
        self.limit = _limit(settings)
        """Bytes."""
        self.is_full = False
        self.has_news = False
        self._looked_at = -_LOOK_EVERY
        self._seen = 0
        """The weight at the last look, and what was made since."""
        self._sandboxes: WeakSet[Sandbox] = WeakSet()
        self._lasting: WeakSet[CacheOwner] = WeakSet()
        most = self.limit // 2 if settings.memory_limit is not None else min(self.limit // 2, _USUAL_CACHES)
        self.caches = CacheBudget(most, self._lasting.__contains__)
        """What can be made again: half of the limit that somebody chose, and else as little as most need."""

    def watch(self, sandbox: Sandbox, *, is_kept: bool) -> None:
        """Counts what a sandbox keeps, as long as it lives; `is_kept` tells that its caches are dropped last."""
        self._sandboxes.add(sandbox)
        sandbox.store.use_budget(self.caches)
        sandbox.known_answers.use_budget(self.caches)
        if is_kept:
            self._lasting.update((sandbox.store, sandbox.known_answers, sandbox.world))

    def weight(self) -> int:
        """Returns about how many bytes all sandboxes take."""
        return self.caches.weight() + sum(sandbox.weight for sandbox in self._sandboxes)

    def has_room(self) -> bool:
        """Tells whether one more sandbox may be made."""
        self._look_now_and_then()
        self._seen += WEIGHT_OF_SANDBOX
        return self._seen <= self.limit

    def note(self, weight: int) -> None:
        """Implements `MemoryRoom.note`."""
        self._seen += weight
        self.has_news = True

    def look(self) -> None:
        """Implements `MemoryRoom.look`."""
        self._look_now_and_then()
        self.is_full = self.has_news = self._seen > self.limit

    def check(self, weight: int) -> None:
        """Implements `MemoryRoom.check`."""
        self._look_now_and_then()
        if self._seen + weight > self.limit:
            raise MemoryFull(self.limit)

    @contextmanager
    def overdrawn(self) -> Iterator[None]:
        """Implements `MemoryRoom.overdrawn`."""
        was_full, self.is_full = self.is_full, False
        try:
            yield
        finally:
            self.is_full = was_full

    def look_anew(self) -> None:
        """Lets the next look see what was given back just now."""
        self._looked_at = -_LOOK_EVERY

    def _look_now_and_then(self) -> None:
        now = stopwatch()
        if now - self._looked_at > _LOOK_EVERY:
            self._looked_at, self._seen = now, self.weight()


def _limit(settings: Settings) -> int:
    if settings.memory_limit is not None:
        return settings.memory_limit * _MIB
    size = memory_size()
    return _USUAL if size is None else max(_LEAST, size // _SHARE)
