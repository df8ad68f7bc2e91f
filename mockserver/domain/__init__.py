"""The neutral nouns of the world: what is true of an enquiry whichever provider shows it.

Every moment is an `Epoch`: whole seconds since 1970-01-01T00:00:00Z. Each provider turns it into its own notation.
"""

from mockserver.domain.agency import Agency, Agent
from mockserver.domain.base import Entity, Epoch, Frozen, Kind
from mockserver.domain.enquiry import (
    Category,
    Enquiry,
    EstateHint,
    Intention,
    Milestone,
    Portal,
    Recipient,
    Search,
    Stay,
)
from mockserver.domain.estate import SUBTYPES, Commune, Condition, Estate, EstateType, MarketStatus, Transaction
from mockserver.domain.person import Address, Gender, Person, Phone, PhoneKind, Role
from mockserver.domain.profile import Place, RoomWish, SearchProfile

__all__ = [
    "SUBTYPES",
    "Address",
    "Agency",
    "Agent",
    "Category",
    "Commune",
    "Condition",
    "Enquiry",
    "Entity",
    "Epoch",
    "Estate",
    "EstateHint",
    "EstateType",
    "Frozen",
    "Gender",
    "Intention",
    "Kind",
    "MarketStatus",
    "Milestone",
    "Person",
    "Phone",
    "PhoneKind",
    "Place",
    "Portal",
    "Recipient",
    "Role",
    "RoomWish",
    "Search",
    "SearchProfile",
    "Stay",
    "Transaction",
]
