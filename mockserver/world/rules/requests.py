"""Rules of search requests: what an agency noted fits the search, and every detail is noted now and then."""

from collections.abc import Iterator

from mockserver.domain import EstateType, Kind, Transaction
from mockserver.world.projects import WORKS
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule

_HOMES = frozenset({EstateType.APARTMENT, EstateType.HOUSE})
_SEA = 1
FEWEST, MOST = 0.05, 0.4
"""The shares of all requests within which each detail is noted."""
MANY = 100
"""The number of requests that tells a share."""
DETAILS = (
    *("subcategory", "standing", "condition", "availability", "view", "floor"),
    *("proximities", "services", "tags", "coordinates"),
)


def _sea_is_seen_from_the_shore(checked: CheckedWorld) -> Iterator[Breach]:
    for profile in checked.profiles():
        landscape = (profile.extras.get("view") or {}).get("landscape")
        towns = {place.commune for place in profile.places}
        if landscape == _SEA and not towns <= checked.world.communes.by_the_sea:
            yield Breach(Kind.PROFILE, profile.id, f"the sea in {', '.join(place.name for place in profile.places)}")


def _homes_have_what_homes_have(checked: CheckedWorld) -> Iterator[Breach]:
    for profile in checked.profiles():
        dwelling = {"subcategory", "view", "proximities", "tags"} & {
            name for name, value in profile.extras.items() if value
        }
        if dwelling and not _HOMES.issuperset(profile.types):
            yield Breach(Kind.PROFILE, profile.id, f"{', '.join(sorted(dwelling))} of {', '.join(profile.types)}")
        if profile.extras.get("activities") and _HOMES & set(profile.types):
            yield Breach(Kind.PROFILE, profile.id, "an activity in a home")


def _works_once(checked: CheckedWorld) -> Iterator[Breach]:
    leads = {enquiry.profile: enquiry for enquiry in checked.enquiries() if enquiry.profile}
    for profile in checked.profiles():
        enquiry = leads.get(profile.id)
        if enquiry and WORKS.search(profile.free_criteria):
            comment = enquiry.project.comment if enquiry.project else None
            if WORKS.search(f"{enquiry.message} {comment}"):
                yield Breach(Kind.PROFILE, profile.id, f"“{profile.free_criteria}” and “{enquiry.message}”")


def _no_plot_to_rent(checked: CheckedWorld) -> Iterator[Breach]:
    for profile in checked.profiles():
        if profile.transaction is Transaction.RENT and EstateType.PLOT in profile.types:
            yield Breach(Kind.PROFILE, profile.id, "a plot to rent")


def _each_detail_now_and_then(checked: CheckedWorld) -> Iterator[Breach]:
    profiles = list(checked.profiles())
    for name in DETAILS if len(profiles) >= MANY else ():
        share = sum(bool(profile.extras.get(name)) for profile in profiles) / len(profiles)
        if not FEWEST < share < MOST:
            yield Breach(Kind.PROFILE, profiles[0].id, f"{name} is in {share:.0%} of all requests")


RULES = (
    Rule("request-view", "The sea is seen from towns by the sea.", _sea_is_seen_from_the_shore),
    Rule(
        "request-details",
        "Details of dwellings are noted of dwellings, activities of business premises.",
        _homes_have_what_homes_have,
    ),
    Rule("request-works", "Request and lead do not both speak of repairs.", _works_once),
    Rule("request-plot", "Nobody asks for a plot to rent.", _no_plot_to_rent),
    Rule(
        "request-variety",
        "Each detail is noted in some requests, and not in most.",
        _each_detail_now_and_then,
        whole=True,
    ),
)
