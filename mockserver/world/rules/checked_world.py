"""The entities of a world that rules look at: all of them, or only those that a world file pins."""

from collections.abc import Iterator
from typing import TypeVar, cast

from mockserver.domain import Agent, Enquiry, Entity, Estate, Kind, Person, SearchProfile
from mockserver.world.world import World

E = TypeVar("E", bound=Entity)


class CheckedWorld:
    """A world, and which of its entities are looked at; what these refer to is found in either case."""

    def __init__(self, world: World, *, most_pins: int | None = None) -> None:
        """Looks at all entities, or at those of so many pins."""
        self.world = world
        self.pins = None if most_pins is None else world.pins.places()[:most_pins]

    def agents(self) -> Iterator[Agent]:
        """The agents that are looked at, agency by agency, by ascending id."""
        return cast(Iterator[Agent], self._all(Kind.AGENT))

    def persons(self) -> Iterator[Person]:
        """The persons that are looked at, those whom nothing refers to included."""
        return cast(Iterator[Person], self._all(Kind.PERSON))

    def estates(self) -> Iterator[Estate]:
        """The listings that are looked at."""
        return cast(Iterator[Estate], self._all(Kind.ESTATE))

    def enquiries(self) -> Iterator[Enquiry]:
        """The enquiries that are looked at."""
        return cast(Iterator[Enquiry], self._all(Kind.ENQUIRY))

    def profiles(self) -> Iterator[SearchProfile]:
        """The search profiles that are looked at."""
        return cast(Iterator[SearchProfile], self._all(Kind.PROFILE))

    def estate(self, id: int) -> Estate:
        """The listing of an id. Raises LookupError where the world has none."""
        return cast(Estate, self._entity(Kind.ESTATE, id))

    def person(self, id: int) -> Person:
        """The person of an id. Raises LookupError where the world has none."""
        return cast(Person, self._entity(Kind.PERSON, id))

    def enquiry(self, id: int) -> Enquiry:
        """The enquiry of an id. Raises LookupError where the world has none."""
        return cast(Enquiry, self._entity(Kind.ENQUIRY, id))

    def _entity(self, kind: Kind, id: int) -> Entity:
        spot = self.world.locate(kind, id)
        if spot is None:
            raise LookupError(f"the world has no {kind} {id}")
        return self.world.entity(kind, *spot)

    def _all(self, kind: Kind) -> Iterator[Entity]:
        for place in self._places(kind) if self.pins is None else self.pins:
            if place[0] is kind:
                yield self.world.entity(*place)

    def _places(self, kind: Kind) -> Iterator[tuple[Kind, int, int]]:
        for agency in self.world.agencies:
            yield from ((kind, agency, position) for position in range(self.world.count(kind, agency)))
