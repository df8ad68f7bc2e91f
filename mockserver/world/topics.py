"""The topic of an enquiry: category, intention, portal, estate and criteria that agree with each other."""

from datetime import UTC, datetime, timedelta
from functools import cache

from mockserver.domain import (
    Category,
    Condition,
    Enquiry,
    Estate,
    EstateHint,
    EstateType,
    Intention,
    Kind,
    Portal,
    Search,
    Stay,
    Transaction,
)
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world.context import WorldContext
from mockserver.world.listing_tries import SALES, listing_asked_for, sought_by
from mockserver.world.numbering import Spot
from mockserver.world.purposes import Purpose
from mockserver.world.rng import STEP, KeyedRandom, Weights
from mockserver.world.search_criteria import (
    MARGINS_OF_BUDGETS,
    criteria_like,
    draw_criteria,
    draw_own_home,
    draw_own_premises,
    draw_premises_criteria,
    types_at,
)
from mockserver.world.streets import draw_street, house_number

PORTALS: Weights[Portal] = Weights(
    {
        Portal.SELOGER: 62,
        Portal.LOGIC_IMMO: 24,
        Portal.MEILLEURS_AGENTS: 6,
        Portal.LA_COTE_IMMO: 4,
        Portal.SIGNIFY_FR: 4,
    }
)
RIVIERA = "Provence-Alpes-Côte d'Azur"
"""The region that La Côte Immo serves."""
PORTALS_ELSEWHERE = PORTALS.without(Portal.LA_COTE_IMMO)
PORTALS_OF_COUNTRIES: dict[str, Portal] = {
    **{"DE": Portal.IMMOWELT_DE, "AT": Portal.IMMOWELT_AT},
    **{"BE": Portal.IMMOWEB},
}
"""The portals on which people of those countries look for a property in France, too (assumed)."""
FROM_ABROAD = 60
"""The weight of such a portal where the world's locale is one of that country."""
ESTIMATION_PORTALS: Weights[Portal] = Weights({Portal.MEILLEURS_AGENTS: 70, Portal.SELOGER: 25, Portal.SIGNIFY_FR: 5})
DEAR_PORTALS: Weights[Portal] = Weights({Portal.BELLES_DEMEURES: 45, Portal.LUX_RESIDENCE: 30, Portal.SELOGER: 25})
NEW_PORTALS: Weights[Portal] = Weights({Portal.SELOGER_NEUF: 50, Portal.LOGIC_IMMO_NEUF: 15, Portal.SELOGER: 35})
NEW_HOMES = (EstateType.APARTMENT, EstateType.HOUSE, EstateType.PROJECT)
"""The types that the portals for new homes list; for sale only."""
OFFICE_PORTALS: Weights[Portal] = Weights({Portal.SELOGER_BUREAUX: 70, Portal.SELOGER: 30})
DEAR = 900_000
"""Euro: from here on estates are also listed on the portals for dear ones."""
SATURDAY = 5
"""As `datetime.weekday()` counts."""
PREMISES_SOUGHT = 0.08
"""The share of searches, and of estimations, that are about a shop or an office."""


ANYTHING, NO_STAY = Search(), Stay()
"""Of those who tell no criteria, and no dates."""


class Occasion(NamedTuple):
    """The facts of an enquiry that are settled before anything is drawn: by its place, a pin, or the caller."""

    created: Epoch
    purpose: Purpose
    estate: Estate | None = None
    message: str | None = None
    first: bool = True
    """True when the seeker comes for the first time."""
    before: Enquiry | None = None
    """The first enquiry of a seeker who comes back, where it is known."""


class Topic(NamedTuple):
    """The message speaks of the estate, or else of `wish`; the enquiry itself has `search`."""

    category: Category
    intention: Intention
    portal: Portal
    estate: Estate | None = None
    wish: Search = ANYTHING
    search: Search = ANYTHING
    hint: EstateHint = EstateHint()
    stay: Stay = NO_STAY


def draw_topic(world: WorldContext, rng: KeyedRandom, spot: Spot, occasion: Occasion) -> Topic:
    """Draws the topic of an enquiry that repeats no other."""
    match occasion.purpose.category:
        case Category.CLASSIFIED:
            estate = _estate(world, spot, occasion)
            return _classified(world, rng, occasion, estate) if estate else _unlisted(world, rng, spot, occasion)
        case Category.PROPERTY_SEARCH:
            return _search(world, rng, spot, occasion)
        case Category.ESTIMATION:
            return _estimation(world, rng, spot, occasion)
    return _agency(world, rng, spot, occasion)


def _classified(world: WorldContext, rng: KeyedRandom, occasion: Occasion, estate: Estate) -> Topic:
    sale = estate.transaction in SALES
    room, sized = rng.pick(MARGINS_OF_BUDGETS), rng.chance(0.7)
    portal = rng.weighted(_portals(world, estate, sale))
    return Topic(
        Category.CLASSIFIED,
        Intention.BUY if sale else Intention.RENT,
        portal,
        estate,
        search=criteria_like(estate, room, sized=sized) if rng.chance(0.4) else ANYTHING,
        stay=_stay(rng, occasion.created) if estate.transaction is Transaction.SEASONAL else NO_STAY,
    )


def _estate(world: WorldContext, spot: Spot, occasion: Occasion) -> Estate | None:
    if occasion.estate:
        return occasion.estate
    before = None if occasion.before is None else sought_by(world, occasion.before)
    listing = listing_asked_for(world, spot, occasion.created, before)
    return None if listing is None else world.estate(spot.agency, listing)


