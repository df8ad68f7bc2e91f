"""The recipe makes a project: what somebody who leaves a search tells beyond its criteria."""

from datetime import UTC, datetime, timedelta

from mockserver.domain import (
    Commercial,
    Estate,
    EstateType,
    Household,
    Investment,
    InvestmentReason,
    InvestmentScheme,
    Kind,
    Person,
    PlotStatus,
    Project,
    Search,
    Service,
    Staff,
    Transaction,
    replace,
)
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.patterns import late_pattern
from mockserver.world.availability import was_asked_for
from mockserver.world.business_types import draw_business
from mockserver.world.context import WorldContext
from mockserver.world.finances import draw_finances, draw_household
from mockserver.world.locales import FRENCH, load_locale
from mockserver.world.numbering import Spot
from mockserver.world.rng import KeyedRandom, Weights
from mockserver.world.search_criteria import HOMES, PREMISES
from mockserver.world.sites import EstateOutline
from mockserver.world.tables import table
from mockserver.world.text_matching import matter_of, pick_matching
from mockserver.world.topics import Occasion, Topic

SERVICES: Weights[Service | None] = Weights(
    {
        None: 40,
        Service.TRANSPORTATION: 30,
        Service.SCHOOLS: 15,
        Service.SHOPS: 15,
    }
)
SMALL_PREMISES = 110
"""Square metres, in which fewer than ten people work."""
SHOP_STAFF: Weights[Staff] = Weights({Staff.UNDER_10: 95, Staff.UNDER_50: 5})
LARGE_STAFF: Weights[Staff] = Weights({Staff.UNDER_10: 45, Staff.UNDER_50: 50, Staff.MORE: 5})
LARGE_ACTIVITIES = frozenset({"Agence web", "Maintenance informatique", "Commissionnaire de transport"})
REASONS: Weights[InvestmentReason] = Weights(
    {
        InvestmentReason.TAX_EXEMPTION: 45,
        InvestmentReason.RENTAL_INCOME: 30,
        InvestmentReason.RETIREMENT: 25,
    }
)
SCHEMES: Weights[InvestmentScheme] = Weights(
    {
        InvestmentScheme.PINEL: 70,
        InvestmentScheme.MALRAUX: 10,
        InvestmentScheme.LMNP: 20,
    }
)
PINEL_ENDED = 1_735_686_000
"""2025-01-01 in Paris: the scheme was open to purchases until the end of 2024."""
LATER_SCHEMES = SCHEMES.without(InvestmentScheme.PINEL)
_LIVES_THERE = late_pattern("retraite|vacances|enfants|notre installation|calme|[Cc]oup de cœur|second home")
"""The words of somebody who will not let what they buy."""
WORKS = late_pattern("[Tt]ravaux")
"""Repairs are spoken of."""
INVESTORS = 0.15
LEAST_SHARE, MOST_SHARE = 0.55, 1.15
"""The price of a listing on whose page a search was left, as shares of the highest price that it names."""
NEAR = 1
"""The number of rooms by which such a listing may miss the search."""
TRIES = 12
"""The number of estates that are tried for one on whose page the search may have been left."""


def draw_project(
    world: WorldContext, spot: Spot, topic: Topic, seeker: Person, message: str, occasion: Occasion
) -> Project:
    """Makes the project of the topic's search, from random numbers of its own."""
    rng = KeyedRandom(world.seed, "project", spot.id)
    search = topic.search
    premises = bool(search.types) and search.types[0] in PREMISES
    household = _household(rng, seeker, message, search.rooms_min, first=occasion.first, boss=premises)
    means = draw_finances(rng, household, search) if household and rng.chance(0.8) else None
    return Project(
        estate=_page(world, rng, spot, search, occasion.created),
        service=_service(rng, search, household, message),
        investment=_investment(rng, search, message, occasion.created),
        commercial=_commercial(world, rng, spot, topic, seeker, occasion.created) if premises else None,
        plot=PlotStatus.SEARCHED if search.types == (EstateType.PLOT,) else None,
        household=household,
        finances=means,
        comment=_comment(rng, search, message) if rng.chance(0.4) and not premises and not seeker.erased else None,
    )


def _household(
    rng: KeyedRandom, seeker: Person, message: str, rooms: int | None, *, first: bool, boss: bool
) -> Household | None:
    """Asked of who comes for the first time only, so that nobody ever earns two different incomes."""
    answers = rng.chance(0.75)
    return draw_household(rng, seeker, message, rooms, boss=boss) if answers and first and not seeker.erased else None


