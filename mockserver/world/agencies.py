"""The agencies of a world: few, made at once, without Faker."""

from mockserver.domain import Address, Agency, Commune
from mockserver.foundation.epoch import Epoch
from mockserver.world.communes import Communes
from mockserver.world.contact_details import landline
from mockserver.world.files import AgencyEntry
from mockserver.world.rng import KeyedRandom
from mockserver.world.timeline import DAY

NAMES = (
    "Agence du Vieux Tilleul",
    "Cabinet Bréhan & Associés",
    "Immobilière des Trois Fontaines",
    "L’Étoile de l’Immobilier",
    "Agence Côté Jardin",
    "Transactions Moreau-Péricard",
    "Les Clés d’Ici",
    "Maison Auberive Immobilier",
)
STREETS = (
    "rue de la République",
    "place de l’Église",
    "avenue Victor-Hugo",
    "rue du Maréchal-Foch",
    "quai des Marchands",
)


def home_commune(seed: int, communes: Communes, agency: int) -> Commune:
    """Returns the commune of the agency's shop; most of its estates stand around it."""
    return communes.at(KeyedRandom(seed, "home", agency).uniform())


def make_agency(seed: int, origin: Epoch, entry: AgencyEntry, index: int, home: Commune) -> Agency:
    """The agency of a file's entry; `index` is its place in the file."""
    rng = KeyedRandom(seed, "agency", entry.id)
    created = origin - rng.between(4_200, 6_000) * DAY
    street = f"{rng.between(1, 90)} {rng.pick(STREETS)}"
    return Agency(
        id=entry.id,
        agency=entry.id,
        created_at=created,
        updated_at=created + rng.between(0, 4_000) * DAY,
        name=entry.name or NAMES[(seed + index) % len(NAMES)],
        granted=entry.granted,
        partner=f"RC-{100_000 + (rng.between(0, 9_999) * 90 + index) % 900_000}",
        commune=home.id,
        address=Address(street=street, postcode=rng.pick(home.postcodes), city=home.name, country="FR"),
        phone=landline(entry.id, home),
        email=f"agence{entry.id}@example.com",
    )
