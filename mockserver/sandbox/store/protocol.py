"""The protocol of stores, for the rest of the server."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from mockserver.domain import Category, Entity, Kind, OfferDetails, OfferKind
from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.store.contact_link import ContactLink
from mockserver.sandbox.store.deferred import DeferredWrite
from mockserver.sandbox.store.sequences import CreationKey

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

    def ids_since(
        self, kind: Kind, agency: int, *, created: Epoch | None = None, updated: Epoch | None = None
    ) -> Sequence[int]:
        """Returns the ids of those that were updated at a moment or later, ascending; of enquiries also created."""

    def in_hand(self, kind: Kind, agency: int) -> Sequence[int]:
        """Returns the ids, ascending, of the enquiries or the profiles with which an agency may not have done yet.

        Of the world's own that is a bounded number, and those that were written over; new ones are not among them.
        """

    def written_with(self, kind: Kind, agency: int, member: str, value: object) -> Sequence[int]:
        """Returns the ids, ascending, of the written entities whose member has a value. Raises SliceOver."""

    def by_creation(self, agency: int) -> Sequence[Sequence[CreationKey]]:
        """Returns the keys of all enquiries, in some sequences that each ascend."""

    def about(
        self, agency: int, estate: int, first: Epoch, end: Epoch, *, descending: bool = False
    ) -> Iterator[CreationKey]:
        """Yields the keys of the enquiries about a listing that were created from `first` until before `end`."""

    def category(self, id: int) -> Category | None:
        """Returns the category of an enquiry, mostly without making it; None when there is no such enquiry."""

    def contact_link(self, id: int) -> ContactLink | None:
        """Returns the link of an enquiry to a contact, mostly without making it; None when there is no such enquiry."""

    def estates_on_offer(self, agency: int, keep: Callable[[OfferKind], bool]) -> Sequence[int]:
        """Returns the ids, ascending, of the estates whose offer is kept, without making them.

        Raises SliceOver; called again, it goes on.
        """

    def offer_details(self, id: int) -> OfferDetails | None:
        """Returns the details of an estate by which others choose it; None when there is no such estate."""

    def count_created(self, agency: int, categories: Collection[Category], first: Epoch, end: Epoch) -> int:
        """Returns the number of enquiries of those categories that were created from `first` until before `end`.

        Raises SliceOver; called again, it goes on.
        """

    def oldest(self, kind: Kind, agency: int) -> Epoch | None:
        """Returns a moment before which none was created, None when there are none; costs the same whatever the number.

        Not for persons: the world does not make them in the order of time.
        """

    def find(self, kind: Kind, agency: int, attribute: str, value: object) -> Entity | None:
        """Returns the oldest entity whose attribute has that value. Raises LookupError for some attributes."""

    def find_all(self, kind: Kind, agency: int, attribute: str, value: object) -> Sequence[Entity]:
        """Returns the entities whose attribute has that value, by id: as `find`, it goes by an index."""

    def candidates(self, kind: Kind, agency: int, attribute: str, value: object) -> Sequence[int]:
        """Returns the ids of all that may have that value, ascending: few others are among them."""

    def next_id(self, kind: Kind) -> int:
        """Returns an id that was never given before."""

    def put(self, kind: Kind, entity: Entity) -> None:
        """Adds the entity, or replaces the one with its id."""

    def defer(self, write: DeferredWrite, ids: Mapping[Kind, int]) -> None:
        """Adds new entities, whose ids were just given; each is made when somebody looks at it."""

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

    def all_encoded(self, view: str, kind: Kind, ids: Sequence[int]) -> list[bytes | None]:
        """Returns for each of many entities what `encoded` returns for one."""

    def cache_encoded(self, view: str, kind: Kind, id: int, encoded: bytes) -> None:
        """Caches an encoded form until something that it may show changes."""
