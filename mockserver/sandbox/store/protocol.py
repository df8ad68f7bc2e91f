"""The protocol of stores, for the rest of the server."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from mockserver.domain import Entity, Kind
from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.store.deferred import DeferredWrite

T = TypeVar("T")


class Store(Protocol):
    """The entities of one sandbox. Ids are unique per kind; an agency's list is in ascending order of id."""

    @property
    def revision(self) -> int:
        """Counts up with every change, so that what is derived from the store can be cached until then."""

    def agencies(self) -> Sequence[int]:
        """Returns the ids of all agencies, ascending."""

    def get(self, kind: Kind, id: int) -> Entity | None:
        """Returns the entity as it is now, or None when there is none."""

    def count(self, kind: Kind, agency: int) -> int:
        """Returns the number of entities; costs the same whatever the number."""

    def ids(self, kind: Kind, agency: int) -> Sequence[int]:
        """Returns all ids, ascending; taking a slice costs what the slice costs."""

    def moments(self, kind: Kind, agency: int) -> Sequence[Epoch]:
        """Returns `updated_at` of every entity, by position."""

    def oldest(self, kind: Kind, agency: int) -> Epoch | None:
        """Returns a moment before which none was created, None when there are none; costs the same whatever the number.

        Not for persons: the world does not make them in the order of time.
        """

    def find(self, kind: Kind, agency: int, attribute: str, value: object) -> Entity | None:
        """Returns the oldest entity whose attribute has that value."""

    def next_id(self, kind: Kind) -> int:
        """Returns an id that was never given before."""

    def put(self, kind: Kind, entity: Entity) -> None:
        """Adds the entity, or replaces the one with its id."""

    def defer(self, kind: Kind, id: int, write: DeferredWrite) -> None:
        """Adds a new entity, whose id was just given; it is made when somebody looks at it."""

    def remove(self, kind: Kind, id: int) -> None:
        """Removes the entity for good: its id is never given again. Does nothing when there is none."""

    def bump(self, counter: str, *, until: Epoch, now: Epoch) -> int:
        """Adds one to a counter that is dropped at `until`, and returns its value."""

    def peek(self, counter: str, now: Epoch) -> int:
        """Returns the value of a counter; 0 when it never counted, or was dropped."""

    def derived(self, key: str, make: Callable[[], T]) -> T:
        """Returns what `make` returns, which is cached under the key until the next change."""

    def encoded(self, view: str, kind: Kind, id: int) -> bytes | None:
        """Returns the encoded form of an entity that was cached for that view, if it still holds."""

    def cache_encoded(self, view: str, kind: Kind, id: int, encoded: bytes) -> None:
        """Caches an encoded form until something that it may show changes."""
