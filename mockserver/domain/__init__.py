"""The provider-neutral entities of the world: agencies, people, estates, enquiries and search profiles.

Every moment is an `Epoch`: whole seconds since 1970-01-01T00:00:00Z. Each provider turns it into its own notation.
"""

from mockserver.domain.agency import Agency, Agent
from mockserver.domain.base import Entity, Frozen, Kind
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
    reached,
)
from mockserver.domain.estate import SUBTYPES, Commune, Condition, Estate, EstateType, MarketStatus, Transaction
from mockserver.domain.estimation import (
    Business,
    ContactSituation,
    Estimation,
    Orientation,
    Outlook,
    Spaces,
    TimeToMarket,
    Trade,
)
from mockserver.domain.person import Address, Gender, Person, Phone, PhoneKind, Role
from mockserver.domain.profile import Place, RoomWish, SearchProfile
from mockserver.domain.project import (
    Commercial,
    Employment,
    Finances,
    Household,
    Investment,
    InvestmentReason,
    InvestmentScheme,
    MaritalStatus,
    Money,
    PlotStatus,
    Project,
    Service,
    Staff,
)
from mockserver.domain.retention import retention_end

__all__ = [
    "SUBTYPES",
    "Address",
    "Agency",
    "Agent",
    "Business",
    "Category",
    "Commercial",
    "Commune",
    "Condition",
    "ContactSituation",
    "Employment",
    "Enquiry",
    "Entity",
    "Estate",
    "EstateHint",
    "EstateType",
    "Estimation",
    "Finances",
    "Frozen",
    "Gender",
    "Household",
    "Intention",
    "Investment",
    "InvestmentReason",
    "InvestmentScheme",
    "Kind",
    "MaritalStatus",
    "MarketStatus",
    "Milestone",
    "Money",
    "Orientation",
    "Outlook",
    "Person",
    "Phone",
    "PhoneKind",
    "Place",
    "PlotStatus",
    "Portal",
    "Project",
    "Recipient",
    "Role",
    "RoomWish",
    "Search",
    "SearchProfile",
    "Service",
    "Spaces",
    "Staff",
    "Stay",
    "TimeToMarket",
    "Trade",
    "Transaction",
    "reached",
    "retention_end",
]
