"""The recipes make one entity from its place in the world; a `WorldContext` is all that they may ask of that world."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from mockserver.domain import Category, Commune, Enquiry, Entity, Estate, Kind, Person
from mockserver.foundation.epoch import Epoch
from mockserver.world.communes import Communes
from mockserver.world.enquiry_draws import EnquiryDraws
from mockserver.world.files import WorldFile
from mockserver.world.locales import Locale
from mockserver.world.numbering import Numbering
from mockserver.world.pins import PinBoard
from mockserver.world.rng import KeyedRandom
from mockserver.world.sites import EstateOutline

T = TypeVar("T")


class WorldContext(Protocol):
    """`World` as its recipes see it: settings, tables, and the entities that others refer to."""

    file: WorldFile
    seed: int
    origin: Epoch
    """The moment before which everything in the world happened."""
    communes: Communes
    numbering: Numbering
    pins: PinBoard
    span: int
    """The seconds over which enquiries came in."""

    def count(self, kind: Kind, agency: int) -> int:
        """The number of entities of a kind at an agency."""

    def ids(self, kind: Kind, agency: int) -> range:
        """The ids of all of a kind, ascending."""

    def entity(self, kind: Kind, agency: int, position: int) -> Entity:
        """The entity at a position."""

    def in_passing(self, kind: Kind, agency: int, position: int) -> Entity:
        """The entity at a position, which is not kept."""

    def id_at(self, kind: Kind, agency: int, position: int) -> int:
        """The id at a position."""

    def locate(self, kind: Kind, id: int) -> tuple[int, int] | None:
        """The agency and the position of an id; None when the world has no such id."""

    @property
    def locale(self) -> Locale:
        """The locale of the people who enquire."""

    def enquiry_draws(self, id: int) -> EnquiryDraws:
        """The draws of the enquiry of an id."""

    def enquiry_moment(self, agency: int, position: int) -> Epoch:
        """The moment of the enquiry at a position."""

    def estate_outline(self, agency: int, position: int) -> EstateOutline:
        """The outline of the estate at a position, which is not made for it."""

    def enquiry(self, agency: int, position: int) -> Enquiry:
        """The enquiry at a position."""

    def estate(self, agency: int, position: int) -> Estate:
        """The estate at a position."""

    def person(self, agency: int, position: int) -> Person:
        """The person at a position."""

    def category(self, agency: int, position: int) -> Category:
        """The category of the enquiry at a position, which is not made for it."""

    def remembered(self, function: Callable[..., T], *arguments: int) -> T:
        """Returns what a function of the world and some numbers returns, or returned before."""

    def home(self, agency: int) -> Commune:
        """The town of an agency."""

    def working_agents(self, agency: int) -> tuple[int, ...]:
        """The ids of the agents who have not left."""

    def rng(self, kind: Kind, id: int) -> KeyedRandom:
        """The random numbers from which an entity is made."""

    def key(self, salt: str, subject: object) -> int:
        """A random number of 64 bits for one question about a few subjects, such as agencies."""

    def uniform(self, salt: str, kind: Kind, id: int) -> float:
        """A random number in [0, 1) for one question about an entity, apart from those from which it is made."""
