"""Rules of listings: what is offered fits its type, age, place and kind of offer."""

import re
from collections.abc import Callable, Iterator

from mockserver.domain import Condition, Estate, EstateType, Kind, Transaction
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule
from mockserver.world.surroundings import is_visited

HOMES = (EstateType.APARTMENT, EstateType.HOUSE, EstateType.SENIOR, EstateType.PROJECT)
_OF_HOMES = re.compile(r"écoles|séjour|lumino|vis-à-vis|Coup de cœur|Cave et stationnement|linge", re.IGNORECASE)
_OF_SALES = re.compile(r"À vendre|constructeur|honoraires inclus|amateur de projets", re.IGNORECASE)
_OF_RENTALS = re.compile(r"À louer|Location saisonnière|dossier à déposer|première location", re.IGNORECASE)
_AREA = re.compile(r"(\d+(?:[\u00a0\u202f]\d{3})*(?:,\d+)?) m²")
_BLANK = re.compile(r"\s")
_TOWN = re.compile(r"m² - (.+)$")
_LEAST_ROOM, _MOST_ROOM = 10, 45
"""Square metres that a room of a home has, its share of kitchen and hall included."""
_RENOVATED_BEFORE, _REFRESHED_BEFORE = 2000, 2015
_HIGH_SINCE, _LOW_FLOORS = 1949, 7
"""Buildings have more floors than seven since there are lifts and concrete."""
_SIGNIFICANT = 3
"""The digits of a price beyond which people write noughts."""


def _of_listings(detail: Callable[[Estate], str | None]) -> Callable[[CheckedWorld], Iterator[Breach]]:
    """Makes the check of a rule about single listings; `detail` tells what is wrong with one, None if nothing is."""

    def check(checked: CheckedWorld) -> Iterator[Breach]:
        for estate in checked.estates():
            if wrong := detail(estate):
                yield Breach(Kind.ESTATE, estate.id, wrong)

    return check


def _phrases_of_the_offer(estate: Estate) -> str | None:
    sale = estate.transaction in (Transaction.BUY, Transaction.LIFE_ANNUITY)
    words = (_OF_RENTALS if sale else _OF_SALES).search(estate.description)
    return f"{estate.transaction} and “{words[0]}”" if words else None


def _phrases_of_the_type(estate: Estate) -> str | None:
    words = _OF_HOMES.search(estate.description)
    return f"{estate.type} and “{words[0]}”" if words and estate.type not in HOMES else None


def _warranty(estate: Estate) -> str | None:
    if "constructeur" not in estate.description:
        return None
    is_new = estate.condition is Condition.NEW and estate.transaction is Transaction.BUY
    return None if is_new else f"{estate.transaction}, {estate.condition}"


def _new_subtype(estate: Estate) -> str | None:
    old = estate.subtype in ("FARMHOUSE", "LOFT") or "loué," in estate.description
    return f"{estate.subtype or estate.type} and new" if old and estate.condition is Condition.NEW else None


def _condition_of_the_offer(estate: Estate) -> str | None:
    poor = {
        Transaction.RENT: (Condition.TO_RENOVATE,),
        Transaction.SEASONAL: (Condition.TO_RENOVATE, Condition.TO_REFRESH),
    }.get(estate.transaction, ())
    return f"{estate.transaction} and {estate.condition}" if estate.condition in poor else None


def _condition_of_the_age(estate: Estate) -> str | None:
    year, condition = estate.construction_year, estate.condition
    latest = {Condition.TO_RENOVATE: _RENOVATED_BEFORE, Condition.TO_REFRESH: _REFRESHED_BEFORE}
    return f"{condition}, built in {year}" if year and condition in latest and year >= latest[condition] else None


def _farm_of_old(estate: Estate) -> str | None:
    young = (estate.construction_year or 0) >= _HIGH_SINCE
    return f"built in {estate.construction_year}" if estate.subtype == "FARMHOUSE" and young else None


def _floors(estate: Estate) -> str | None:
    year, floor, floors = estate.construction_year, estate.floor, estate.floors
    if floor is not None and floors is not None and floor > floors:
        return f"floor {floor} of {floors}"
    high = year is not None and year < _HIGH_SINCE and (floors or 0) > _LOW_FLOORS
    return f"{floors} floors, built in {year}" if high else None


def _rooms(estate: Estate) -> str | None:
    if estate.subtype == "STUDIO" and estate.rooms not in (None, 1):
        return f"a studio of {estate.rooms} rooms"
    if estate.subtype == "LOFT" and (estate.rooms or 0) > 4:
        return f"a loft of {estate.rooms} rooms"
    if estate.type not in HOMES or not estate.rooms or _LEAST_ROOM <= estate.area / estate.rooms <= _MOST_ROOM:
        return None
    return f"{estate.rooms} rooms in {estate.area:g} m²"


def _energy_to_let(estate: Estate) -> str | None:
    dwelling = estate.type in HOMES and estate.transaction is Transaction.RENT
    return "energy class G" if dwelling and estate.energy == "G" else None


def _round_price(estate: Estate) -> str | None:
    noughts = 10 ** max(len(str(estate.price or 0)) - _SIGNIFICANT, 0)
    return f"{estate.price} €" if estate.price and estate.price % noughts else None


def _title(estate: Estate) -> str | None:
    area, town = _AREA.search(estate.title), _TOWN.search(estate.title)
    if area and float(_BLANK.sub("", area[1]).replace(",", ".")) != estate.area:
        return f"“{estate.title}” and {estate.area:g} m²"
    return f"“{estate.title}” and {estate.city}" if town and town[1] != estate.city else None


def _lets_by_the_week(checked: CheckedWorld) -> Iterator[Breach]:
    by_id = checked.world.communes.by_id
    for estate in checked.estates():
        if estate.transaction is Transaction.SEASONAL and not is_visited(by_id[estate.commune]):
            yield Breach(Kind.ESTATE, estate.id, f"let by the week in {estate.city}")


RULES = (
    Rule("listing-seasonal", "Homes are let by the week where people go on holiday.", _lets_by_the_week),
    Rule("listing-offer-words", "The words of a listing fit its kind of offer.", _of_listings(_phrases_of_the_offer)),
    Rule("listing-type-words", "Only homes are praised as homes are.", _of_listings(_phrases_of_the_type)),
    Rule(
        "listing-warranty", "Only who buys what is new is promised the builder's warranties.", _of_listings(_warranty)
    ),
    Rule(
        "listing-new",
        "Farmhouses, lofts, and what has tenants were there before, so none is new.",
        _of_listings(_new_subtype),
    ),
    Rule("listing-let-condition", "Nobody lets what is to be renovated.", _of_listings(_condition_of_the_offer)),
    Rule("listing-age-condition", "Nobody has to renovate what is young.", _of_listings(_condition_of_the_age)),
    Rule("listing-farmhouse", "A farmhouse that is lived in was built before 1949.", _of_listings(_farm_of_old)),
    Rule("listing-floors", "A flat lies in its building, and old ones are not high.", _of_listings(_floors)),
    Rule("listing-rooms", "Rooms have the size of rooms, and a studio has one.", _of_listings(_rooms)),
    Rule("listing-energy", "Homes of energy class G are not let since 2025.", _of_listings(_energy_to_let)),
    Rule("listing-price", "Prices and rents are round.", _of_listings(_round_price)),
    Rule("listing-title", "The title tells no other area or town than the listing has.", _of_listings(_title)),
)
