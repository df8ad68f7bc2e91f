"""Rules of enquiries: message, intention, criteria, dates and person agree."""

import re
from collections.abc import Iterator

from mockserver.domain import (
    ContactSituation,
    Enquiry,
    EstateType,
    Intention,
    InvestmentScheme,
    Kind,
    MaritalStatus,
    Staff,
    Transaction,
)
from mockserver.world.availability import is_asked_for
from mockserver.world.finances import UNMARRIED
from mockserver.world.projects import MOST_SHARE, PINEL_ENDED, WORKS
from mockserver.world.purposes import OFFERS
from mockserver.world.rounding import round_amount
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule

MOST_ABOVE = 1.2
"""The highest budget of somebody who asks for a listing, as a share of its price."""
_TENANT = re.compile("Je suis locataire chez vous")
_FIRST = re.compile("premier achat")
_LETS = (Transaction.RENT, Transaction.SEASONAL)


def _breach(enquiry: Enquiry, detail: str) -> Breach:
    return Breach(Kind.ENQUIRY, enquiry.id, detail)


def _owners_own(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        owns = checked.person(enquiry.seeker).is_owner
        if enquiry.intention in OFFERS and owns is not True:
            yield _breach(enquiry, f"{enquiry.intention}, is_owner {owns}")
        if _FIRST.search(enquiry.message) and owns:
            yield _breach(enquiry, "a first purchase of an owner")


def _asks_as_they_write(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        if _TENANT.search(enquiry.message) and enquiry.asker is not Intention.RENT:
            yield _breach(enquiry, f"a tenant who asks as {enquiry.asker}")


def _least_first(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        search = enquiry.search
        for name, filled_first, other in (
            ("area", search.area_min, search.area_max),
            ("rooms", search.rooms_min, search.rooms_max),
            ("price", search.price_max, search.price_min),
        ):
            if other is not None and filled_first is None:
                yield _breach(enquiry, f"{name}: {other:g} alone")


def _round_budgets(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        for price in (enquiry.search.price_min, enquiry.search.price_max):
            if price and round_amount(price) != price:
                yield _breach(enquiry, f"a budget of {price:g}")


def _budgets_fit_listings(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        price = checked.estate(enquiry.estate).price if enquiry.estate else None
        most = enquiry.search.price_max
        if price and most and not price <= most <= price * MOST_ABOVE:
            yield _breach(enquiry, f"{most:g} for a listing at {price}")


def _listings_are_on_offer(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        if enquiry.estate and enquiry.parent is None:
            estate = checked.estate(enquiry.estate)
            if not is_asked_for(estate, enquiry.created_at):
                days = (enquiry.created_at - estate.updated_at) // 86_400
                yield _breach(enquiry, f"{estate.id} is {estate.status} for {days} days")


def _intention_fits_listing(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        transaction = checked.estate(enquiry.estate).transaction if enquiry.estate else None
        if transaction and (enquiry.intention is Intention.RENT) is not (transaction in _LETS):
            yield _breach(enquiry, f"{enquiry.intention} of {transaction}")


def _no_plot_to_rent(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        search = enquiry.search
        if search.transaction is Transaction.RENT and EstateType.PLOT in search.types:
            yield _breach(enquiry, "a plot to rent")
        if enquiry.intention is Intention.RENT and enquiry.estate is None and "terrain" in enquiry.message:
            yield _breach(enquiry, enquiry.message)


def _occupants_live_there(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        estimation = enquiry.estimation
        if (
            estimation
            and estimation.situation is ContactSituation.OCCUPANT
            and estimation.user_city not in (None, enquiry.hint.city)
        ):
            yield _breach(enquiry, f"lives in {estimation.user_city}, in a property in {enquiry.hint.city}")


def _households_fit(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        household = enquiry.project.household if enquiry.project else None
        if household is None:
            continue
        single = household.marital_status is MaritalStatus.SINGLE
        if checked.person(enquiry.seeker).title == UNMARRIED and not single:
            yield _breach(enquiry, f"Mademoiselle, {household.marital_status}")
        if enquiry.search.rooms_min and household.children >= max(enquiry.search.rooms_min, 1) > 0:
            yield _breach(enquiry, f"{household.children} children in {enquiry.search.rooms_min} rooms")


def _works_once(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        comment = (enquiry.project.comment if enquiry.project else None) or ""
        if WORKS.search(enquiry.message) and WORKS.search(comment):
            yield _breach(enquiry, f"“{enquiry.message}” and “{comment}”")


def _no_scheme_that_ended(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        investment = enquiry.project.investment if enquiry.project else None
        if investment and investment.scheme is InvestmentScheme.PINEL and enquiry.created_at >= PINEL_ENDED:
            yield _breach(enquiry, "Pinel after 2024")


def _searches_begin_nearby(checked: CheckedWorld) -> Iterator[Breach]:
    by_id = checked.world.communes.by_id
    for enquiry in checked.enquiries():
        if not enquiry.project or not enquiry.project.estate:
            continue
        estate, search = checked.estate(enquiry.project.estate), enquiry.search
        near = by_id[estate.commune].department in {by_id[id].department for id in search.communes}
        if not near or (estate.price or 0) > (search.price_max or 0) * MOST_SHARE:
            yield _breach(enquiry, f"begun at {estate.id}, {estate.city}, {estate.price} against {search.price_max}")


def _staff_fits(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        business = enquiry.project.commercial if enquiry.project else None
        if business and "quinzaine" in (business.comment or "") and business.staff is Staff.UNDER_10:
            yield _breach(enquiry, f"{business.comment}: {business.staff}")


RULES = (
    Rule("enquiry-owner", "Who sells or lets owns a property, and nobody buys a first one twice.", _owners_own),
    Rule("enquiry-asker", "A tenant who asks a question asks as a tenant.", _asks_as_they_write),
    Rule(
        "enquiry-least-first",
        "Of a range with one end, area and rooms have the least, the budget the most.",
        _least_first,
    ),
    Rule("enquiry-round-budget", "Budgets are round.", _round_budgets),
    Rule("enquiry-budget", "Who asks for a listing can pay its price, and not far more.", _budgets_fit_listings),
    Rule(
        "enquiry-on-offer", "A listing is asked for while it is on offer, or two weeks longer.", _listings_are_on_offer
    ),
    Rule("enquiry-intention", "Nobody rents what is for sale, or buys what is to let.", _intention_fits_listing),
    Rule("enquiry-plot", "Nobody asks an agency for a plot to rent.", _no_plot_to_rent),
    Rule("enquiry-occupant", "Who occupies a property lives in its town.", _occupants_live_there),
    Rule("enquiry-household", "Mademoiselle is unmarried, and children have rooms.", _households_fit),
    Rule("enquiry-works", "Message and comment do not both speak of repairs.", _works_once),
    Rule("enquiry-scheme", "Nobody asks for a tax scheme that has ended.", _no_scheme_that_ended),
    Rule("enquiry-page", "A search was left on the page of a listing that might be it.", _searches_begin_nearby),
    Rule("enquiry-staff", "The staff of a business fits what is said of it.", _staff_fits),
)
