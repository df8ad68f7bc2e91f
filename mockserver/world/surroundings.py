"""The surroundings of a commune decide what stands there: farms, chalets and holiday homes, or flats and garages."""

from enum import StrEnum
from functools import cache

from mockserver.domain import Commune
from mockserver.foundation.patterns import late_pattern
from mockserver.world.tables import table

_ARRONDISSEMENT = late_pattern(r" \d+(?:er|ème)$")
_DENSE = frozenset({"75", "92"})
"""Departments that are built over: nobody finds a field there."""


PARIS = "75"


class Surroundings(StrEnum):
    """The lists of `fixtures/tables/outlooks.json`."""

    SEA = "sea"
    MOUNTAIN = "mountain"
    COUNTRYSIDE = "countryside"
    RESORT = "resort"


def has(commune: Commune, surroundings: Surroundings) -> bool:
    """Tells whether the commune lies at the sea, in the mountains, has farmland, or holiday homes."""
    return commune.insee in _insee_codes(surroundings)


def is_dense(commune: Commune) -> bool:
    """Tells whether the commune is all streets: an arrondissement, or a town next to Paris."""
    return commune.department in _DENSE or bool(_ARRONDISSEMENT.search(commune.name))


def is_visited(commune: Commune) -> bool:
    """Tells whether people go there on holiday: to the sea, the mountains, a place with holiday homes, and Paris."""
    return commune.department == PARIS or commune.insee in _visited_insee_codes()


@cache
def _visited_insee_codes() -> frozenset[str]:
    visited = (Surroundings.SEA, Surroundings.MOUNTAIN, Surroundings.RESORT)
    return frozenset().union(*map(_insee_codes, visited))


@cache
def _insee_codes(surroundings: Surroundings) -> frozenset[str]:
    return frozenset(table("outlooks")[surroundings])
