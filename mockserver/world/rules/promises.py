"""Rules of what a text promises: the members of a listing have it, and towns and homes are called what they are."""

import re
from collections.abc import Iterator

from mockserver.domain import ContactSituation, Kind, Orientation
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule

_UNSPACED = re.compile(r"\b\d{4,} ?m²", re.IGNORECASE)
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
    Rule("promise-capitals", "Who writes in capitals writes the town so.", _capitals),
    Rule("promise-lift", "High floors have a lift, and an occupied home is not free.", _lifts),
)
