"""What people write suits what they write about."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from mockserver.domain import Category, ContactSituation, Enquiry, EstateType, Kind, TimeToMarket
from mockserver.domain import SearchProfile as Profile
from mockserver.domain import Transaction as Deal
from mockserver.world import World, load_world_file
from mockserver.world.text_matching import Matter, suits

pytestmark = pytest.mark.no_cover
"""Thousands of entities, mostly by code that other tests reach too: not traced, which would cost much of their time."""

ORIGIN = 1_767_225_600  # 2026-01-01T00:00:00Z
BARE = (EstateType.PLOT, EstateType.PARKING)
OF_ROOMS = re.compile(
    r"DPE|Carrez|chauffage|charges|étage|ascenseur|pièces|chambre|parquet|moulures|vis-à-vis|vitrage|logement"
    r"|appartement|maison\b(?! en bois)|balcon|enfants|école|Wohnfläche|construcción",
    re.IGNORECASE,
)
every_seed = pytest.mark.parametrize("seed", [1, 2, 99])


@cache
def make(seed: int) -> World:
    return World(load_world_file("default"), origin=ORIGIN, seed=seed)


def enquiries(world: World, category: Category) -> Iterator[Enquiry]:
    for agency in world.agencies:
        for position in range(world.count(Kind.ENQUIRY, agency)):
            enquiry = world.enquiry(agency, position)
            if enquiry.category is category:
                yield enquiry


def words(enquiry: Enquiry) -> str:
    """The message and what else was added."""
    told = (part.comment for part in (enquiry.estimation, enquiry.project) if part)
    return "\n".join((enquiry.message, *filter(None, told)))


@every_seed
def test_nobody_asks_a_plot_or_a_garage_for_its_rooms(seed: int) -> None:
    world = make(seed)
    about = [enquiry for enquiry in enquiries(world, Category.PROPERTY_SEARCH) if set(enquiry.search.types) & set(BARE)]
    for enquiry in enquiries(world, Category.CLASSIFIED):
        if world.estate(*(world.locate(Kind.ESTATE, enquiry.estate or 0) or (0, 0))).type in BARE:
            about.append(enquiry)
    assert len(about) > 20
    assert [words(enquiry) for enquiry in about if OF_ROOMS.search(words(enquiry))] == []


@every_seed
def test_an_estimation_is_asked_for_as_the_plan_says(seed: int) -> None:
    for enquiry in enquiries(make(seed), Category.ESTIMATION):
        own = enquiry.estimation
        assert own is not None
        if own.situation is ContactSituation.LANDLORD:
            assert not re.search(r"\bvente|vendre|acheter", words(enquiry), re.IGNORECASE)
        else:
            assert not re.search(r"loyer|relouer|locataire", words(enquiry), re.IGNORECASE)
        if own.situation is ContactSituation.SELLER:
            assert "pas encore décidé" not in words(enquiry)
        if own.time_to_market is not TimeToMarket.SOON:
            assert "six mois" not in words(enquiry)
        if own.time_to_market is not TimeToMarket.NOW:
            assert "URGENT" not in words(enquiry)


@every_seed
def test_a_house_is_not_sought_on_a_high_floor_nor_a_flat_with_a_garden(seed: int) -> None:
    for enquiry in enquiries(make(seed), Category.PROPERTY_SEARCH):
        if enquiry.search.types == (EstateType.HOUSE,):
            assert not re.search(r"étage|ascenseur|app?artement|copropriété", words(enquiry), re.IGNORECASE)
        if enquiry.search.types == (EstateType.APARTMENT,):
            assert not re.search(r"jardin|plain-pied|maison", words(enquiry), re.IGNORECASE)


@every_seed
def test_a_profile_wishes_rooms_only_of_homes(seed: int) -> None:
    world = make(seed)
    for agency in world.agencies:
        for position in range(world.count(Kind.PROFILE, agency)):
            profile = world.entity(Kind.PROFILE, agency, position)
            assert isinstance(profile, Profile)
            if set(profile.types) & set(BARE):
                assert profile.areas == ()
                assert not OF_ROOMS.search(f"{profile.comment} {profile.free_criteria}")


@pytest.mark.parametrize("category", Category)
@every_seed
def test_few_find_no_words_at_all(seed: int, category: Category) -> None:
    found = [enquiry for enquiry in enquiries(make(seed), category) if not enquiry.called]
    assert sum(not enquiry.message for enquiry in found) < 0.15 * len(found)


def test_a_text_suits_when_all_that_it_asks_for_agrees() -> None:
    entries: list[Any] = [
        "always",
        {"text": "homes", "types": ["HOUSE", "APARTMENT"]},
        {"text": "sale", "transactions": ["BUY"]},
        {"text": "large", "rooms": 3},
    ]
    both = (EstateType.HOUSE, EstateType.APARTMENT)

    def suiting(matter: Matter) -> list[str]:
        return [entry if isinstance(entry, str) else entry["text"] for entry in entries if suits(entry, matter)]

    assert suiting(Matter()) == ["always"]
    assert suiting(Matter(both, Deal.RENT)) == ["always", "homes"]
    assert suiting(Matter((EstateType.HOUSE, EstateType.PLOT), Deal.BUY)) == ["always", "sale"]
    assert suiting(Matter(both, Deal.BUY, rooms=3)) == ["always", "homes", "sale", "large"]
