"""Rules of places: towns, districts and postcodes agree, agencies work where they are, sentences have prepositions."""

import re
from collections.abc import Iterator

from mockserver.domain import Commune, Estate, EstateType, Kind
from mockserver.world.communes import distance_km
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule
from mockserver.world.surroundings import Surroundings, has, is_dense

NEAR_KM = 60
FARM_KM = 120
_FOR_HOLIDAYS = re.compile(r"résidence secondaire|vacances|pied-à-terre", re.IGNORECASE)
_UNCONTRACTED = re.compile(r"\b(?:à|de) Les? [A-ZÀ-Þ][\w-]*")


def _contracted_articles(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        if words := _UNCONTRACTED.search(enquiry.message):
            yield Breach(Kind.ENQUIRY, enquiry.id, f"“{words[0]}”")
    for estate in checked.estates():
        if words := _UNCONTRACTED.search(f"{estate.title}\n{estate.description}"):
            yield Breach(Kind.ESTATE, estate.id, f"“{words[0]}”")


def _listings_agree_with_their_town(checked: CheckedWorld) -> Iterator[Breach]:
    for estate in checked.estates():
        town = checked.world.communes.by_id.get(estate.commune)
        if wrong := _disagreement(estate, town):
            yield Breach(Kind.ESTATE, estate.id, wrong)


def _disagreement(estate: Estate, town: Commune | None) -> str | None:
    if town is None:
        return f"commune {estate.commune} is not in the table"
    if estate.city != town.name or estate.postcode not in town.postcodes:
        return f"{estate.postcode} {estate.city} and commune {town.name}"
    if estate.district is None:
        return None
    if estate.district not in town.districts:
        return f"district {estate.district} is none of {town.name}"
    codes = town.district_postcodes
    mismatch = codes and codes[town.districts.index(estate.district)] != estate.postcode
    return f"postcode {estate.postcode} and district {estate.district}" if mismatch else None


def _near_the_agency(checked: CheckedWorld) -> Iterator[Breach]:
    by_id = checked.world.communes.by_id
    for estate in checked.estates():
        home, town = checked.world.home(estate.agency), by_id.get(estate.commune)
        if town is None or town.department == home.department or _FOR_HOLIDAYS.search(estate.description):
            continue
        distance = distance_km(home, town)
        if distance > (FARM_KM if estate.type is EstateType.AGRICULTURE_FORESTRY else NEAR_KM):
            yield Breach(Kind.ESTATE, estate.id, f"{town.name} is {distance:.0f} km from {home.name}")


def _fit_their_surroundings(checked: CheckedWorld) -> Iterator[Breach]:
    by_id = checked.world.communes.by_id
    for estate in checked.estates():
        town = by_id.get(estate.commune)
        rural = estate.type is EstateType.AGRICULTURE_FORESTRY or estate.subtype == "FARMHOUSE"
        if town and rural and (is_dense(town) or not has(town, Surroundings.COUNTRYSIDE)):
            yield Breach(Kind.ESTATE, estate.id, f"{estate.subtype or estate.type} in {town.name}")
        if town and estate.subtype == "CHALET" and not has(town, Surroundings.MOUNTAIN):
            yield Breach(Kind.ESTATE, estate.id, f"CHALET in {town.name}")
        if town and estate.type is EstateType.PLOT and is_dense(town):
            yield Breach(Kind.ESTATE, estate.id, f"PLOT in {town.name}")


RULES = (
    Rule(
        "place-preposition",
        "The article of a town is contracted with the preposition before it: au Cannet, du Havre, aux Abymes.",
        _contracted_articles,
    ),
    Rule("place-town", "Town, postcode and district of a listing agree.", _listings_agree_with_their_town),
    Rule("place-near", "Listings are near their agency, or said to be holiday homes.", _near_the_agency),
    Rule("place-surroundings", "Farms lie in the country, chalets in the mountains.", _fit_their_surroundings),
)
