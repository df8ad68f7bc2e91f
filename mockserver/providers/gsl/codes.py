"""The world's words in GSL's (dossier gsl §6.6): published first, then inferred from AVIV's model v2, else assumed."""

from mockserver.domain import (
    Category,
    Condition,
    ContactSituation,
    EstateType,
    Intention,
    InvestmentReason,
    InvestmentScheme,
    MarketStatus,
    Outlook,
    PlotStatus,
    Portal,
    Service,
    Staff,
    TimeToMarket,
    Trade,
    Transaction,
)

CATEGORY = {category: category.value for category in Category}
"""`leadCategory`: CLASSIFIED is published, AGENCY and PROPERTY_SEARCH are the successor's, ESTIMATION is assumed."""

INTENTION = {
    Intention.BUY: "BUYER",
    Intention.SELL: "SELLER",
    Intention.MANAGE: "LANDLORD",
    Intention.RENT: "TENANT",
    Intention.ASK_A_QUESTION: "BUYER",
}
"""`projectIntention`, inferred. There is no word for who only asks something: the first of the list (assumed), unless
the lead says on which side they are."""

PORTAL = {
    Portal.SELOGER: "SELOGER",
    Portal.LOGIC_IMMO: "LOGIC_IMMO",
    Portal.BELLES_DEMEURES: "BELLES_DEMEURES",
    Portal.LUX_RESIDENCE: "LUX_RESIDENCE",
    Portal.SELOGER_NEUF: "SELOGER_NEUF",
    Portal.SELOGER_CONSTRUIRE: "SELOGER_CONSTRUIRE",
    Portal.SELOGER_BUREAUX: "SELOGER_BUREAUX",
    Portal.LOGIC_IMMO_NEUF: "LOGIC_IMMO_NEUF",
    Portal.LOGIC_IMMO_CONSTRUIRE: "LOGIC_IMMO_CONSTRUIRE",
    Portal.MEILLEURS_AGENTS: "MEILLEURS_AGENTS",
    Portal.LA_COTE_IMMO: "LA_COTE_IMMO",
    Portal.SIGNIFY_FR: "SIGNIFY",
}
"""`portals`: SELOGER is published, the others are assumed. Portals of other countries have no word."""

ESTATE_TYPE = {
    **{type: type.value for type in EstateType},
    EstateType.GASTRONOMY_HOTEL: "GASTRO_HOTEL",
    EstateType.BUILDING: "MISCELLANEOUS",
}
"""`estateType`, inferred; v2 knows no whole building."""

_ISO_3166 = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "
)
COUNTRIES = frozenset(_ISO_3166.split())
"""`countryCode`: the codes of ISO 3166-1; AD is published, the first of them."""

SUBTYPE_KEY = {
    EstateType.HOUSE: "house",
    EstateType.APARTMENT: "apartment",
    EstateType.PLOT: "plot",
    EstateType.OFFICE: "office",
    EstateType.TRADING: "trading",
    EstateType.GASTRONOMY_HOTEL: "gastroHotel",
    EstateType.STORAGE_PRODUCTION: "storageProduction",
    EstateType.AGRICULTURE_FORESTRY: "agricultureForestry",
    EstateType.PARKING: "parking",
    EstateType.SENIOR: "senior",
    EstateType.PROJECT: "project",
}
"""The member of `estateSubType` that goes with a type, published."""

# v2 called a studio an apartment; PLANED is published so.
SUBTYPE = {"STUDIO": "APARTMENT", "PLANNED": "PLANED"}
"""The subtypes that the world spells otherwise."""

DISTRIBUTION = {
    Transaction.BUY: "BUY",
    Transaction.LIFE_ANNUITY: "BUY",
    Transaction.RENT: "RENT",
    Transaction.SEASONAL: "RENT",
}
"""`distributionType`, published."""

