"""Rules of what a text promises: the members of a listing have it, and towns and homes are called what they are."""

import re
from collections.abc import Iterator

from mockserver.domain import ContactSituation, EstateType, Kind, Orientation, Transaction
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule
from mockserver.world.surroundings import is_for_holidays

_UNSPACED = re.compile(r"\b\d{4,} ?m²", re.IGNORECASE)
_A_FLAT = re.compile(r"\bT\d\b")
_HOLIDAYS = re.compile(r"résidence secondaire|pied-à-terre|second home", re.IGNORECASE)
_SMALL_TOWN = re.compile(r"^A VENDRE SUR [^,]*[a-zà-ÿ]")
_CLIMBED = 4
"""Floors, the highest that are reached on foot."""


def _praise(checked: CheckedWorld) -> Iterator[Breach]:
    for estate in checked.estates():
        text = estate.description
        if "plein sud" in text and estate.facing is not Orientation.SOUTH:
            yield Breach(Kind.ESTATE, estate.id, f"“plein sud”, facing {estate.facing}")
        if "Cave et stationnement" in text and not (estate.cellar and estate.parking):
            yield Breach(Kind.ESTATE, estate.id, "“Cave et stationnement”, and it lacks them")
        if "terrain de " in text and not estate.plot_area:
            yield Breach(Kind.ESTATE, estate.id, "“terrain de”, and no plot")


def _thousands(checked: CheckedWorld) -> Iterator[Breach]:
    for estate in checked.estates():
        if words := _UNSPACED.search(f"{estate.title}\n{estate.description}"):
            yield Breach(Kind.ESTATE, estate.id, f"“{words[0]}”")


def _weeks_where_people_go(checked: CheckedWorld) -> Iterator[Breach]:
    for estate in checked.estates():
        town = checked.world.communes.by_id.get(estate.commune)
        if town and estate.transaction is Transaction.SEASONAL and not is_for_holidays(town):
            yield Breach(Kind.ESTATE, estate.id, f"by the week in {town.name}")


def _second_homes(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        words = _HOLIDAYS.search(enquiry.message)
        place = checked.estate(enquiry.estate).commune if enquiry.estate else next(iter(enquiry.search.communes), None)
        town = checked.world.communes.by_id.get(place or 0)
        if words and town and not is_for_holidays(town):
            yield Breach(Kind.ENQUIRY, enquiry.id, f"“{words[0]}” in {town.name}")


def _flats_are_called_so(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        words = _A_FLAT.search(enquiry.message)
        types = (checked.estate(enquiry.estate).type,) if enquiry.estate else enquiry.search.types
        if words and types and EstateType.APARTMENT not in types:
            yield Breach(Kind.ENQUIRY, enquiry.id, f"“{words[0]}” and {types[0]}")


def _capitals(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        if words := _SMALL_TOWN.search(enquiry.message):
            yield Breach(Kind.ENQUIRY, enquiry.id, f"“{words[0]}”")


def _lifts(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        answers = enquiry.estimation
        if answers and (answers.floor or 0) > _CLIMBED and answers.elevator is False:
            yield Breach(Kind.ENQUIRY, enquiry.id, f"floor {answers.floor} without a lift")
        if answers and answers.situation is ContactSituation.OCCUPANT and answers.is_free:
            yield Breach(Kind.ENQUIRY, enquiry.id, "free, and its owner lives there")


RULES = (
    Rule("promise-praise", "A listing has what its text praises.", _praise),
    Rule("promise-thousands", "Thousands are set apart, of square metres as of euro.", _thousands),
    Rule("promise-weeks", "Homes are let by the week where people spend holidays.", _weeks_where_people_go),
    Rule("promise-second-home", "Second homes are looked for where people spend holidays.", _second_homes),
    Rule("promise-flat", "A T3 is a flat.", _flats_are_called_so),
    Rule("promise-capitals", "Who writes in capitals writes the town so.", _capitals),
    Rule("promise-lift", "High floors have a lift, and an occupied home is not free.", _lifts),
)
