"""What the rest of the server asks of a store. Anything that keeps these promises will do."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from mockserver.domain import Entity, Kind
from mockserver.foundation.epoch import Epoch

T = TypeVar("T")


class Store(Protocol):
    """The entities of one sandbox. Ids are unique per kind; an agency's list is in ascending order of id."""

    @property
    def revision(self) -> int:
        """Counts up with every change, so that what was derived from the store can be kept until then."""

    def agencies(self) -> Sequence[int]:
        """The ids of all agencies, ascending."""

    def get(self, kind: Kind, id: int) -> Entity | None:
        """The entity as it is now, or None when there is none."""

    def count(self, kind: Kind, agency: int) -> int:
        """How many there are; costs the same whatever the number."""

    def ids(self, kind: Kind, agency: int) -> Sequence[int]:
        """All ids, ascending; taking a slice costs what the slice costs."""

    def moments(self, kind: Kind, agency: int) -> Sequence[Epoch]:
        """`updated_at` of every entity, by position."""

    def oldest(self, kind: Kind, agency: int) -> Epoch | None:
        """A moment before which none of them was created, None when there are none; costs the same whatever the number.

        Not for persons: the world does not make them in the order of time.
        """

    def find(self, kind: Kind, agency: int, attribute: str, value: object) -> Entity | None:
        """The oldest entity whose attribute has that value."""

    def next_id(self, kind: Kind) -> int:
        """An id that was never given before."""

    def put(self, kind: Kind, entity: Entity) -> None:
        """Adds the entity, or replaces the one with its id."""

    def remove(self, kind: Kind, id: int) -> None:
        """Takes the entity away, for good: its id is never given again. Nothing happens when there is none."""

    def bump(self, counter: str, *, until: Epoch, now: Epoch) -> int:
        """Adds one to a counter that is forgotten at `until`, and tells its value."""

    def peek(self, counter: str, now: Epoch) -> int:
        """What a counter stands at; 0 when it never counted, or is forgotten."""

    def derived(self, key: str, make: Callable[[], T]) -> T:
        """What `make` gives, kept under the key until the next change."""

    def encoded(self, view: str, kind: Kind, id: int) -> bytes | None:
        """The encoded form of an entity that was kept for that view, if it still holds."""

    def cache_encoded(self, view: str, kind: Kind, id: int, encoded: bytes) -> None:
        """Keeps an encoded form until something that it may show changes."""
