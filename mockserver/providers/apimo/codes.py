"""The world's words in the numbers of Apimo's catalogs (dossier apimo §6), and back."""

from mockserver.domain import Category, Condition, EstateType, Intention, MarketStatus, Orientation, Portal, Transaction

CATEGORY = {Transaction.BUY: 1, Transaction.RENT: 2, Transaction.SEASONAL: 3, Transaction.LIFE_ANNUITY: 5}
"""Catalog `property_category`."""

TYPE = {
    EstateType.APARTMENT: 1,
    EstateType.HOUSE: 2,
    EstateType.PLOT: 3,
    EstateType.TRADING: 4,
    EstateType.PARKING: 5,
    EstateType.BUILDING: 6,
    EstateType.OFFICE: 7,
    EstateType.STORAGE_PRODUCTION: 9,
}
"""Catalog `property_type`, where it has a counterpart."""

_NEAREST_TYPE = {
    EstateType.GASTRONOMY_HOTEL: 4,
    EstateType.AGRICULTURE_FORESTRY: 3,
    EstateType.SENIOR: 1,
    EstateType.PROJECT: 1,
    EstateType.MISCELLANEOUS: 4,
}

SUBTYPE = {
    "APARTMENT": 5,
    "STUDIO": 6,
    "LOFT": 12,
    "PENTHOUSE": 4,
    "DUPLEX_OR_TRIPLEX": 9,
    "GROUNDFLOOR": 5,
    "SINGLE_FAMILY_HOUSE": 18,
    "VILLA": 14,
    "TOWN_HOUSE": 25,
    "TERRACE_HOUSE": 71,
    "FARMHOUSE": 23,
    "CHALET": 32,
    "LIVING": 78,
    "COMMERCIAL": 79,
    "SINGLE_OFFICE": 36,
    "OFFICE_SPACE": 36,
    "COWORKING": 36,
    "STORE": 62,
    "SALES_AREA": 33,
    "GARAGE": 22,
    "UNDERGROUND_PARKING_SPACE": 43,
    "OUTSIDE": 43,
    "WAREHOUSE_HALL": 41,
    "LOGISTICS_CENTER": 41,
    "RESTAURANT": 34,
    "CAFE_BAR_PUB": 34,
    "HOTEL": 44,
    "FARM_RANCH": 39,
    "GARDENING": 39,
    "WINERY": 50,
}
"""Catalog `property_subtype`: the nearest entry (inferred)."""

CONDITION = {
    Condition.TO_REFRESH: 1,
    Condition.GOOD: 3,
    Condition.TO_RENOVATE: 5,
    Condition.EXCELLENT: 6,
    Condition.NEW: 8,
}
"""Catalog `property_condition`."""

ORIENTATIONS = {
    Orientation.NORTH: ["2"],
    Orientation.EAST: ["1"],
    Orientation.SOUTH: ["4"],
    Orientation.WEST: ["3"],
    Orientation.EAST_WEST: ["1", "3"],
    Orientation.SOUTH_NORTH: ["4", "2"],
}
"""Catalog `property_orientation`; a property shows strings."""

STEP_STATUS = {
    MarketStatus.AVAILABLE: (1, 1),
    MarketStatus.UNDER_OFFER: (1, 22),
    MarketStatus.SOLD: (3, 30),
    MarketStatus.RENTED: (3, 30),
    MarketStatus.WITHDRAWN: (3, 34),
}
"""Catalogs `property_step` and `property_status`."""

_PROVIDER = {portal: 9001 + number for number, portal in enumerate(Portal)}

TRANSACTION_OF = {number: transaction for transaction, number in CATEGORY.items()}
ESTATE_TYPE_OF = {number: type for type, number in TYPE.items()}

_LEAD_TYPE = {Category.CLASSIFIED: 1, Category.PROPERTY_SEARCH: 2, Category.ESTIMATION: 6}
_CATEGORY_OF = {2: Category.PROPERTY_SEARCH, 3: Category.AGENCY, 4: Category.PROPERTY_SEARCH, 6: Category.ESTIMATION}


def property_type(type: EstateType) -> int:
    """Catalog `property_type`: the counterpart, or else the nearest entry (inferred)."""
    return TYPE.get(type) or _NEAREST_TYPE[type]


def provider_id(portal: Portal | None) -> int:
    """The provider number of a portal, 9000 for none. No source tells the real numbers (assumed)."""
    return 9000 if portal is None else _PROVIDER[portal]


def lead_type(category: Category, intention: Intention) -> int:
    """Catalog `lead_type`: an owner who wants to sell or have managed is 3, any other talk with the agency 1."""
    if category is Category.AGENCY:
        return 3 if intention in (Intention.SELL, Intention.MANAGE) else 1
    return _LEAD_TYPE[category]


def category_of(lead_type: int | None, *, about_an_estate: bool) -> Category:
    """Returns the category of a written lead; a type that does not tell is about an estate if one is named."""
    fallback = Category.CLASSIFIED if about_an_estate else Category.AGENCY
    return _CATEGORY_OF.get(lead_type or 0, fallback)


def intention_of(category: Category, transaction: Transaction | None) -> Intention:
    """Returns the intention of a written lead; an owner sells, the rest follows the transaction."""
    if category is Category.ESTIMATION:
        return Intention.SELL
    if transaction in (Transaction.RENT, Transaction.SEASONAL):
        return Intention.RENT
    return Intention.ASK_A_QUESTION if category is Category.AGENCY else Intention.BUY