def _comment(rng: KeyedRandom, search: Search, message: str) -> str | None:
    """Nobody speaks twice of the repairs that they would accept."""
    comment = pick_matching(rng, table("messages")["remarks"]["project"], matter_of(search))
    return None if comment is not None and WORKS.search(comment) and WORKS.search(message) else comment


def _service(rng: KeyedRandom, search: Search, household: Household | None, message: str) -> Service | None:
    """Only who has children, or does not say, needs schools; nobody needs any of it for a car or a plot."""
    drawn = rng.weighted(SERVICES)
    if "école" in message:
        return Service.SCHOOLS
    if not HOMES.issuperset(search.types) or (
        drawn is Service.SCHOOLS and ((household and not household.children) or "retraite" in message)
    ):
        return None
    return drawn


def _page(world: WorldContext, rng: KeyedRandom, spot: Spot, search: Search, created: Epoch) -> int | None:
    """Draws an estate that suits the search, for some searches, if one is found within a few tries."""
    count = world.count(Kind.ESTATE, spot.agency)
    if not count or not rng.chance(0.6):
        return None
    for _ in range(TRIES):
        position = rng.between(0, count - 1)
        outline = world.estate_outline(spot.agency, position)
        if _is_of_the_kind(outline, search) and was_asked_for(world, spot.agency, position, created):
            estate = world.estate(spot.agency, position)
            if _may_lead_to(estate, search):
                return estate.id
    return None


def _is_of_the_kind(estate: EstateOutline, search: Search) -> bool:
    """Tells whether somebody who searches that looks at such a listing at all."""
    return (
        estate.type in search.types and estate.transaction is search.transaction and estate.commune in search.communes
    )


def _may_lead_to(estate: Estate, search: Search) -> bool:
    """Tells whether somebody who looks at the listing might leave that search: price and size are right."""
    return (
        estate.price is not None
        and LEAST_SHARE <= share_of_budget(estate.price, search) <= MOST_SHARE
        and (estate.price >= (search.price_min or 0) * LEAST_SHARE)
        and (not search.rooms_min or abs((estate.rooms or 0) - search.rooms_min) <= NEAR)
    )


def share_of_budget(price: float, search: Search) -> float:
    """Returns the price of a listing as a share of the highest that a search names, 1 if it names none."""
    return price / (search.price_max or price)


def _investment(rng: KeyedRandom, search: Search, message: str, created: Epoch) -> Investment | None:
    """Flats are what is bought to let, by who does not speak of living there."""
    schemes = SCHEMES if created < PINEL_ENDED else LATER_SCHEMES
    invests, reason, scheme = rng.chance(INVESTORS), rng.weighted(REASONS), rng.weighted(schemes)
    buys_flats = search.transaction is Transaction.BUY and search.types == (EstateType.APARTMENT,)
    if not invests or not buys_flats or _LIVES_THERE.search(message):
        return None
    return Investment(reason=reason, scheme=scheme if reason is InvestmentReason.TAX_EXEMPTION else None)


def _commercial(
    world: WorldContext, rng: KeyedRandom, spot: Spot, topic: Topic, seeker: Person, created: Epoch
) -> Commercial:
    search = topic.search
    buys = search.transaction is Transaction.BUY
    area = int(search.area_min or 0)
    business = draw_business(rng, search.types[0], area, sold=0.4 if buys else 0.1)
    staffs = LARGE_STAFF if business.activity in LARGE_ACTIVITIES else SHOP_STAFF
    staff = rng.weighted(staffs) if area >= SMALL_PREMISES else Staff.UNDER_10
    relocation = datetime.fromtimestamp(created, UTC) + timedelta(days=rng.between(30, 400))
    comment = pick_matching(rng, table("messages")["remarks"]["business"], matter_of(search)._replace(staff=staff))
    name = seeker.company or load_locale(FRENCH).company(rng)
    return Commercial(
        leaseback=rng.chance(0.1) if buys else None,
        business=replace(business, trade=None) if rng.chance(0.4) else business,
        staff=staff,
        company=None if seeker.erased else name,
        relocation=f"{relocation:%Y-%m-%d}" if rng.chance(0.7) else None,
        comment=comment if rng.chance(0.6) and not seeker.erased else None,
    )
