"""What an enquiry is about: category, intention, portal, estate and criteria, agreed with each other."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from mockserver.domain import (
    Category,
    Condition,
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
from mockserver.world.numbering import Spot
from mockserver.world.rng import KeyedRandom, number
from mockserver.world.search_criteria import draw_own_home, draw_own_premises, draw_premises_wish, draw_wish, wish_for

if TYPE_CHECKING:
    from mockserver.world.world import World

CATEGORIES: dict[Category, float] = {Category.CLASSIFIED: 60, Category.AGENCY: 12, Category.ESTIMATION: 12}
PORTALS: dict[Portal, float] = {
    Portal.SELOGER: 62,
    Portal.LOGIC_IMMO: 24,
    Portal.MEILLEURS_AGENTS: 6,
    Portal.LA_COTE_IMMO: 4,
    Portal.SIGNIFY_FR: 4,
}
ESTIMATION_PORTALS: dict[Portal, float] = {Portal.MEILLEURS_AGENTS: 70, Portal.SELOGER: 25, Portal.SIGNIFY_FR: 5}
DEAR_PORTALS: dict[Portal, float] = {Portal.BELLES_DEMEURES: 45, Portal.LUX_RESIDENCE: 30, Portal.SELOGER: 25}
NEW_PORTALS: dict[Portal, float] = {Portal.SELOGER_NEUF: 50, Portal.LOGIC_IMMO_NEUF: 15, Portal.SELOGER: 35}
OFFICE_PORTALS: dict[Portal, float] = {Portal.SELOGER_BUREAUX: 70, Portal.SELOGER: 30}
DEAR = 900_000
"""Euro: from here on estates are also shown on the portals for dear ones."""
INTENTIONS: dict[Intention, float] = {
    Intention.SELL: 30,
    Intention.BUY: 25,
    Intention.RENT: 20,
    Intention.MANAGE: 12,
    Intention.ASK_A_QUESTION: 13,
}


PREMISES_SOUGHT = 0.08
"""How many searches, and how many estimations, are about a shop or an office."""


class Occasion(NamedTuple):
    """What is settled of an enquiry before anything is drawn: by its place in the world, a pin, or who lets it come."""

    created: Epoch
    category: Category | None = None
    intention: Intention | None = None
    estate: Estate | None = None
    message: str | None = None
    first: bool = True
    """Whether the seeker comes for the first time."""


class Topic(NamedTuple):
    """`wish` is what the message speaks of, `search` what the enquiry itself says."""

    category: Category
    intention: Intention
    portal: Portal
    estate: Estate | None = None
    wish: Search = Search()
    search: Search = Search()
    hint: EstateHint = EstateHint()
    stay: Stay = Stay()


def draw_topic(world: "World", rng: KeyedRandom, spot: Spot, occasion: Occasion) -> Topic:
    """What somebody asks who repeats nobody."""
    category = _category(rng, occasion)
    if category is Category.CLASSIFIED and world.count(Kind.ESTATE, spot.agency):
        return _classified(world, rng, spot, occasion)
    if category is Category.PROPERTY_SEARCH:
        return _search(world, rng, spot, occasion)
    if category is Category.ESTIMATION:
        return _estimation(world, rng, spot, occasion)
    if occasion.category is Category.CLASSIFIED:
        return _unlisted(world, rng, spot, occasion)
    return _agency(world, rng, spot, occasion)


def _category(rng: KeyedRandom, occasion: Occasion) -> Category:
    drawn = rng.weighted(CATEGORIES)
    return occasion.category or drawn


def _classified(world: "World", rng: KeyedRandom, spot: Spot, occasion: Occasion) -> Topic:
    estate = _estate(world, rng, spot, occasion)
    sale = estate.transaction in (Transaction.BUY, Transaction.LIFE_ANNUITY)
    wish = wish_for(rng, estate)
    return Topic(
        Category.CLASSIFIED,
        Intention.BUY if sale else Intention.RENT,
        rng.weighted(_portals(estate, sale)),
        estate,
        wish,
        wish if rng.chance(0.4) else Search(),
        stay=_stay(rng, occasion.created) if estate.transaction is Transaction.SEASONAL else Stay(),
    )


def _estate(world: "World", rng: KeyedRandom, spot: Spot, occasion: Occasion) -> Estate:
    drawn = rng.between(0, world.count(Kind.ESTATE, spot.agency) - 1)
    return occasion.estate or world.estate(spot.agency, drawn)


def _unlisted(world: "World", rng: KeyedRandom, spot: Spot, occasion: Occasion) -> Topic:
    """About a listing that a portal shows and the agency does not have, so that the enquiry itself tells of it."""
    rents = occasion.intention in (Intention.RENT, Intention.MANAGE)
    told = draw_own_home(world, rng, spot.agency, Transaction.RENT if rents else Transaction.BUY)
    commune = world.communes.by_id[told.communes[0]]
    return Topic(
        Category.CLASSIFIED,
        Intention.RENT if rents else Intention.BUY,
        rng.weighted(PORTALS),
        wish=told,
        search=told,
        hint=EstateHint(
            reference=f"EXT{spot.id}", postcode=rng.pick(commune.postcodes), city=commune.name, country="FR"
        ),
    )


def _portals(estate: Estate, sale: bool) -> dict[Portal, float]:
    if estate.type in (EstateType.OFFICE, EstateType.TRADING):
        return OFFICE_PORTALS
    if sale and (estate.price or 0) >= DEAR:
        return DEAR_PORTALS
    return NEW_PORTALS if estate.condition is Condition.NEW else PORTALS


def _search(world: "World", rng: KeyedRandom, spot: Spot, occasion: Occasion) -> Topic:
    buys = _settled(occasion, Intention.BUY, Intention.RENT, drawn=rng.chance(0.75))
    transaction = Transaction.BUY if buys else Transaction.RENT
    wish, portals = draw_wish(world, rng, spot.agency, transaction), PORTALS
    if _is_about_premises(world, spot):
        wish, portals = draw_premises_wish(world, _premises(world, spot), spot.agency, transaction), OFFICE_PORTALS
    intention = Intention.BUY if buys else Intention.RENT
    return Topic(Category.PROPERTY_SEARCH, intention, rng.weighted(portals), wish=wish, search=wish)


def _estimation(world: "World", rng: KeyedRandom, spot: Spot, occasion: Occasion) -> Topic:
    sells = _settled(occasion, Intention.SELL, Intention.MANAGE, drawn=rng.chance(0.85))
    transaction = Transaction.BUY if sells else Transaction.RENT
    own = draw_own_home(world, rng, spot.agency, transaction)
    if _is_about_premises(world, spot):
        own = draw_own_premises(world, _premises(world, spot), spot.agency, transaction)
    commune = world.communes.by_id[own.communes[0]]
    street = world.fakes.street(number(world.seed, "hint", Kind.ENQUIRY, spot.id))
    return Topic(
        Category.ESTIMATION,
        Intention.SELL if sells else Intention.MANAGE,
        rng.weighted(ESTIMATION_PORTALS),
        wish=own,
        search=own,
        hint=EstateHint(
            street=f"{rng.between(1, 120)} {street}",
            postcode=rng.pick(commune.postcodes),
            city=commune.name,
            country="FR",
        ),
    )


def _settled(occasion: Occasion, one: Intention, other: Intention, *, drawn: bool) -> bool:
    """Whether it is the one intention rather than the other: as the occasion says, else as drawn."""
    return occasion.intention is one if occasion.intention in (one, other) else drawn


def _is_about_premises(world: "World", spot: Spot) -> bool:
    return world.share("premises", Kind.ENQUIRY, spot.id) < PREMISES_SOUGHT


def _premises(world: "World", spot: Spot) -> KeyedRandom:
    return KeyedRandom(world.seed, "premises", spot.id)


def _agency(world: "World", rng: KeyedRandom, spot: Spot, occasion: Occasion) -> Topic:
    drawn = rng.weighted(INTENTIONS)
    intention = occasion.intention or drawn
    transaction = Transaction.RENT if intention in (Intention.RENT, Intention.MANAGE) else Transaction.BUY
    wish = draw_wish(world, rng, spot.agency, transaction)
    return Topic(Category.AGENCY, intention, rng.weighted(PORTALS), wish=wish)


def _stay(rng: KeyedRandom, created: Epoch) -> Stay:
    """One to three weeks, some time after the enquiry."""
    asked = datetime.fromtimestamp(created, UTC)
    start = asked + timedelta(days=rng.between(14, 200))
    end = start + timedelta(days=7 * rng.between(1, 3))
    return Stay(start=f"{start:%Y-%m-%d}", end=f"{end:%Y-%m-%d}")
