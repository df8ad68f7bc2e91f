"""The recipe makes a search profile: what the agency keeps of a property search."""

from datetime import UTC, datetime
from typing import Any

from mockserver.domain import Enquiry, EstateType, Kind, Place, RoomWish, Search, SearchProfile
from mockserver.world.context import WorldContext
from mockserver.world.erasure import only_codes
from mockserver.world.numbering import SEARCH_AT, SEARCH_EVERY, Spot
from mockserver.world.projects import WORKS
from mockserver.world.repeats import position_of
from mockserver.world.request_details import draw_details
from mockserver.world.rng import KeyedRandom, Weights
from mockserver.world.search_criteria import HOMES
from mockserver.world.tables import table
from mockserver.world.text_matching import matter_of, pick_matching
from mockserver.world.timeline import is_in_hand

MARGINS: Weights[int] = Weights({10: 70, 0: 10, 5: 20})
BEDROOM, GARDEN = 1, 49
EQUAL, AT_LEAST, AT_MOST = 1, 2, 3
"""What `rooms_operator` says of the number of rooms."""
ROOMS: Weights[int] = Weights({1: 4, 3: 2, 4: 2, 5: 2, 18: 3, 43: 3, 49: 2, 6: 1})
"""Apimo `property_areas`: bedroom, kitchen, garage, parking, terrace, balcony, garden, cellar; by how often wished."""


def profile(world: WorldContext, spot: Spot) -> SearchProfile:
    """The profile of the agency's search enquiry of that rank; its criteria are the enquiry's."""
    rng = world.rng(Kind.PROFILE, spot.id)
    place = spot.position * SEARCH_EVERY + SEARCH_AT
    enquiry = world.enquiry(spot.agency, place)
    opened = enquiry.opened
    created = opened.at if opened and opened.at else enquiry.created_at
    updated = max(created, enquiry.updated_at)
    return SearchProfile(
        id=spot.id,
        agency=spot.agency,
        created_at=created,
        updated_at=updated,
        contact=enquiry.seeker,
        agent=enquiry.agent,
        active=enquiry.closed is None or (rng.chance(0.6) and is_in_hand(world, spot.agency, place)),
        auto=rng.chance(0.8),
        validated=rng.chance(0.6),
        ranking=rng.between(1, 5) if rng.chance(0.4) else None,
        last_action=f"{datetime.fromtimestamp(updated, UTC):%Y-%m-%d}" if rng.chance(0.6) else None,
        **_criteria(world, rng, enquiry.search),
        margin=rng.weighted(MARGINS),
        **_rooms(rng, enquiry.search),
        areas=_areas(rng, enquiry.search),
        comment=_remark(world, rng, enquiry, "notes", 0.4),
        free_criteria=_remark(world, rng, enquiry, "wishes", 0.5),
        created_by=opened.agent if opened else None,
        updated_by=_last_agent(enquiry),
        extras=_details(world, enquiry),
    )


def _details(world: WorldContext, enquiry: Enquiry) -> dict[str, Any]:
    """Makes what the agency noted beyond the criteria; of somebody who was erased only numbers stay."""
    details = draw_details(world, KeyedRandom(world.seed, "details", enquiry.id), enquiry)
    seeker = world.person(enquiry.agency, position_of(world, Kind.PERSON, enquiry.seeker))
    return only_codes(details) if seeker.erased else details


def _rooms(rng: KeyedRandom, search: Search) -> dict[str, Any]:
    """Some take the least number of rooms for the exact one, and some note the highest that was named."""
    exact, most = rng.chance(0.12), rng.chance(0.6)
    if search.rooms_max and most:
        return {"rooms_operator": AT_MOST, "rooms": search.rooms_max}
    return {"rooms_operator": EQUAL if exact and search.rooms_min else AT_LEAST, "rooms": search.rooms_min}


def _criteria(world: WorldContext, rng: KeyedRandom, search: Search) -> dict[str, Any]:
    return {
        "transaction": search.transaction,
        "types": search.types,
        "places": tuple(_place(world, rng, commune) for commune in search.communes),
        "bedrooms": search.bedrooms_min,
        "area_min": search.area_min,
        "area_max": search.area_max,
        "price_min": search.price_min,
        "price_max": search.price_max,
    }


def _place(world: WorldContext, rng: KeyedRandom, id: int) -> Place:
    commune = world.communes.by_id[id]
    district = rng.pick(commune.districts) if commune.districts and rng.chance(0.3) else None
    return Place(commune=id, name=commune.name, district=district)


def _remark(world: WorldContext, rng: KeyedRandom, enquiry: Enquiry, kind: str, probability: float) -> str:
    """Draws a remark of an agent; there is none about somebody who was erased."""
    seeker = world.person(enquiry.agency, position_of(world, Kind.PERSON, enquiry.seeker))
    if seeker.erased or not rng.chance(probability):
        return ""
    matter = matter_of(enquiry.search)._replace(owns=seeker.is_owner)
    text = pick_matching(rng, table("messages")["remarks"][kind], matter)
    written_before = f"{enquiry.message} {enquiry.project.comment if enquiry.project else ''}"
    return "" if text is None or (WORKS.search(text) and WORKS.search(written_before)) else text


def _areas(rng: KeyedRandom, search: Search) -> tuple[RoomWish, ...]:
    """Up to three kinds of room, each wished once; nobody wants one on a plot."""
    if not HOMES.issuperset(search.types):
        return ()
    drawn = dict.fromkeys(rng.weighted(ROOMS) for _ in range(rng.between(0, 3)))
    never = {BEDROOM} if search.rooms_min == 1 else set()
    if search.types == (EstateType.APARTMENT,):
        never.add(GARDEN)  # Some of those who look for a flat want a high floor.
    kinds = [kind for kind in drawn if kind not in never]
    return tuple(
        RoomWish(type=kind, number=_number(rng, kind, search), area_min=9.0 if rng.chance(0.2) else None)
        for kind in kinds
    )


def _number(rng: KeyedRandom, kind: int, search: Search) -> int:
    """As many bedrooms as the criteria ask for, or as leave one room or two of all; one of everything else."""
    most = max((search.rooms_min or 2) - 1, 1)
    return search.bedrooms_min or rng.between(max(most - 1, 1), most) if kind == BEDROOM else 1


def _last_agent(enquiry: Enquiry) -> int | None:
    milestones = (enquiry.closed, enquiry.assigned, enquiry.opened)
    return next((milestone.agent for milestone in milestones if milestone and milestone.agent), None)