MARKET_STATUS = {
    MarketStatus.UNDER_OFFER: "UNDER_OFFER",
    MarketStatus.SOLD: "SOLD",
    MarketStatus.RENTED: "RENTED",
}
"""`marketStatus`: there is no word for what is on offer, or was taken off."""

BUILD_STATE = {
    Condition.NEW: "FIRST_TIME_USE",
    Condition.EXCELLENT: "MINT_CONDITION",
    Condition.GOOD: "WELL_KEPT",
    Condition.TO_REFRESH: "PARTLY_RENOVATED",
    Condition.TO_RENOVATE: "NEED_OF_RENOVATION",
}
"""`buildState`: the nearest."""

WITH_VIEW: dict[Outlook | None, str] = {
    Outlook.SEA: "SEA_VIEW",
    Outlook.MOUNTAIN: "MOUNTAIN_VIEW",
    Outlook.COURTYARD: "COURTYARD_VIEW",
    Outlook.OPEN: "OVERLOOKING",
    Outlook.NONE: "NO",
    None: "NOT_APPLICABLE",
}
"""`withView`, inferred. The orientations are AVIV's own words."""

TRADE = {**{trade: trade.value for trade in Trade}, Trade.GASTRONOMY_HOTEL: "GASTRO_HOTEL"}
"""`businessType` of an estimation, inferred."""

PROJECT_TRADE: dict[Trade | None, str] = {
    None: "All",
    **{trade: "".join(word.title() for word in name.split("_")) for trade, name in TRADE.items()},
}
"""`businessType` of a project: All is published, the others are TRADE in its spelling (assumed)."""

TIME_TO_MARKET = {
    TimeToMarket.NOW: "SELLING",
    TimeToMarket.SOON: "LESS_THAN_6_MONTHS",
    TimeToMarket.LATER: "MORE_THAN_6_MONTHS",
    TimeToMarket.UNDECIDED: "UNDECIDED",
}
SITUATION = {
    ContactSituation.SELLER: "ownerSeller",
    ContactSituation.LANDLORD: "ownerLandlord",
    ContactSituation.OCCUPANT: "ownerOccupant",
}
SERVICE = {service: service.value.capitalize() for service in Service}
STAFF = {
    Staff.UNDER_10: "LESS_THAN_10",
    Staff.UNDER_50: "LESS_THAN_50",
    Staff.MORE: "MORE_THAN_50",
}
INVESTMENT_REASON = {
    InvestmentReason.TAX_EXEMPTION: "TaxExemption",
    InvestmentReason.RENTAL_INCOME: "RentalIncome",
    InvestmentReason.RETIREMENT: "Retirement",
}
INVESTMENT_TYPE = {scheme: scheme.value.capitalize() for scheme in InvestmentScheme}
PLOT_STATUS = {PlotStatus.SEARCHED: "LOOKS_FOR_PLOT_ALSO", PlotStatus.OWNED: "OWNS_PLOT"}
# Of each of the seven lists above only the first word is published; the others are assumed.

SALUTATION = {1: "Monsieur", 2: "Madame", 3: "Mademoiselle", 6: "Docteur", 10: "Maître"}
"""A free text; by the number of a person's title (assumed)."""


def project_intention(intention: Intention, asker: Intention | None) -> str:
    """Returns the word for an intention, or for the side of who only asks a question."""
    return INTENTION[asker if asker and intention is Intention.ASK_A_QUESTION else intention]


def yes_no(answer: bool | None) -> str:
    """YES, NO, or NOT_APPLICABLE for what was not asked of such a property."""
    return {True: "YES", False: "NO", None: "NOT_APPLICABLE"}[answer]


def age_state(construction_year: int | None, year: int) -> str | None:
    """NEW of the five years before `year`, OLD from before 1945; there is no word for what is between."""
    if construction_year is None or 1945 <= construction_year < year - 5:
        return None
    return "OLD" if construction_year < 1945 else "NEW"
