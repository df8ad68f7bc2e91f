"""Estates that are for sale or to let, and the communes in which they are."""

from enum import StrEnum

from mockserver.domain.base import Entity, Frozen
from mockserver.domain.estimation import Orientation
from mockserver.foundation.dataclass import dataclass


class Transaction(StrEnum):
    """The kind of offer: AVIV's `BUY` and `RENT`, and two more that Apimo distinguishes."""

    BUY = "BUY"
    RENT = "RENT"
    SEASONAL = "SEASONAL"
    LIFE_ANNUITY = "LIFE_ANNUITY"


class EstateType(StrEnum):
    """AVIV's estate types (Seeker Leads 1.4.0, `psearchMetadata.estateType`)."""

    HOUSE = "HOUSE"
    APARTMENT = "APARTMENT"
    PLOT = "PLOT"
    BUILDING = "BUILDING"
    OFFICE = "OFFICE"
    TRADING = "TRADING"
    GASTRONOMY_HOTEL = "GASTRONOMY_HOTEL"
    STORAGE_PRODUCTION = "STORAGE_PRODUCTION"
    AGRICULTURE_FORESTRY = "AGRICULTURE_FORESTRY"
    PARKING = "PARKING"
    SENIOR = "SENIOR"
    PROJECT = "PROJECT"
    MISCELLANEOUS = "MISCELLANEOUS"


SUBTYPES: dict[EstateType, tuple[str, ...]] = {
    EstateType.HOUSE: ("SINGLE_FAMILY_HOUSE", "VILLA", "TOWN_HOUSE", "TERRACE_HOUSE", "FARMHOUSE", "CHALET"),
    EstateType.APARTMENT: ("APARTMENT", "STUDIO", "LOFT", "PENTHOUSE", "DUPLEX_OR_TRIPLEX", "GROUNDFLOOR"),
    EstateType.PLOT: ("LIVING", "COMMERCIAL"),
    EstateType.OFFICE: ("SINGLE_OFFICE", "OFFICE_SPACE", "COWORKING"),
    EstateType.TRADING: ("STORE", "SALES_AREA"),
    EstateType.PARKING: ("GARAGE", "UNDERGROUND_PARKING_SPACE", "OUTSIDE"),
    EstateType.STORAGE_PRODUCTION: ("WAREHOUSE_HALL", "LOGISTICS_CENTER"),
    EstateType.GASTRONOMY_HOTEL: ("RESTAURANT", "HOTEL", "CAFE_BAR_PUB"),
    EstateType.AGRICULTURE_FORESTRY: ("FARM_RANCH", "WINERY", "GARDENING"),
    EstateType.SENIOR: ("ASSISTED_LIVING", "MEDICAL_CARE"),
    EstateType.PROJECT: ("PLANNED", "HOUSE_PARK", "MULTI_FAMILY_HOUSE"),
}
"""The subtypes that the world uses, by type: names of AVIV's classified model v2 (dossier gsl §6.6)."""


class Condition(StrEnum):
    """The state of repair of an estate."""

    NEW = "NEW"
    EXCELLENT = "EXCELLENT"
    GOOD = "GOOD"
    TO_REFRESH = "TO_REFRESH"
    TO_RENOVATE = "TO_RENOVATE"


class MarketStatus(StrEnum):
    """The status of the mandate."""

    AVAILABLE = "AVAILABLE"
    UNDER_OFFER = "UNDER_OFFER"
    SOLD = "SOLD"
    RENTED = "RENTED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commune(Frozen):
    """A French commune (or arrondissement). `id` is its number in our table; prices are in euro per square metre."""

    id: int
    insee: str
    name: str
    postcodes: tuple[str, ...]
    department: str
    region: str
    lat: float
    lon: float
    buy_m2: float
    rent_m2: float
    weight: int = 1
    districts: tuple[str, ...] = ()
    district_postcodes: tuple[str, ...] = ()
    """The postcode of each district, where the commune has several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate(Entity):
    """A listing of an agency."""

    reference: str
    """The agency's own number for it; AVIV's `offererMarketingKey`."""
    offerer_estate_id: str
    """The agency software's id for it; AVIV's `offererEstateId`."""
    classified_number: int
    """GSL's numeric classified id."""
    classified_id: str
    """AVIV's classified id: two digits, then ten of 1-9 A-N P-Z."""
    agent: int
    owner: int
    """The person who entrusted it (role owner)."""
    transaction: Transaction
    type: EstateType
    subtype: str | None
    title: str
    description: str
    commune: int
    postcode: str
    city: str
    district: str | None
    street: str
    publish_address: bool
    lat: float
    lon: float
    price: int | None
    """Whole euro: the sale price, or the rent a month (a week when seasonal); None is "price on request"."""
    fees: int | None
    charges: int | None
    """Euro a month."""
    area: float
    """Square metres: living space, or the plot's own surface for a plot."""
    plot_area: float | None
    rooms: int | None
    bedrooms: int | None
    floor: int | None
    """0 is the ground floor."""
    floors: int | None
    construction_year: int | None
    condition: Condition | None
    furnished: bool | None
    energy: str | None
    """DPE class, A to G."""
    status: MarketStatus
    mandate: str
    mandate_from: str
    mandate_to: str
    pictures: int
    """The number of pictures."""
    facing: Orientation | None = None
    """The direction that the main rooms of a home face."""
    cellar: bool | None = None
    parking: bool | None = None
    """Whether a cellar, and a place to park, belong to a home."""
