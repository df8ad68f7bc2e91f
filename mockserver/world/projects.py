"""The recipe makes a project: what somebody who leaves a search tells beyond its criteria."""

from datetime import UTC, datetime, timedelta

from mockserver.domain import (
    Commercial,
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
)
from mockserver.foundation.epoch import Epoch
from mockserver.world.business_types import draw_business
from mockserver.world.context import WorldContext
from mockserver.world.finances import draw_finances, draw_household
from mockserver.world.numbering import Spot
from mockserver.world.rng import KeyedRandom, number
from mockserver.world.search_criteria import PREMISES
from mockserver.world.tables import table
from mockserver.world.text_matching import matter_of, pick_matching
from mockserver.world.topics import Occasion, Topic

SERVICES: dict[Service | None, float] = {
    None: 40,
    Service.TRANSPORTATION: 30,
    Service.SCHOOLS: 15,
    Service.SHOPS: 15,
}
STAFF: dict[Staff, float] = {Staff.UNDER_10: 70, Staff.UNDER_50: 22, Staff.MORE: 8}
REASONS: dict[InvestmentReason, float] = {
    InvestmentReason.TAX_EXEMPTION: 45,
    InvestmentReason.RENTAL_INCOME: 30,
    InvestmentReason.RETIREMENT: 25,
}
SCHEMES: dict[InvestmentScheme, float] = {
    InvestmentScheme.PINEL: 70,
    InvestmentScheme.MALRAUX: 10,
    InvestmentScheme.LMNP: 20,
}
INVESTORS = 0.15
TRIES = 6
"""The number of estates that are tried for one on whose page the search may have been left."""


def draw_project(
    world: WorldContext, spot: Spot, topic: Topic, seeker: Person, message: str, occasion: Occasion
) -> Project:
    """Makes the project of the topic's search, from random numbers of its own."""
    rng = KeyedRandom(world.seed, "project", spot.id)
    search = topic.search
    premises = bool(search.types) and search.types[0] in PREMISES
    household = _household(rng, seeker, message, first=occasion.first, boss=premises)
    means = draw_finances(rng, household, search) if household and rng.chance(0.8) else None
    comment = pick_matching(rng, table("messages")["remarks"]["project"], matter_of(search))
    return Project(
        estate=_page(world, rng, spot, search),
        service=rng.weighted(SERVICES),
        investment=_investment(rng, search),
        commercial=_commercial(world, rng, spot, topic, seeker, occasion.created) if premises else None,
        plot=PlotStatus.SEARCHED if search.types == (EstateType.PLOT,) else None,
        household=household,
        finances=means,
        comment=comment if rng.chance(0.4) and not premises and not seeker.erased else None,
    )


def _household(rng: KeyedRandom, seeker: Person, message: str, *, first: bool, boss: bool) -> Household | None:
    """Asked of who comes for the first time only, so that nobody ever earns two different incomes."""
    answers = rng.chance(0.75)
    return draw_household(rng, seeker, message, boss=boss) if answers and first and not seeker.erased else None


def _page(world: WorldContext, rng: KeyedRandom, spot: Spot, search: Search) -> int | None:
    """Draws an estate that suits the search, for some searches, if one is found within a few tries."""
    count = world.count(Kind.ESTATE, spot.agency)
    if not count or not rng.chance(0.6):
        return None
    looked_at = (world.estate(spot.agency, rng.between(0, count - 1)) for _ in range(TRIES))
    fitting = (
        estate.id for estate in looked_at if estate.type in search.types and estate.transaction is search.transaction
    )
    return next(fitting, None)


def _investment(rng: KeyedRandom, search: Search) -> Investment | None:
    """Flats are what is bought to let."""
    invests, reason, scheme = rng.chance(INVESTORS), rng.weighted(REASONS), rng.weighted(SCHEMES)
    if not invests or search.transaction is not Transaction.BUY or search.types != (EstateType.APARTMENT,):
        return None
    return Investment(reason=reason, scheme=scheme if reason is InvestmentReason.TAX_EXEMPTION else None)


def _commercial(
    world: WorldContext, rng: KeyedRandom, spot: Spot, topic: Topic, seeker: Person, created: Epoch
) -> Commercial:
    search = topic.search
    buys = search.transaction is Transaction.BUY
    business = draw_business(rng, search.types[0], sold=0.4 if buys else 0.1)
    relocation = datetime.fromtimestamp(created, UTC) + timedelta(days=rng.between(30, 400))
    comment = pick_matching(rng, table("messages")["remarks"]["business"], matter_of(search))
    name = seeker.company or world.fakes.company(number(world.seed, "project", spot.id))
    return Commercial(
        leaseback=rng.chance(0.1) if buys else None,
        business=business.model_copy(update={"trade": None}) if rng.chance(0.4) else business,
        staff=rng.weighted(STAFF),
        company=None if seeker.erased else name,
        relocation=f"{relocation:%Y-%m-%d}" if rng.chance(0.7) else None,
        comment=comment if rng.chance(0.6) and not seeker.erased else None,
    )
