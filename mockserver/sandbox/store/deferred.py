"""Deferred writes: what a client wrote is kept as it came, and becomes entities when somebody looks at them."""

from collections.abc import Iterable
from typing import Any, ClassVar

from mockserver.domain import Entity, Kind
from mockserver.foundation.epoch import Epoch


class DeferredWrite:
    """Everything that decides what was written, settled at once: the same comes of it however late somebody looks.

    It stands for one new entity of each of its kinds. A subclass makes them; that depends on nothing that can change,
    such as a clock or a store.
    """

    __slots__ = ("agency", "ids", "moment")
    kinds: ClassVar[tuple[Kind, ...]]

    def __init__(self, agency: int, moment: Epoch, ids: tuple[int, ...]) -> None:
        self.agency = agency
        self.moment = moment
        """The moment at which the entities were created and last updated."""
        self.ids = ids
        """New ids, in the order of `kinds`."""

    @property
    def weight(self) -> int:
        """About how many bytes it takes for each of its entities."""
        raise NotImplementedError

    def make(self, kind: Kind) -> Entity:
        """Returns the entity of that kind."""
        raise NotImplementedError

    def member(self, kind: Kind, name: str) -> Any:
        """Returns the value of a member; a subclass knows some without making the entity."""
        return getattr(self.make(kind), name)

    def entries(self) -> Iterable[tuple[Kind, int]]:
        """Returns kind and id of each entity."""
        return zip(self.kinds, self.ids, strict=True)
