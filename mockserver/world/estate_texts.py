"""Titles and descriptions of estates are French texts made from their data, as an agency writes them."""

from mockserver.domain import EstateType, Transaction
from mockserver.world.buildings import Building
from mockserver.world.estate_phrases import CLOSINGS, HOLIDAY_HOME, Offer, charms, state
from mockserver.world.rng import KeyedRandom

NOUNS: dict[EstateType, str] = {
    EstateType.APARTMENT: "appartement",
    EstateType.HOUSE: "maison",
    EstateType.PLOT: "terrain",
    EstateType.PARKING: "place de parking",
    EstateType.OFFICE: "local de bureaux",
    EstateType.TRADING: "local commercial",
    EstateType.BUILDING: "immeuble de rapport",
    EstateType.GASTRONOMY_HOTEL: "établissement de restauration",
    EstateType.STORAGE_PRODUCTION: "local d’activité",
    EstateType.AGRICULTURE_FORESTRY: "propriété agricole",
    EstateType.SENIOR: "logement en résidence seniors",
    EstateType.PROJECT: "programme neuf",
}
SUBTYPE_NOUNS = {
    "STUDIO": "studio",
    "LOFT": "loft",
    "VILLA": "villa",
    "CHALET": "chalet",
    "FARMHOUSE": "ancienne ferme",
    "TOWN_HOUSE": "maison de ville",
    "GARAGE": "garage",
    "RESTAURANT": "restaurant",
    "HOTEL": "hôtel",
    "CAFE_BAR_PUB": "bar-café",
    "WAREHOUSE_HALL": "entrepôt",
    "WINERY": "propriété viticole",
    "GARDENING": "exploitation horticole",
}
OFFERS: dict[Transaction, str] = {
    Transaction.BUY: "À vendre",
    Transaction.RENT: "À louer",
    Transaction.SEASONAL: "Location saisonnière",
    Transaction.LIFE_ANNUITY: "Viager",
}


def estate_words(type: EstateType, subtype: str | None, rooms: int | None) -> str:
    """Returns the everyday name of an estate: `appartement 3 pièces`, `studio`, `terrain`."""
    noun = SUBTYPE_NOUNS.get(subtype or "", NOUNS.get(type, "bien"))
    return f"{noun} {rooms} pièces" if rooms and rooms > 1 else noun


def square_metres(area: float) -> str:
    """A number of square metres the French way, with a no-break space: `64,5` and `1 940`."""
    return f"{area:,.10g}".replace(",", "\u00a0").replace(".", ",")


def euros(amount: int) -> str:
    """An amount with no-break spaces: `385 000 €`."""
    return f"{amount:,} €".replace(",", "\u00a0").replace(" ", "\u00a0")


def title(offer: Offer) -> str:
    """Returns a title in one line: `Appartement 3 pièces 64 m² - Nice`."""
    building = offer.building
    words = estate_words(building.type, building.subtype, building.rooms)
    line = f"{words} {square_metres(building.area)} m² - {offer.site.commune.name}"
    if offer.transaction is Transaction.BUY:
        return line[0].upper() + line[1:]
    return f"{OFFERS[offer.transaction]} : {line}"


def description(rng: KeyedRandom, offer: Offer) -> str:
    """A few sentences in one paragraph, then perhaps a closing line."""
    building, deal = offer.building, offer.transaction
    words = estate_words(building.type, building.subtype, building.rooms)
    parts = [
        f"{OFFERS[deal]}, secteur {_where(offer)} : {words} d’une surface de {square_metres(building.area)} m².",
        _inside(building),
        state(offer),
        rng.pick(charms(offer)),
        HOLIDAY_HOME[deal] if offer.site.holiday else "",
    ]
    return "\n".join(filter(None, (" ".join(filter(None, parts)), rng.pick(CLOSINGS[deal]))))


def _where(offer: Offer) -> str:
    commune, district = offer.site.commune, offer.district
    return f"{commune.name}, quartier {district}" if district else f"{commune.name} ({commune.department})"


def _inside(building: Building) -> str:
    facts = []
    if building.bedrooms:
        facts.append(f"{building.bedrooms} chambre{'s' if building.bedrooms > 1 else ''}")
    if building.floor is not None and building.floors:
        facts.append("rez-de-chaussée" if building.floor == 0 else f"étage {building.floor} sur {building.floors}")
    if building.plot_area and building.type is EstateType.HOUSE:
        facts.append(f"terrain de {square_metres(building.plot_area)} m²")
    if building.plot_area and building.type is EstateType.AGRICULTURE_FORESTRY:
        facts.append(f"{square_metres(building.plot_area / 10_000)} ha de terres")
    if building.energy:
        facts.append(f"DPE : {building.energy}")
    line = ", ".join(facts)
    return f"{line[0].upper()}{line[1:]}." if line else ""
