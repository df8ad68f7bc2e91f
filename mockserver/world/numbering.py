"""Ids of entities and back, by arithmetic alone: nothing is listed, nothing is searched."""

from mockserver.domain import Kind
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world.files import Size

BASES: dict[Kind, int] = {
    Kind.AGENT: 3_801,
    Kind.PERSON: 4_942_001,
    Kind.ESTATE: 5_120_001,
    Kind.ENQUIRY: 170_001,
    Kind.PROFILE: 156_001,
}
"""The first id of each kind."""

SEARCH_EVERY = 5
SEARCH_AT = 2
"""Each fifth enquiry of an agency, from its third on, is a search with a profile: so both can be counted."""


class Spot(NamedTuple):
    """The place of an entity: its agency, its position there (0 is the oldest), and the id that follows from them."""

    agency: int
    position: int
    id: int


class Numbering:
    """Ids are dealt to the agencies in turn: `base + position * agencies + index of the agency`."""

    def __init__(self, agencies: tuple[int, ...], size: Size) -> None:
        self.agencies = agencies
        self.counts = {
            Kind.AGENT: size.agents,
            Kind.PERSON: size.enquiries + size.estates,
            Kind.ESTATE: size.estates,
            Kind.ENQUIRY: size.enquiries,
            Kind.PROFILE: (size.enquiries + SEARCH_EVERY - 1 - SEARCH_AT) // SEARCH_EVERY,
        }
        self._index = {agency: index for index, agency in enumerate(agencies)}
        self.counts_of = dict.fromkeys(agencies, self.counts)
        """The number of entities by agency and kind."""
        self._firsts = {
            agency: {kind: base + index for kind, base in BASES.items()} for agency, index in self._index.items()
        }
        self._step = len(agencies)

    def index(self, agency: int) -> int:
        """Returns the rank of an agency of the world, from 0. Raises KeyError for one of another world."""
        return self._index[agency]

    def spot(self, kind: Kind, agency: int, position: int) -> Spot:
        """Raises KeyError for an unknown agency, IndexError for a position that the agency does not have."""
        return Spot(agency, position, self.id_at(kind, agency, position))

    def id_at(self, kind: Kind, agency: int, position: int) -> int:
        """Returns the id of a spot. Raises what `spot` raises."""
        if not 0 <= position < self.counts[kind]:
            raise IndexError(f"agency {agency} has {self.counts[kind]} of kind {kind}, none at position {position}")
        return self._firsts[agency][kind] + position * self._step

    def ids(self, kind: Kind, agency: int) -> range:
        """All ids of a kind at an agency, ascending. Raises KeyError for an unknown agency."""
        step = len(self.agencies)
        first = BASES[kind] + self._index[agency]
        return range(first, first + self.counts[kind] * step, step)

    def locate(self, kind: Kind, id: int) -> tuple[int, int] | None:
        """The inverse of `spot`: agency and position, or None when no entity of the world has this id."""
        position, index = divmod(id - BASES[kind], len(self.agencies))
        return (self.agencies[index], position) if 0 <= position < self.counts[kind] else None

    def next_id(self, kind: Kind) -> int:
        """The first id that no entity of the world has."""
        return BASES[kind] + self.counts[kind] * len(self.agencies)
