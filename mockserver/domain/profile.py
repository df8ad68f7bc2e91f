"""Search profiles, which an agency keeps for its contacts (Apimo calls them requests)."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from mockserver.domain.base import Entity, Frozen
from mockserver.domain.estate import EstateType, Transaction
from mockserver.foundation.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Frozen):
    """A place of a search: a commune of our table, or a name that is not in the table."""

    commune: int | None = None
    name: str
    district: str | None = None
    covers: tuple[int, ...] = ()
    """The communes of a name that is no commune itself, such as the arrondissements of Paris."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomWish(Frozen):
    """A wanted kind of room (Apimo catalog `property_areas`), with its number and minimum area."""

    type: int
    number: int = 1
    area_min: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchProfile(Entity):
    """The search of a contact. Ids of catalogs are Apimo's, since no other provider has search profiles."""

    contact: int | None
    agent: int | None
    active: bool = True
    auto: bool = True
    validated: bool = False
    ranking: int | None = None
    last_action: str | None = None
    """`YYYY-MM-DD` or with a time, as sent."""
    transaction: Transaction | None = None
    types: tuple[EstateType, ...] = ()
    country: str | None = "FR"
    places: tuple[Place, ...] = ()
    rooms_operator: int = 2
    """1 equal, 2 at least, 3 at most."""
    rooms: int | None = None
    bedrooms: int | None = None
    margin: int = 10
    """Per cent by which price and area may be outside the limits."""
    area_min: float | None = None
    area_max: float | None = None
    price_min: float | None = None
    price_max: float | None = None
    currency: str = "EUR"
    areas: tuple[RoomWish, ...] = ()
    comment: str = ""
    free_criteria: str = ""
    created_by: int | None
    updated_by: int | None
    extras: Mapping[str, Any] = field(default_factory=dict)
    """Members that the matching does not use (standing, services, tags …), by name; a write replaces them."""
