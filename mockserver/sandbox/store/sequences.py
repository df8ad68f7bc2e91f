"""Long sequences that are never written out: parts in a row, and sorted ones merged into one."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import Any, TypeVar, overload

from mockserver.domain import Kind
from mockserver.foundation.epoch import Epoch
from mockserver.world import World
from mockserver.world.history import PORTION, creation_keys, enquiry_since
from mockserver.world.timeline import enquiry_created

K = TypeVar("K", bound=tuple[Any, ...])
CreationKey = tuple[Epoch, int]
"""The place of a lead in the order of time: the moment of its creation, and its id."""


class Chained(Sequence[int]):
    """Sequences one behind the other."""

    def __init__(self, parts: Sequence[Sequence[int]]) -> None:
        self._parts = [part for part in parts if len(part)]
        self._ends: list[int] = []
        for part in self._parts:
            self._ends.append(len(part) + (self._ends[-1] if self._ends else 0))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexError(index)
        part = bisect_right(self._ends, position)
        return self._parts[part][position - self._ends[part]]


class CreationKeys(Sequence[CreationKey]):
    """The keys of enquiries of a world, ascending as their ids do."""

    def __init__(self, world: World, agency: int, ids: Sequence[int]) -> None:
        self._world = world
        self._agency = agency
        self._ids = ids
        self._made = world.ids(Kind.ENQUIRY, agency)
        self.is_whole = len(ids) == len(self._made)
        """Whether it has all enquiries of the agency that the world made."""

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, index: int) -> CreationKey: ...
    @overload
    def __getitem__(self, index: slice) -> list[CreationKey]: ...
    def __getitem__(self, index: int | slice) -> CreationKey | list[CreationKey]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        id = self._ids[index]
        return enquiry_created(self._world, self._agency, self._made.index(id)), id

    def between(self, first: Epoch, end: Epoch, *, descending: bool) -> Iterator[CreationKey]:
        """Yields the keys from the moment `first` until before `end`; the world keeps them in portions."""
        low, high = (enquiry_since(self._world, self._agency, moment) for moment in (first, end))
        portions = range(low // PORTION, -(-high // PORTION))
        for portion in reversed(portions) if descending else portions:
            keys = self._world.remembered(creation_keys, self._agency, portion)
            begin = portion * PORTION
            keys = keys[max(0, low - begin) : high - begin]
            yield from reversed(keys) if descending else keys


def between(row: Sequence[CreationKey], first: Epoch, end: Epoch, *, descending: bool = False) -> Iterator[CreationKey]:
    """Yields the keys of a sorted row from the moment `first` until before `end`."""
    if isinstance(row, CreationKeys) and row.is_whole:
        return row.between(first, end, descending=descending)
    places = range(bisect_left(row, (first,)), bisect_left(row, (end,)))
    return (row[place] for place in (reversed(places) if descending else places))


def merged_slice(rows: Sequence[Sequence[K]], start: int, stop: int) -> list[K]:
    """Returns `sorted(chain(*rows))[start:stop]` of sorted rows; only a few keys of each are looked at."""
    begins = _cuts(rows, min(start, sum(map(len, rows))))
    tails = [_from(row, begin) for row, begin in zip(rows, begins, strict=True)]
    return list(islice(merge(*tails), max(0, stop - start)))


def _from(row: Sequence[K], begin: int) -> Iterator[K]:
    return (row[place] for place in range(begin, len(row)))


def _cuts(rows: Sequence[Sequence[K]], rank: int) -> list[int]:
    """Returns how many keys of each row are among the first `rank` of all; no two keys are the same."""
    left = sum(map(len, rows)) - rank
    low = [max(0, len(row) - left) for row in rows]
    high = [min(len(row), rank) for row in rows]
    while sum(low) < rank:
        widest = max(range(len(rows)), key=lambda at: high[at] - low[at])
        key = rows[widest][(low[widest] + high[widest]) // 2]
        below = [bisect_right(row, key, low[at], high[at]) for at, row in enumerate(rows)]
        if sum(below) <= rank:
            low = below
        else:
            high = [bisect_left(row, key, low[at], high[at]) for at, row in enumerate(rows)]
    return low
