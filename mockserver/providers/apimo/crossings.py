"""Crossings: which properties fit which requests, computed, the same from both sides (seed 001, dossier apimo §2.4)."""

from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.domain import Estate, Kind, MarketStatus, SearchProfile
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import not_found
from mockserver.provider_api.call import Call, Reply
from mockserver.providers.apimo import codes
from mockserver.providers.apimo.paging import list_values
from mockserver.providers.apimo.request_writes import find_request
from mockserver.providers.apimo.times import to_paris

_WEIGHTS = {"place": 30, "price": 30, "area": 20, "rooms": 10, "bedrooms": 10}
"""The weight of each criterion; the published page only says that there is a score from 0 to 100 (assumed)."""
_FAR_IN_PRICE, _FAR_IN_AREA, _FAR_IN_ROOMS = 15, 30, 1
"""Per cent by which a price is above or below its range, per cent by which an area is too small, and missing rooms,
from which on no score makes up for it, whatever the margin (assumed)."""
_ELSEWHERE = 45
"""The highest score of an estate in a town that the request does not name (assumed): half of what matters."""
_GOOD = 80
"""The score from which on an agent suggests most matches."""


def list_request_crossings(call: Call) -> Reply:
    """The properties that fit a request, best first."""
    profile, store = find_request(call), call.store
    estates = (store.get(Kind.ESTATE, id) for id in store.ids(Kind.ESTATE, call.params["agency_id"]))
    return _list(call, ((profile, estate) for estate in estates if isinstance(estate, Estate)), "property_id")


def list_property_crossings(call: Call) -> Reply:
    """The requests that a property fits, best first."""
    id, agency = call.params["property_id"], call.params["agency_id"]
    estate = call.store.get(Kind.ESTATE, id)
    if not isinstance(estate, Estate) or estate.agency != agency:
        raise not_found(f"There is no property {id} at agency {agency}.")
    store = call.store
    active = (store.get(Kind.PROFILE, id) for id in store.in_hand(Kind.PROFILE, agency))
    return _list(call, ((profile, estate) for profile in active if isinstance(profile, SearchProfile)), "request_id")


def score(profile: SearchProfile, estate: Estate) -> int | None:
    """Returns how well an estate fits, 0 to 100, or None when it is out of the question.

    Category and type must be those asked for and the estate must be on the market, and neither far too dear, too cheap
    nor too small. Of the other criteria only those that the request states count; price and area may miss their range
    by `margin` per cent, and count less the further off.
    """
    if not profile.active or estate.status not in (MarketStatus.AVAILABLE, MarketStatus.UNDER_OFFER):
        return None
    if profile.transaction is not estate.transaction:
        return None
    # By the numbers that both sides show: a restaurant, for which there is none of its own, is shown as a shop.
    types = profile.extras.get("types") or [str(codes.property_type(type)) for type in profile.types]
    if types and str(codes.property_type(estate.type)) not in types:
        return None
    if _is_far_off(profile, estate):
        return None
    fits = dict(_fits(profile, estate))
    weights = sum(_WEIGHTS[criterion] for criterion in fits)
    total = round(100 * sum(_WEIGHTS[criterion] * fit for criterion, fit in fits.items()) / weights) if weights else 100
    return total if fits.get("place", 1) else min(total, _ELSEWHERE)


def _is_far_off(profile: SearchProfile, estate: Estate) -> bool:
    """Tells whether the estate misses a bound by so much that nobody would suggest it."""
    price, tolerated = estate.price, max(profile.margin, _FAR_IN_PRICE)
    if price is not None and profile.price_max is not None and price * 100 > profile.price_max * (100 + tolerated):
        return True
    if price is not None and profile.price_min is not None and price * 100 < profile.price_min * (100 - tolerated):
        return True
    smallest = (profile.area_min or 0) * (100 - max(profile.margin, _FAR_IN_AREA))
    if estate.area * 100 < smallest:
        return True
    at_least = profile.rooms is not None and profile.rooms_operator in (1, 2)
    return at_least and (estate.rooms or 0) + _FAR_IN_ROOMS < (profile.rooms or 0)


def _fits(profile: SearchProfile, estate: Estate) -> Iterator[tuple[str, float]]:
    """Yields (criterion, 0.0 to 1.0) of each criterion that the request states."""
    if profile.places:
        yield "place", float(any(estate.commune in (place.commune, *place.covers) for place in profile.places))
    for criterion, value, least, most in (
        ("price", estate.price, profile.price_min, profile.price_max),
        ("area", estate.area, profile.area_min, profile.area_max),
    ):
        if least is not None or most is not None:
            yield criterion, _in_range(value, least, most, profile.margin)
    if profile.rooms is not None:
        yield "rooms", float(_compares(estate.rooms, profile.rooms_operator, profile.rooms))
    if profile.bedrooms:
        yield "bedrooms", float((estate.bedrooms or 0) >= profile.bedrooms)


def _in_range(value: float | None, least: float | None, most: float | None, margin: int) -> float:
    """1 inside the range, down to 0 at `margin` per cent outside it; a price on request fits no range."""
    if value is None:
        return 0.0
    bound = least if least is not None and value < least else most if most is not None and value > most else None
    if bound is None:
        return 1.0
    allowed = abs(bound) * max(margin, 0) / 100
    return max(0.0, 1 - abs(value - bound) / allowed) if allowed else 0.0


def _compares(value: int | None, operator: int, number: int) -> bool:
    if value is None:
        return False
    return {1: value == number, 2: value >= number, 3: value <= number}[operator]


def _list(call: Call, pairs: Iterable[tuple[SearchProfile, Estate]], other: str) -> Reply:
    step: int | None = call.params.get("step")
    key = f"{call.operation.id}?{[call.params[parameter.name] for parameter in call.operation.path_parameters]}"
    crossings = call.store.derived(key, lambda: _crossings(pairs, other))
    return list_values(call, crossings, keep=lambda crossing: step in (None, crossing["step_id"]))


def _crossings(pairs: Iterable[tuple[SearchProfile, Estate]], other: str) -> list[tuple[Epoch, Any]]:
    matches = []
    for profile, estate in pairs:
        if total := score(profile, estate):
            matches.append((-total, estate.id if other == "property_id" else profile.id, profile, estate))
    return [
        (max(profile.updated_at, estate.updated_at), _crossing(other, id, -total, profile, estate))
        for total, id, profile, estate in sorted(matches, key=lambda entry: entry[:2])
    ]


def _crossing(other: str, id: int, total: int, profile: SearchProfile, estate: Estate) -> dict[str, Any]:
    return {
        other: id,
        "step_id": step_of(profile, estate, total),
        "total": str(total),
        "created_at": to_paris(max(profile.created_at, estate.created_at)),
        "updated_at": to_paris(max(profile.updated_at, estate.updated_at)),
    }


def step_of(profile: SearchProfile, estate: Estate, total: int) -> int:
    """1 to suggest, 2 already suggested, 3 not suggested: what the agent did with a match while the request was open.

    Nothing tells how it comes about (assumed): a new request's matches are all to suggest, as is what was listed after
    the last action. Of the others the good ones were mostly suggested, the others mostly not. Which ones follows from
    the two ids, so that both sides agree.
    """
    if profile.last_action is None or profile.created_at == profile.updated_at:
        return 1
    if estate.created_at > profile.updated_at:
        return 1
    turn = (profile.id * 31 + estate.id * 17) % 5
    return (2, 2, 1, 2, 1)[turn] if total >= _GOOD else (3, 1, 3, 3, 1)[turn]
