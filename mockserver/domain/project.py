"""Details of a search lead beyond its criteria: plans, household, finances."""

from enum import StrEnum

from mockserver.domain.base import Frozen
from mockserver.domain.estimation import Business
from mockserver.foundation.dataclass import dataclass

_ANY_BUSINESS = Business()


class Service(StrEnum):
    """A service that should be nearby."""

    TRANSPORTATION = "TRANSPORTATION"
    SCHOOLS = "SCHOOLS"
    SHOPS = "SHOPS"


class Staff(StrEnum):
    """The number of employees of a company."""

    UNDER_10 = "UNDER_10"
    UNDER_50 = "UNDER_50"
    MORE = "MORE"


class InvestmentReason(StrEnum):
    """The reason of an investor who will not live in the property."""

    TAX_EXEMPTION = "TAX_EXEMPTION"
    RENTAL_INCOME = "RENTAL_INCOME"
    RETIREMENT = "RETIREMENT"


class InvestmentScheme(StrEnum):
    """A French scheme of tax reduction for landlords."""

    PINEL = "PINEL"
    MALRAUX = "MALRAUX"
    LMNP = "LMNP"


class PlotStatus(StrEnum):
    """The progress of a builder's search for a plot."""

    SEARCHED = "SEARCHED"
    OWNED = "OWNED"


class Employment(StrEnum):
    """The source of a seeker's income."""

    EMPLOYEE = "EMPLOYEE"
    CIVIL_SERVANT = "CIVIL_SERVANT"
    SELF_EMPLOYED = "SELF_EMPLOYED"
    RETIRED = "RETIRED"


class MaritalStatus(StrEnum):
    """The marital status, with the choices of French forms."""

    SINGLE = "SINGLE"
    MARRIED = "MARRIED"
    CIVIL_UNION = "CIVIL_UNION"
    COHABITING = "COHABITING"
    DIVORCED = "DIVORCED"
    WIDOWED = "WIDOWED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commercial(Frozen):
    """A search for business premises."""

    leaseback: bool | None = None
    """Whether the seller would stay as tenant; None means "does not apply"."""
    business: Business = _ANY_BUSINESS
    staff: Staff | None = None
    company: str | None = None
    relocation: str | None = None
    """`YYYY-MM-DD`."""
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Investment(Frozen):
    """A purchase to let."""

    reason: InvestmentReason
    scheme: InvestmentScheme | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Household(Frozen):
    """The household of a seeker. The date of birth and the address are members of the person."""

    employment: Employment
    marital_status: MaritalStatus
    size: int
    children: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Money(Frozen):
    """Whole euro a month, so that a year is exactly twelve of them; `household` includes `own`."""

    own: int
    household: int
    corporate: int = 0
    """Of the seeker's own company: 0 for who has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finances(Frozen):
    """Income and expenses of a household. `net` is before `taxes`, which follow from `gross`; `passive` is extra."""

    gross: Money
    net: Money
    taxable: Money
    taxes: Money
    passive: Money
    savings: int
    """Euro a month that could be put aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project(Frozen):
    """Details of a search lead beyond the enquiry's `search`; the person has salutation, address and date of birth."""

    estate: int | None = None
    """The listing on whose page the search was left."""
    service: Service | None = None
    commercial: Commercial | None = None
    """Present only for searches for business premises."""
    investment: Investment | None = None
    """Present only for purchases to let."""
    plot: PlotStatus | None = None
    """Present only for searches for a plot."""
    household: Household | None = None
    finances: Finances | None = None
    comment: str | None = None
