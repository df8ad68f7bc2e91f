"""Rules of portals: each shows what it is for."""

from collections.abc import Iterator

from mockserver.domain import Condition, Enquiry, EstateType, Kind, Portal, Transaction
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule
from mockserver.world.topics import RIVIERA

NEW_HOMES = (Portal.SELOGER_NEUF, Portal.LOGIC_IMMO_NEUF)
PREMISES = (EstateType.OFFICE, EstateType.TRADING, EstateType.STORAGE_PRODUCTION, EstateType.GASTRONOMY_HOTEL)


def _new_homes(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in _about_listings(checked):
        estate = checked.estate(enquiry.estate or 0)
        sold_new = estate.condition is Condition.NEW and estate.transaction is Transaction.BUY
        if enquiry.portal in NEW_HOMES and not sold_new:
            seen = f"{estate.transaction}, {estate.condition}"
            yield Breach(Kind.ENQUIRY, enquiry.id, f"{enquiry.portal} and listing {estate.id}: {seen}")


def _premises(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in _about_listings(checked):
        estate = checked.estate(enquiry.estate or 0)
        if enquiry.portal is Portal.SELOGER_BUREAUX and estate.type not in PREMISES:
            yield Breach(Kind.ENQUIRY, enquiry.id, f"{enquiry.portal} and listing {estate.id}: {estate.type}")


def _riviera(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        home = checked.world.home(enquiry.agency)
        if enquiry.portal is Portal.LA_COTE_IMMO and home.region != RIVIERA:
            yield Breach(Kind.ENQUIRY, enquiry.id, f"{enquiry.portal} and an agency in {home.name}, {home.region}")


def _about_listings(checked: CheckedWorld) -> Iterator[Enquiry]:
    return (enquiry for enquiry in checked.enquiries() if enquiry.estate is not None)


RULES = (
    Rule("portal-new-homes", "Portals for new homes show new homes for sale.", _new_homes),
    Rule("portal-premises", "Portals for offices and shops show offices and shops.", _premises),
    Rule("portal-riviera", "La Côte Immo is a portal of agencies in Provence and on the Riviera.", _riviera),
)
