"""Agencies, which receive enquiries, and their employees."""

from mockserver.domain.base import Entity
from mockserver.domain.person import Address
from mockserver.foundation.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency(Entity):
    """A real-estate agency. `agency` equals `id`, so that `agency` is the owner of every entity."""

    name: str
    granted: bool
    """Whether the default credentials of a provider may read it."""
    partner: str
    """The customer number that AVIV providers use, `RC-` and six digits."""
    commune: int
    address: Address
    phone: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent(Entity):
    """A negotiator or another employee of an agency."""

    firstname: str
    lastname: str
    email: str
    phone: str
    mobile: str | None
    manager: bool
    active: bool = True
    languages: tuple[str, ...] = ("fr",)
