"""A project is what somebody who leaves a search tells beyond its criteria: plans, household, means."""

from enum import StrEnum

from mockserver.domain.base import Frozen
from mockserver.domain.estimation import Business


class Service(StrEnum):
    """A service that should be near."""

    TRANSPORTATION = "TRANSPORTATION"
    SCHOOLS = "SCHOOLS"
    SHOPS = "SHOPS"


class Staff(StrEnum):
    """The number of people who work for a company."""

    UNDER_10 = "UNDER_10"
    UNDER_50 = "UNDER_50"
    MORE = "MORE"


class InvestmentReason(StrEnum):
    """The reason of a buyer who will not live there."""

    TAX_EXEMPTION = "TAX_EXEMPTION"
    RENTAL_INCOME = "RENTAL_INCOME"
    RETIREMENT = "RETIREMENT"


class InvestmentScheme(StrEnum):
    """A scheme of French law that spares landlords taxes."""

    PINEL = "PINEL"
    MALRAUX = "MALRAUX"
    LMNP = "LMNP"


class PlotStatus(StrEnum):
    """The state of the search for a plot by somebody who wants to build."""

    SEARCHED = "SEARCHED"
    OWNED = "OWNED"


class Employment(StrEnum):
    """The source of somebody's income."""

    EMPLOYEE = "EMPLOYEE"
    CIVIL_SERVANT = "CIVIL_SERVANT"
    SELF_EMPLOYED = "SELF_EMPLOYED"
    RETIRED = "RETIRED"


class MaritalStatus(StrEnum):
    """As French forms ask it."""

    SINGLE = "SINGLE"
    MARRIED = "MARRIED"
    CIVIL_UNION = "CIVIL_UNION"
    COHABITING = "COHABITING"
    DIVORCED = "DIVORCED"
    WIDOWED = "WIDOWED"


class Commercial(Frozen):
    """A search for business premises."""

    leaseback: bool | None = None
    """True when the seller would stay as tenant; None is not applicable."""
    business: Business = Business()
    staff: Staff | None = None
    company: str | None = None
    relocation: str | None = None
    """`YYYY-MM-DD`."""
    comment: str | None = None


class Investment(Frozen):
    """A purchase to let."""

    reason: InvestmentReason
    scheme: InvestmentScheme | None = None


class Household(Frozen):
    """The people with whom a seeker lives. The person itself has the date of birth and the address."""

    employment: Employment
    marital_status: MaritalStatus
    size: int
    children: int


class Money(Frozen):
    """Whole euro a month, so that a year is exactly twelve of them; `household` includes `own`."""

    own: int
    household: int
    corporate: int = 0
    """Of the seeker's own company: 0 for who has none."""


class Finances(Frozen):
    """Income and taxes of a household. Net is before income tax, which follows from gross; passive comes on top."""

    gross: Money
    net: Money
    taxable: Money
    taxes: Money
    passive: Money
    savings: int
    """Euro a month that could be put aside."""


class Project(Frozen):
    """Answers of a search lead beyond the enquiry's `search`; salutation, address and birth date are the person's."""

    estate: int | None = None
    """The listing on whose page the search was left."""
    service: Service | None = None
    commercial: Commercial | None = None
    """Only of searches for business premises."""
    investment: Investment | None = None
    """Only of purchases to let."""
    plot: PlotStatus | None = None
    """Only of searches for a plot."""
    household: Household | None = None
    finances: Finances | None = None
    comment: str | None = None
