"""Walks over many entities that go on in the next time slice where the last one ended."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from itertools import islice
from typing import Any, TypeVar

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.slices import pause
from mockserver.sandbox.store import Store

T = TypeVar("T")


@dataclass(slots=True)
class Walks:
    """The results of a call's walks, by name, until the store changes: then each begins anew."""

    revision: int = -1
    results: dict[str, list[Any]] = field(default_factory=dict)
    counts: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """By name: how many were counted, and the last of them."""
    values: dict[str, Any] = field(default_factory=dict)
    """By name: what was worked out once."""
    has_paused: bool = False

    def pause_once(self) -> None:
        """Raises SliceOver when it is called first, in any slice."""
        if not self.has_paused:
            self.has_paused = True
            pause()

    def over(self, store: Store, name: str, ids: Sequence[int], visit: Callable[[int], T]) -> list[T]:
        """Visits the ids in their order, and returns what that gives; the list is not to be changed.

        A visit may raise SliceOver: the handler then begins anew, and this walk goes on with that id.
        """
        self._look_at(store)
        results: list[T] = self.results.setdefault(name, [])
        for id in ids[len(results) :] if results else ids:
            results.append(visit(id))
        return results

    def count(self, store: Store, name: str, behind: Callable[[T | None], Iterable[T]]) -> int:
        """Counts what `behind` yields: all, or what comes behind the last one that was counted.

        It may raise SliceOver: the handler then begins anew, and this count goes on behind that one.
        """
        self._look_at(store)
        counted, last = self.counts.get(name, (0, None))
        for key in behind(last):
            counted += 1
            self.counts[name] = (counted, key)
        return counted

    def once(self, store: Store, name: str, make: Callable[[], T]) -> T:
        """Returns what `make` returns, or what it returned in an earlier slice."""
        self._look_at(store)
        if name not in self.values:
            self.values[name] = make()
        value: T = self.values[name]
        return value

    def first(self, store: Store, name: str, most: int, behind: Callable[[T | None], Iterable[T]]) -> list[T]:
        """Returns the first ones, as many as `most`, of what `behind` yields: all, or what comes behind the last one.

        It may raise SliceOver: the handler then begins anew, and this goes on behind that one.
        """
        taken: list[T] = self.once(store, name, list)
        for key in islice(behind(taken[-1] if taken else None), most - len(taken)):
            taken.append(key)
        return taken

    def _look_at(self, store: Store) -> None:
        if self.revision != store.revision:
            self.revision, self.results, self.counts, self.values = store.revision, {}, {}, {}
