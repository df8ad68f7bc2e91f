"""Deferred entities: what a client wrote is kept as it came, and becomes entities when somebody looks at them."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mockserver.domain import Entity, Kind
from mockserver.foundation.epoch import Epoch

AS_IT_CAME = "as_it_came"
"""The member of a record that names the provider whose words it is in; a record of an entity has no such member."""
_NOTHING: Mapping[Kind, Any] = {}


class DeferredWrite:
    """Everything that decides what was written, settled at once: the same comes of it however late somebody looks.

    A subclass makes the entities; that depends on nothing that can change, such as a clock or a store.
    """

    __slots__ = ("agency", "moment")

    def __init__(self, agency: int, moment: Epoch) -> None:
        self.agency = agency
        self.moment = moment
        """The moment at which its entities were created and last updated."""

    @property
    def weight(self) -> int:
        """About how many bytes it takes for each of its entities, with their places in the store."""
        raise NotImplementedError

    def make(self, kind: Kind) -> Entity:
        """Returns the entity of that kind."""
        raise NotImplementedError

    def member(self, kind: Kind, name: str) -> Any:
        """Returns the value of a member; a subclass knows some without making the entity."""
        return getattr(self.make(kind), name)

    def records(self) -> Mapping[Kind, Any]:
        """Returns by kind, as plain JSON, what a database keeps in place of entities; nothing where they are made.

        Each has `AS_IT_CAME`, with the name of the provider that reads it, and nothing that its entity does not show.
        """
        return _NOTHING


NewUuid: TypeAlias = Callable[[Kind, int], str]
"""Returns the UUID of a new entity."""
WriteReader: TypeAlias = Callable[[Mapping[str, Any], NewUuid], DeferredWrite]
"""Reads a record of `DeferredWrite.records`; the write has the entity of its kind, and nothing of others."""
WriteReaders: TypeAlias = Mapping[str, WriteReader]
"""The readers by provider."""
NO_READERS: WriteReaders = {}


class DeferredEntity:
    """An entity that is new, in its place in the store until it changes; its members are read as those of any other."""

    __slots__ = ("id", "kind", "write")

    def __init__(self, kind: Kind, id: int, write: DeferredWrite) -> None:
        self.kind = kind
        self.id = id
        self.write = write

    @property
    def agency(self) -> int:
        """The agency of the write."""
        return self.write.agency

    @property
    def created_at(self) -> Epoch:
        """The moment of the write."""
        return self.write.moment

    @property
    def updated_at(self) -> Epoch:
        """The moment of the write."""
        return self.write.moment

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.write.member(self.kind, name)

    def made(self) -> Entity:
        """Returns the entity, anew each time."""
        return self.write.make(self.kind)


def read_again(key: str, value: Any, readers: WriteReaders, new_uuid: NewUuid) -> Any:
    """Returns the value of a record as it is, or the entity of one of `DeferredWrite.records`, still to be made."""
    if not isinstance(value, dict) or AS_IT_CAME not in value:
        return value
    kind, _, id = key.partition("/")
    return DeferredEntity(Kind(kind), int(id), readers[value[AS_IT_CAME]](value, new_uuid))
