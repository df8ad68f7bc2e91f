"""Titles and descriptions of estates are French texts made from their data, as an agency writes them."""

from mockserver.domain import Commune, Condition, EstateType, Transaction
from mockserver.world.buildings import Building
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
STATES: dict[Condition | None, str] = {
    Condition.NEW: "Livraison récente, prestations neuves et garanties constructeur.",
    Condition.EXCELLENT: "Entièrement rénové avec goût, aucun travaux à prévoir.",
    Condition.GOOD: "Bon état général.",
    Condition.TO_REFRESH: "Un rafraîchissement permettra de lui redonner tout son éclat.",
    Condition.TO_RENOVATE: "À rénover entièrement : beau potentiel pour amateur de projets.",
}
NEW_TO_LET = "Livraison récente, prestations neuves, jamais occupé."
"""For what is new and not for sale: only who buys has the warranties of the builder."""
CHARMS = (
    "À deux pas des commerces, des écoles et des transports.",
    "Au calme, dans un environnement verdoyant et recherché.",
    "Belle luminosité grâce à son exposition plein sud.",
    "Vue dégagée, sans vis-à-vis.",
    "Coup de cœur assuré pour ce bien plein de caractère.",
    "Cave et stationnement complètent l’ensemble.",
)
PLAIN_CHARMS = ("Rare sur le secteur.", "À saisir rapidement !", "Emplacement recherché, accès facile.")
"""For estates in which nobody lives or works."""
CLOSINGS = (
    "Les informations sur les risques auxquels ce bien est exposé sont disponibles sur le site Géorisques.",
    "Honoraires inclus, détail sur demande.",
    "Contactez l’agence pour organiser une visite.",
    "",
)


def estate_words(type: EstateType, subtype: str | None, rooms: int | None) -> str:
    """Returns the everyday name of an estate: `appartement 3 pièces`, `studio`, `terrain`."""
    noun = SUBTYPE_NOUNS.get(subtype or "", NOUNS.get(type, "bien"))
    return f"{noun} {rooms} pièces" if rooms and rooms > 1 else noun


def square_metres(area: float) -> str:
    """A number of square metres the French way: `64,5`."""
    return f"{area:g}".replace(".", ",")


def euros(amount: int) -> str:
    """An amount with no-break spaces: `385 000 €`."""
    return f"{amount:,} €".replace(",", "\u00a0").replace(" ", "\u00a0")


def title(building: Building, transaction: Transaction, commune: Commune) -> str:
    """Returns a title in one line: `Appartement 3 pièces 64 m² - Nice`."""
    words = estate_words(building.type, building.subtype, building.rooms)
    line = f"{words} {square_metres(building.area)} m² - {commune.name}"
    if transaction is Transaction.BUY:
        return line[0].upper() + line[1:]
    return f"{OFFERS[transaction]} : {line}"


def description(rng: KeyedRandom, building: Building, transaction: Transaction, where: str) -> str:
    """A few sentences in one paragraph, then perhaps a closing line."""
    words = estate_words(building.type, building.subtype, building.rooms)
    warranted = building.condition is not Condition.NEW or transaction is Transaction.BUY
    parts = [
        f"{OFFERS[transaction]}, secteur {where} : {words} d’une surface de {square_metres(building.area)} m².",
        _inside(building),
        STATES.get(building.condition, "") if warranted else NEW_TO_LET,
        rng.pick(CHARMS if building.condition else PLAIN_CHARMS),
    ]
    return "\n".join(filter(None, (" ".join(filter(None, parts)), rng.pick(CLOSINGS))))


def _inside(building: Building) -> str:
    facts = []
    if building.bedrooms:
        facts.append(f"{building.bedrooms} chambre{'s' if building.bedrooms > 1 else ''}")
    if building.floor is not None and building.floors:
        facts.append("rez-de-chaussée" if building.floor == 0 else f"étage {building.floor} sur {building.floors}")
    if building.plot_area and building.type is EstateType.HOUSE:
        facts.append(f"terrain de {square_metres(building.plot_area)} m²")
    if building.energy:
        facts.append(f"DPE : {building.energy}")
    line = ", ".join(facts)
    return f"{line[0].upper()}{line[1:]}." if line else ""
