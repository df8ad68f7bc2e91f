"""The purpose of an enquiry follows from its place alone, so that a seeker can be made to fit what they ask for."""

from mockserver.domain import Category, Enquiry, Intention, Kind
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world.context import WorldContext
from mockserver.world.numbering import SEARCH_AT, SEARCH_EVERY, Spot
from mockserver.world.rng import STEP, Weights

CATEGORIES: Weights[Category] = Weights({Category.CLASSIFIED: 60, Category.AGENCY: 12, Category.ESTIMATION: 12})
INTENTIONS: Weights[Intention] = Weights(
    {
        Intention.SELL: 30,
        Intention.BUY: 25,
        Intention.RENT: 20,
        Intention.MANAGE: 12,
        Intention.ASK_A_QUESTION: 13,
    }
)
"""The intentions of enquiries to the agency itself."""
SELLING = 0.85
"""The share of estimations that are asked for in order to sell; the others think of letting."""
BUYING = 0.75
"""The share of searches of buyers; the others search for a rental."""
OFFERS = frozenset({Intention.SELL, Intention.MANAGE})
"""The intentions of those who own what they write about."""
_INTENTIONS: dict[bool | None, Weights[Intention]] = {
    None: INTENTIONS,
    True: INTENTIONS.without(Intention.BUY, Intention.RENT),
    False: INTENTIONS.without(*OFFERS),
}
_CATEGORIES: dict[bool | None, Weights[Category]] = {
    None: CATEGORIES,
    True: CATEGORIES.without(Category.CLASSIFIED),
    False: CATEGORIES.without(Category.ESTIMATION),
}


class Purpose(NamedTuple):
    """The category of an enquiry, and what the seeker intends; None where the listing tells."""

    category: Category
    intention: Intention | None = None

    @property
    def offers(self) -> bool:
        """Tells whether only an owner can have this purpose."""
        return self.intention in OFFERS


def is_search(position: int) -> bool:
    """Tells whether the enquiry at that position is a property search with a profile."""
    return position % SEARCH_EVERY == SEARCH_AT


def planned_purpose(world: WorldContext, spot: Spot, *, offers: bool | None = None) -> Purpose:
    """Returns the purpose of the enquiry at a place of the world; `offers` as in `draw_purpose`."""
    category, intention = Category.PROPERTY_SEARCH if is_search(spot.position) else None, None
    if world.pins.pinned:
        pinned = world.pins.at(Kind.ENQUIRY, spot.agency, spot.position)
        category = Category(pinned["category"]) if pinned.get("category") else category
        intention = Intention(pinned["intention"]) if pinned.get("intention") else None
    return draw_purpose(world, spot, category, intention, offers=offers)


def draw_purpose(
    world: WorldContext, spot: Spot, category: Category | None, intention: Intention | None, *, offers: bool | None
) -> Purpose:
    """Draws what is not given.

    `offers` tells what a seeker came for before: True to sell or let, False to find something, None not at all. Who
    comes back goes on with it, or asks a question.
    """
    luck = world.enquiry_draws(spot.id).purpose * STEP
    again = luck * 1_000 % 1
    if category is None:
        category = _category(luck, offers=offers, listings=world.count(Kind.ESTATE, spot.agency) > 0)
    if category is Category.CLASSIFIED:
        return Purpose(category, intention)
    if category is Category.AGENCY:
        return Purpose(category, intention or _INTENTIONS[offers].at(again))
    if category is Category.ESTIMATION:
        lets = intention is Intention.MANAGE or (intention is not Intention.SELL and again >= SELLING)
        return Purpose(category, Intention.MANAGE if lets else Intention.SELL)
    rents = intention is Intention.RENT or (intention is not Intention.BUY and again >= BUYING)
    return Purpose(category, Intention.RENT if rents else Intention.BUY)


def continued(purpose: Purpose, before: Enquiry) -> Purpose:
    """Returns the purpose of somebody who comes back: who wanted to buy does not rent now, nor the other way round."""
    sides = (Intention.BUY, Intention.RENT)
    return (
        purpose._replace(intention=before.intention) if {purpose.intention, before.intention} == {*sides} else purpose
    )


def _category(luck: float, *, offers: bool | None, listings: bool) -> Category:
    drawn = _CATEGORIES[offers].at(luck)
    return drawn if listings or drawn is not Category.CLASSIFIED else Category.AGENCY
