"""Rules of enquiries: message, intention, criteria, dates and person agree."""

import re
from collections.abc import Iterator
from datetime import date, datetime

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
from mockserver.world.activity_calendar import PARIS
from mockserver.world.availability import is_asked_for
from mockserver.world.finances import UNMARRIED
from mockserver.world.projects import MOST_SHARE, PINEL_ENDED, WORKS, share_of_budget
from mockserver.world.purposes import OFFERS
from mockserver.world.rounding import round_amount
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule
from mockserver.world.search_criteria import MOST_ABOVE
from mockserver.world.surroundings import is_visited
from mockserver.world.topics import SATURDAY

_TENANT = re.compile("Je suis locataire chez vous")
_FIRST = re.compile("premier achat")
_EVENING = re.compile("bonsoir", re.IGNORECASE)
FIRST_EVENING_HOUR = 17
_FLAT_OF_ROOMS = re.compile(r"\bT\d\b")
_HOLIDAYS = re.compile("pour nos vacances|résidence secondaire|second home")
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
    for enquiry in checked.enquiries():
        if not enquiry.project or not enquiry.project.estate:
            continue
        estate, search = checked.estate(enquiry.project.estate), enquiry.search
        if (
            estate.commune not in search.communes
            or not estate.price
            or share_of_budget(estate.price, search) > MOST_SHARE
        ):
            yield _breach(enquiry, f"begun at {estate.id}, {estate.city}, {estate.price} against {search.price_max}")


def _stays_begin_on_saturdays(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        start = enquiry.stay.start
        # A pin may give a moment, as Apimo does: its day is what counts.
        if start and (day := date.fromisoformat(start[:10])).weekday() != SATURDAY:
            yield _breach(enquiry, f"a stay from {day:%A} {start} on")


def _greetings_fit_the_hour(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        local = datetime.fromtimestamp(enquiry.created_at, PARIS)
        if _EVENING.match(enquiry.message) and local.hour < FIRST_EVENING_HOUR and enquiry.parent is None:
            yield _breach(enquiry, f"“{enquiry.message[:20]}” at {local:%H:%M}")


def _letters_count_rooms_of_flats(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        types = (checked.estate(enquiry.estate).type,) if enquiry.estate else enquiry.search.types
        if types == (EstateType.HOUSE,) and (words := _FLAT_OF_ROOMS.search(enquiry.message)):
            yield _breach(enquiry, f"{words[0]} for a house")


def _holidays_are_where_people_go(checked: CheckedWorld) -> Iterator[Breach]:
    by_id = checked.world.communes.by_id
    for enquiry in checked.enquiries():
        towns = [by_id[id] for id in enquiry.search.communes[:1]]
        if _HOLIDAYS.search(enquiry.message) and not all(is_visited(town) for town in towns):
            yield _breach(enquiry, f"a holiday home in {towns[0].name}")


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
    Rule("enquiry-stay", "Stays begin on a Saturday.", _stays_begin_on_saturdays),
    Rule("enquiry-greeting", "Nobody wishes a good evening before 17 o'clock.", _greetings_fit_the_hour),
    Rule("enquiry-house-rooms", "T3 is a flat, not a house.", _letters_count_rooms_of_flats),
    Rule("enquiry-holidays", "Holiday homes are sought where people go on holiday.", _holidays_are_where_people_go),
    Rule("enquiry-staff", "The staff of a business fits what is said of it.", _staff_fits),
)
