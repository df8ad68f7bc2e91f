"""A lead: somebody asked an agency to be contacted."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from mockserver.domain.base import Entity, Frozen
from mockserver.domain.estate import EstateType, Transaction
from mockserver.domain.estimation import Estimation
from mockserver.domain.project import Project
from mockserver.domain.retention import retention_end
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch


class Category(StrEnum):
    """The subject of an enquiry."""

    CLASSIFIED = "CLASSIFIED"
    """One listing."""
    AGENCY = "AGENCY"
    """The agency itself, no listing."""
    ESTIMATION = "ESTIMATION"
    """The value of a property that the seeker owns."""
    PROPERTY_SEARCH = "PROPERTY_SEARCH"
    """A search, described by criteria."""


class Intention(StrEnum):
    """The seeker's purpose, in AVIV's values for agency leads."""

    BUY = "BUY"
    RENT = "RENT"
    SELL = "SELL"
    MANAGE = "MANAGE"
    ASK_A_QUESTION = "ASK_A_QUESTION"


class Portal(StrEnum):
    """The portal on which an enquiry was made; the value is Seeker Leads' code."""

    BELLES_DEMEURES = "BDS-FRA"
    IMMONET = "IMN-DEU"
    IMMOWEB = "IWB-BEL"
    IMMOWELT_DE = "IWT-DEU"
    IMMOWELT_AT = "IWT-AUT"
    LA_COTE_IMMO = "LCI-FRA"
    LOGIC_IMMO = "LIM-FRA"
    LOGIC_IMMO_CONSTRUIRE = "LIC-FRA"
    LOGIC_IMMO_NEUF = "LIN-FRA"
    LUX_RESIDENCE = "LUX-FRA"
    MEILLEURS_AGENTS = "MAG-FRA"
    SELOGER = "SLG-FRA"
    SELOGER_BUREAUX = "BCM-FRA"
    SELOGER_CONSTRUIRE = "SLC-FRA"
    SELOGER_NEUF = "SLN-FRA"
    YOURSQUARES = "YSQ-DEU"
    SIGNIFY_DE = "SIG-DEU"
    SIGNIFY_FR = "SIG-FRA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone(Frozen):
    """An event in the handling of an enquiry: its moment, and the agent who acted or was assigned."""

    at: Epoch | None = None
    agent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Frozen):
    """The criteria of a seeker. Prices are in `currency`, areas in square metres; None is "no limit"."""

    transaction: Transaction | None = None
    types: tuple[EstateType, ...] = ()
    communes: tuple[int, ...] = ()
    area_min: float | None = None
    area_max: float | None = None
    rooms_min: int | None = None
    rooms_max: int | None = None
    bedrooms_min: int | None = None
    bedrooms_max: int | None = None
    price_min: float | None = None
    price_max: float | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient(Frozen):
    """The person to whom a listing was forwarded."""

    firstname: str | None = None
    lastname: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateHint(Frozen):
    """The source's free description of the estate, where it did not (only) name an estate of the agency."""

    reference: str | None = None
    street: str | None = None
    more: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay(Frozen):
    """The dates of a requested rental, as sent: `YYYY-MM-DD`, with or without a time."""

    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enquiry(Entity):
    """A lead. `seeker` is a person of the same agency, `estate` one of its estates."""

    uuid: str
    """The portal's own id of the lead; GSL's and Seeker Leads' `leadId`."""
    reference: str
    """The source's identifier of the lead; for a lead from a portal the `uuid`."""
    category: Category
    intention: Intention
    asker: Intention | None = None
    """The side of somebody who only asks a question: BUY, RENT, SELL or MANAGE; None when they asked for more."""
    portal: Portal | None
    parent: int | None = None
    """The enquiry that this one repeats."""
    seeker: int
    in_contacts: bool = True
    """Whether the agency has linked the seeker as a contact."""
    estate: int | None = None
    profile: int | None = None
    agent: int | None = None
    message: str = ""
    search: Search = Search()
    hint: EstateHint = EstateHint()
    recipient: Recipient = Recipient()
    stay: Stay = Stay()
    estimation: Estimation | None = None
    """Present only for category ESTIMATION, and only when a portal sent the enquiry."""
    project: Project | None = None
    """Present only for category PROPERTY_SEARCH, and only when a portal sent the enquiry."""
    called: bool = False
    """Whether the seeker rang instead of writing."""
    rental_file: bool = False
    """Whether the seeker attached a tenant's application file."""
    step: int = 1
    """1 new, 2 opened, 3 in progress, 4 closed."""
    opened: Milestone | None = None
    assigned: Milestone | None = None
    closed: Milestone | None = None
    contacted_at: Epoch
    extras: Mapping[str, Any] = field(default_factory=dict)
    """Members of a write that the domain has no field for, by name; a later read returns them."""

    @property
    def source_key(self) -> tuple[object, str]:
        """The sender, if a write named one, and the sender's reference: equal keys mean the same lead sent twice."""
        return self.extras.get("provider"), self.reference

    @property
    def expires_at(self) -> Epoch:
        """The moment from which nobody may keep the lead."""
        return retention_end(self.created_at)


_MILESTONES = {"opened": 2, "assigned": 3, "closed": 4}
"""The step from which on each milestone is reached (Apimo's `lead_step`, dossier apimo §7, inferred)."""


def reached(enquiry: Enquiry, step: int, now: Epoch) -> dict[str, Milestone]:
    """Returns the milestones that a step implies and the enquiry lacks, dated now and with its agent (assumed)."""
    return {
        name: Milestone(at=now, agent=enquiry.agent)
        for name, since in _MILESTONES.items()
        if since <= step <= max(_MILESTONES.values()) and getattr(enquiry, name) is None
    }