def _unlisted(world: WorldContext, rng: KeyedRandom, spot: Spot, occasion: Occasion) -> Topic:
    """Makes a topic about a listing that a portal shows and the agency does not have: the enquiry describes it."""
    rents = occasion.purpose.intention in (Intention.RENT, Intention.MANAGE)
    listing = draw_own_home(world, rng, spot.agency, Transaction.RENT if rents else Transaction.BUY)
    commune = world.communes.by_id[listing.communes[0]]
    return Topic(
        Category.CLASSIFIED,
        Intention.RENT if rents else Intention.BUY,
        rng.weighted(portals_of(world, spot.agency)),
        wish=listing,
        search=listing,
        hint=EstateHint(
            reference=f"EXT{spot.id}", postcode=rng.pick(commune.postcodes), city=commune.name, country="FR"
        ),
    )


def portals_of(world: WorldContext, agency: int) -> Weights[Portal]:
    """Returns the portals on which an agency has whatever no other portal is made for, and how common they are."""
    return _portals_of(world.home(agency).region == RIVIERA, world.locale.country)


@cache
def _portals_of(riviera: bool, country: str) -> Weights[Portal]:
    french, portal = PORTALS if riviera else PORTALS_ELSEWHERE, PORTALS_OF_COUNTRIES.get(country)
    return Weights({**french, portal: FROM_ABROAD}) if portal else french


def _portals(world: WorldContext, estate: Estate, sale: bool) -> Weights[Portal]:
    if estate.type in (EstateType.OFFICE, EstateType.TRADING):
        return OFFICE_PORTALS
    if sale and (estate.price or 0) >= DEAR:
        return DEAR_PORTALS
    sold_new = estate.condition is Condition.NEW and estate.transaction is Transaction.BUY
    return NEW_PORTALS if sold_new and estate.type in NEW_HOMES else portals_of(world, estate.agency)


def _search(world: WorldContext, rng: KeyedRandom, spot: Spot, occasion: Occasion) -> Topic:
    buys = occasion.purpose.intention is Intention.BUY
    transaction = Transaction.BUY if buys else Transaction.RENT
    wish = draw_criteria(world, rng, spot.agency, transaction, _types_sought(world, spot, transaction))
    portals = portals_of(world, spot.agency)
    if _is_about_premises(world, spot):
        wish, portals = draw_premises_criteria(world, _premises(world, spot), spot.agency, transaction), OFFICE_PORTALS
    intention = Intention.BUY if buys else Intention.RENT
    return Topic(Category.PROPERTY_SEARCH, intention, rng.weighted(portals), wish=wish, search=wish)


def _types_sought(world: WorldContext, spot: Spot, transaction: Transaction) -> tuple[EstateType, ...]:
    return types_at(world.uniform("subject", Kind.ENQUIRY, spot.id), transaction)


def type_sought(world: WorldContext, spot: Spot, transaction: Transaction) -> EstateType | None:
    """Returns the first type of a search, without the search; None where a plot is sought, if there are any."""
    if _is_about_premises(world, spot):
        return draw_premises_criteria(world, _premises(world, spot), spot.agency, transaction).types[0]
    types = _types_sought(world, spot, transaction)
    return None if EstateType.PLOT in types else types[0]


def _estimation(world: WorldContext, rng: KeyedRandom, spot: Spot, occasion: Occasion) -> Topic:
    sells = occasion.purpose.intention is Intention.SELL
    transaction = Transaction.BUY if sells else Transaction.RENT
    home = draw_own_home(world, rng, spot.agency, transaction)
    if _is_about_premises(world, spot):
        home = draw_own_premises(world, _premises(world, spot), spot.agency, transaction)
    commune = world.communes.by_id[home.communes[0]]
    return Topic(
        Category.ESTIMATION,
        Intention.SELL if sells else Intention.MANAGE,
        rng.weighted(ESTIMATION_PORTALS),
        wish=home,
        search=home,
        hint=EstateHint(
            street=house_number(rng, draw_street(rng), 120),
            postcode=rng.pick(commune.postcodes),
            city=commune.name,
            country="FR",
        ),
    )


def _is_about_premises(world: WorldContext, spot: Spot) -> bool:
    return world.enquiry_draws(spot.id).premises * STEP < PREMISES_SOUGHT


def _premises(world: WorldContext, spot: Spot) -> KeyedRandom:
    return KeyedRandom(world.seed, "premises", spot.id)


def _agency(world: WorldContext, rng: KeyedRandom, spot: Spot, occasion: Occasion) -> Topic:
    intention = occasion.purpose.intention or Intention.ASK_A_QUESTION
    transaction = Transaction.RENT if intention in (Intention.RENT, Intention.MANAGE) else Transaction.BUY
    wish = draw_criteria(world, rng, spot.agency, transaction, _types_sought(world, spot, transaction))
    return Topic(Category.AGENCY, intention, rng.weighted(portals_of(world, spot.agency)), wish=wish)


def _stay(rng: KeyedRandom, created: Epoch) -> Stay:
    """Draws a stay of one to three weeks from a Saturday on, as holiday homes are let, some time after the enquiry."""
    soon = datetime.fromtimestamp(created, UTC) + timedelta(days=rng.between(14, 200))
    start = soon + timedelta(days=(SATURDAY - soon.weekday()) % 7)
    end = start + timedelta(days=7 * rng.between(1, 3))
    return Stay(start=f"{start:%Y-%m-%d}", end=f"{end:%Y-%m-%d}")
