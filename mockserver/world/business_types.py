"""The world has business types, with French activities, for shops and offices."""

from mockserver.domain import Business, EstateType, Trade
from mockserver.world.rng import KeyedRandom

SHOPS: dict[Trade, tuple[str, ...]] = {
    Trade.FOOD: ("Boulangerie-pâtisserie", "Épicerie fine", "Boucherie"),
    Trade.GASTRONOMY_HOTEL: ("Crêperie", "Bar à vins"),
    Trade.LOCAL_SHOP: ("Tabac-presse", "Fleuriste"),
    Trade.WELLNESS_HEALTHCARE: ("Institut de beauté", "Salon de coiffure"),
    Trade.HOUSE_EQUIPMENT: ("Cuisiniste", "Literie"),
    Trade.LEISURE: ("Librairie", "Magasin de cycles"),
    Trade.FASHION: ("Prêt-à-porter", "Chaussures"),
    Trade.HEALTH: ("Pharmacie", "Opticien"),
}
OFFICES: dict[Trade, tuple[str, ...]] = {
    Trade.COMPUTER_TELECOM: ("Agence web", "Maintenance informatique"),
    Trade.TRANSPORT: ("Commissionnaire de transport", "Auto-école"),
    Trade.HEALTH: ("Cabinet d’infirmières", "Cabinet de kinésithérapie"),
}


SMALL = frozenset({Trade.HEALTH, Trade.WELLNESS_HEALTHCARE})
"""Trades of a few people, who need no large premises."""
LARGE = 120
"""Square metres: from here on premises are too large for the small trades."""


def draw_business(rng: KeyedRandom, type: EstateType, area: int, sold: float) -> Business:
    """A trade that premises of that type and area may have, its activity in French, sold along with that probability.

    The area is in square metres.
    """
    activities = SHOPS if type is EstateType.TRADING else OFFICES
    if area >= LARGE:
        activities = {trade: words for trade, words in activities.items() if trade not in SMALL}
    trade = rng.pick(tuple(activities))
    return Business(trade=trade, activity=rng.pick(activities[trade]), sold=rng.chance(sold))
