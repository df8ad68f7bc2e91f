"""The world's words in Seeker Leads': most are the same, since the world was worded after it."""

from mockserver.domain import Intention, PlotStatus, Portal, Staff

LANGUAGES = frozenset({"DE", "EN", "ES", "FR", "HE", "IT", "NL", "PT", "RU"})

DISTRIBUTION = {
    Intention.BUY: "BUYER",
    Intention.SELL: "SELLER",
    Intention.MANAGE: "LANDLORD",
    Intention.RENT: "TENANT",
    Intention.ASK_A_QUESTION: "BUYER",
}
"""`distributionType`. There is no word for who only asks something: the first of the list (assumed)."""

NO_PORTAL = Portal.SELOGER
"""`portal` is required, and a lead that another program wrote comes from none (assumed)."""

STAFF = {Staff.UNDER_10: "LESS_THAN_10", Staff.UNDER_50: "LESS_THAN_50", Staff.MORE: "MORE_THAN_50"}
PLOT_STATUS = {PlotStatus.SEARCHED: "LOOKS_FOR_PLOT_ALSO", PlotStatus.OWNED: "OWNS_PLOT"}
# Both lists are the predecessor's, of which only the first word is known.
