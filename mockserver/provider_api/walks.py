"""Walks over many entities that go on in the next time slice where the last one ended."""

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any, TypeVar

from mockserver.foundation.dataclass import dataclass
from mockserver.sandbox.store import Store

T = TypeVar("T")


@dataclass(slots=True)
class Walks:
    """The results of a call's walks, by name, until the store changes: then each begins anew."""

    revision: int = -1
    results: dict[str, list[Any]] = field(default_factory=dict)

    def over(self, store: Store, name: str, ids: Sequence[int], visit: Callable[[int], T]) -> list[T]:
        """Visits the ids in their order, and returns what that gives; the list is not to be changed.

        A visit may raise SliceOver: the handler then begins anew, and this walk goes on with that id.
        """
        if self.revision != store.revision:
            self.revision, self.results = store.revision, {}
        results: list[T] = self.results.setdefault(name, [])
        for id in ids[len(results) :] if results else ids:
            results.append(visit(id))
        return results
