"""A budget of bytes for caches that can be made again: over it, the one that was used longest ago is dropped."""

from collections.abc import Callable
from typing import Protocol
from weakref import WeakSet

_KEEP = 0.75
"""The share of the budget that is left after caches were dropped, so that not every new entry drops another."""


class CacheOwner(Protocol):
    """Something with a cache."""

    @property
    def used_at(self) -> float:
        """The moment of the last use, in real seconds since the epoch."""

    @property
    def weight(self) -> int:
        """About how many bytes its cache takes."""

    def drop_cache(self) -> None:
        """Forgets what can be made again."""


class CacheBudget:
    """The caches of a process, and the most bytes that all of them take. It keeps none of its owners alive."""

    def __init__(self, limit: int, is_kept: Callable[[CacheOwner], bool] = lambda owner: False) -> None:
        """`is_kept` tells whose cache is dropped last, however long ago it was used."""
        self.limit = limit
        self.dropped = 0
        """The number of caches that were dropped so far."""
        self._owners: WeakSet[CacheOwner] = WeakSet()
        self._is_kept = is_kept

    def add(self, owner: CacheOwner) -> None:
        """Counts the cache of an owner from now on, as long as that lives."""
        self._owners.add(owner)

    def weight(self) -> int:
        """Returns about how many bytes all caches take."""
        return sum(owner.weight for owner in self._owners)

    def enforce(self, user: CacheOwner) -> None:
        """Drops caches when there are too many bytes; that of the user, who is at work, last of all."""
        total = self.weight()
        if total <= self.limit:
            return
        oldest_first = sorted(self._owners, key=lambda owner: (owner is user, self._is_kept(owner), owner.used_at))
        for owner in oldest_first:
            if total <= self.limit * _KEEP:
                break
            if weight := owner.weight:
                owner.drop_cache()
                total -= weight
                self.dropped += 1
