"""Phrases of listings suit what they praise: its type, age, floor, site, and whether it is for sale or to let."""

from collections.abc import Callable

from mockserver.domain import Condition, EstateType, Orientation, Transaction
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world.buildings import Building
from mockserver.world.sites import Site
from mockserver.world.surroundings import Surroundings, has

OLD = 1949
"""What was built before has the character of its time."""
RENOVATED_AFTER = 20
"""Years after which an excellent state means a renovation."""
_PREMISES = {
    EstateType.OFFICE: (
        "Plateau lumineux et modulable, fibre optique.",
        "Proche des transports, accès sécurisé.",
        "Possibilité de stationnement à proximité.",
    ),
    EstateType.TRADING: (
        "Belle visibilité, vitrine sur rue passante.",
        "Réserve et point d’eau, extraction non autorisée.",
        "Secteur commerçant, stationnement à proximité.",
    ),
    EstateType.GASTRONOMY_HOTEL: (
        "Clientèle fidèle, forte activité en saison.",
        "Matériel en bon état, aux normes.",
        "Emplacement passant, à deux pas du centre.",
    ),
    EstateType.STORAGE_PRODUCTION: (
        "Accès poids lourds, belle hauteur sous plafond.",
        "Quai de chargement, cour fermée.",
        "À quelques minutes des grands axes.",
    ),
    EstateType.BUILDING: (
        "Entièrement loué, bonne rentabilité.",
        "Toiture révisée, compteurs individuels.",
        "À deux pas des commerces et des transports.",
    ),
    EstateType.AGRICULTURE_FORESTRY: (
        "Terres d’un seul tenant, desservies par un chemin carrossable.",
        "Bâtiments d’exploitation et point d’eau sur place.",
    ),
    EstateType.SENIOR: (
        "Résidence avec services, personnel présent jour et nuit.",
        "Jardin, salon commun et restauration sur place.",
    ),
    EstateType.PROJECT: (
        "Petite copropriété, balcon ou terrasse pour chaque logement.",
        "À deux pas des commerces, des écoles et des transports.",
    ),
}
PLAIN_CHARMS = ("Rare sur le secteur.", "À saisir rapidement !", "Emplacement recherché, accès facile.")
"""For estates in which nobody lives or works."""
RISKS = "Les informations sur les risques auxquels ce bien est exposé sont disponibles sur le site Géorisques."
VISIT = "Contactez l’agence pour organiser une visite."
CLOSINGS: dict[Transaction, tuple[str, ...]] = {
    Transaction.BUY: (RISKS, "Honoraires inclus, détail sur demande.", VISIT, ""),
    Transaction.LIFE_ANNUITY: (RISKS, "Rente et conditions détaillées sur demande.", VISIT, ""),
    Transaction.RENT: (RISKS, "Dossier à déposer avant toute visite.", VISIT, ""),
    Transaction.SEASONAL: ("Calendrier des disponibilités sur demande.", "Arrivée et départ le samedi.", ""),
}
HOLIDAY_HOME: dict[Transaction, str] = {
    Transaction.BUY: "Idéal pour une résidence secondaire.",
    Transaction.SEASONAL: "Pour des vacances loin de chez soi.",
}


class Offer(NamedTuple):
    """All that the texts of a listing are made from; `year` is that in which it is offered."""

    building: Building
    transaction: Transaction
    site: Site
    district: str | None
    year: int


Charm = tuple[str, Callable[[Offer], bool]]

_HOME_CHARMS: tuple[Charm, ...] = (
    ("À deux pas des commerces, des écoles et des transports.", lambda offer: not _is_rural(offer)),
    ("Au calme, dans un environnement verdoyant et recherché.", lambda offer: bool(offer.building.plot_area)),
    ("Belle luminosité grâce à une exposition plein sud.", lambda offer: offer.building.facing is Orientation.SOUTH),
    ("Vue dégagée, sans vis-à-vis.", lambda offer: (offer.building.floor or 0) >= 2 or _is_rural(offer)),
    ("Coup de cœur assuré pour ce bien plein de caractère.", lambda offer: (offer.building.year or OLD) < OLD),
    ("Cave et stationnement complètent l’ensemble.", lambda offer: _has_both(offer.building)),
    ("Agencement bien pensé, sans perte de place.", lambda offer: True),
    ("Tout confort, linge de maison fourni.", lambda offer: offer.transaction is Transaction.SEASONAL),
)


def charms(offer: Offer) -> tuple[str, ...]:
    """Returns the sentences that praise what is offered; there is always one."""
    building = offer.building
    if building.condition is None:
        return PLAIN_CHARMS
    return _PREMISES.get(building.type) or tuple(text for text, suits in _HOME_CHARMS if suits(offer))


def state(offer: Offer) -> str:
    """Returns a sentence about the state of repair, empty where there is none."""
    building, transaction = offer.building, offer.transaction
    sale = transaction in (Transaction.BUY, Transaction.LIFE_ANNUITY)
    match building.condition:
        case Condition.NEW if building.type is EstateType.PROJECT:
            return f"Vente sur plan, livraison prévue en {building.year}, garanties constructeur."
        case Condition.NEW if sale:
            return "Livraison récente, prestations neuves et garanties constructeur."
        case Condition.NEW:
            return "Livraison récente, prestations neuves, première location."
        case Condition.EXCELLENT if offer.year - (building.year or offer.year) >= RENOVATED_AFTER:
            return "Rénovation complète et soignée, aucuns travaux à prévoir."
        case Condition.EXCELLENT:
            return "Excellent état, aucuns travaux à prévoir."
        case Condition.GOOD:
            return "Bon état général."
        case Condition.TO_REFRESH if sale:
            return "Un rafraîchissement permettra de lui redonner tout son éclat."
        case Condition.TO_REFRESH:
            return "Peintures à rafraîchir, le loyer en tient compte."
        case Condition.TO_RENOVATE:
            return "À rénover entièrement : beau potentiel pour amateur de projets."
    return ""


def _has_both(building: Building) -> bool:
    return bool(building.cellar and building.parking)


def _is_rural(offer: Offer) -> bool:
    return offer.building.subtype in ("FARMHOUSE", "CHALET") and has(offer.site.commune, Surroundings.COUNTRYSIDE)
