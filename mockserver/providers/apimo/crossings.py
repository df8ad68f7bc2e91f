"""Crossings: which properties fit which requests, computed, the same from both sides (seed 001, dossier apimo §2.4)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from mockserver.domain import Estate, Kind, MarketStatus, OfferDetails, OfferKind, SearchProfile, details_of
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.foundation.problems import not_found
from mockserver.foundation.slices import look_at_the_time
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


class Crossing(NamedTuple):
    """A property that fits a request, as one side sees it: `other` is the id on the other side."""

    other: int
    total: int
    step: int
    created_at: Epoch
    updated_at: Epoch


def list_request_crossings(call: Call) -> Reply:
    """The properties that fit a request, best first; only those of its kind are looked at."""
    profile, store = find_request(call), call.store
    types = _types_of(profile)

    def crossing_of(id: int) -> Crossing | None:
        look_at_the_time()
        estate = store.offer_details(id)
        return None if estate is None else _crossing(profile, estate, id)

    def fitting() -> list[Crossing]:
        ids = store.estates_on_offer(call.params["agency_id"], lambda offer: _is_possible(profile, types, offer))
        return _sorted(call.walk("crossings", ids, crossing_of))

    return _list(call, fitting, "property_id")


def list_property_crossings(call: Call) -> Reply:
    """The requests that a property fits, best first."""
    id, agency = call.params["property_id"], call.params["agency_id"]
    store = call.store
    entity = store.get(Kind.ESTATE, id)
    if not isinstance(entity, Estate) or entity.agency != agency:
        raise not_found(f"There is no property {id} at agency {agency}.")
    estate = details_of(entity)

    def fitting() -> list[Crossing]:
        written = store.written_with(Kind.PROFILE, agency, "transaction", estate.transaction)
        ids = {*store.in_hand(Kind.PROFILE, agency), *written}
        profiles = (store.get(Kind.PROFILE, id) for id in ids)
        searches = (profile for profile in profiles if isinstance(profile, SearchProfile))
        possible = (profile for profile in searches if _is_possible(profile, _types_of(profile), estate))
        return _sorted(_crossing(profile, estate, profile.id) for profile in possible)

    return _list(call, fitting, "request_id")


def _score(profile: SearchProfile, estate: OfferDetails) -> int:
    """Returns how well an estate that is possible fits, 0 to 100; 0 is out of the question too.

    It may be neither far too dear, too cheap nor too small. Of the other criteria only those that the request states
    count; price and area may miss their range by `margin` per cent, and count less the further off.
    """
    if _is_far_off(profile, estate):
        return 0
    reached = weights = 0.0
    in_place = True
    for criterion, fit in _fits(profile, estate):
        weight = _WEIGHTS[criterion]
        weights += weight
        reached += weight * fit
        in_place = in_place and (criterion != "place" or fit > 0)
    total = round(100 * reached / weights) if weights else 100
    return total if in_place else min(total, _ELSEWHERE)


def _types_of(profile: SearchProfile) -> Sequence[str]:
    """Returns the numbers of the types that a request asks for; none stand for any."""
    types: Sequence[str] = profile.extras.get("types") or [str(codes.property_type(type)) for type in profile.types]
    return types


def _is_possible(profile: SearchProfile, types: Sequence[str], offer: OfferKind | OfferDetails) -> bool:
    """Tells whether category and type are those asked for, and the estate is on the market."""
    if not profile.active or offer.status not in (MarketStatus.AVAILABLE, MarketStatus.UNDER_OFFER):
        return False
    if profile.transaction is not offer.transaction:
        return False
    # By the numbers that both sides show: a restaurant, for which there is none of its own, is shown as a shop.
    return not types or str(codes.property_type(offer.type)) in types


def _is_far_off(profile: SearchProfile, estate: OfferDetails) -> bool:
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


def _fits(profile: SearchProfile, estate: OfferDetails) -> Iterator[tuple[str, float]]:
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


def _list(call: Call, fitting: Callable[[], list[Crossing]], other: str) -> Reply:
    step: int | None = call.params.get("step")
    key = f"{call.operation.id}?{[call.params[parameter.name] for parameter in call.operation.path_parameters]}"
    crossings = call.store.derived(key, fitting)
    return list_values(
        call,
        [(crossing.updated_at, crossing) for crossing in crossings],
        keep=lambda crossing: step in (None, crossing.step),
        show=lambda crossing: _wire_form(crossing, other),
    )


def _sorted(crossings: Iterable[Crossing | None]) -> list[Crossing]:
    fitting = (crossing for crossing in crossings if crossing is not None)
    return sorted(fitting, key=lambda crossing: (-crossing.total, crossing.other))


def _crossing(profile: SearchProfile, estate: OfferDetails, other: int) -> Crossing | None:
    total = _score(profile, estate)
    if not total:
        return None
    created, updated = (
        max(profile.created_at, estate.created_at),
        max(profile.updated_at, estate.updated_at),
    )
    return Crossing(other, total, step_of(profile, estate, total), created, updated)


def _wire_form(crossing: Crossing, other: str) -> dict[str, Any]:
    return {
        other: crossing.other,
        "step_id": crossing.step,
        "total": str(crossing.total),
        "created_at": to_paris(crossing.created_at),
        "updated_at": to_paris(crossing.updated_at),
    }


def step_of(profile: SearchProfile, estate: OfferDetails, total: int) -> int:
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
