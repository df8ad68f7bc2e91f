"""The recipe makes an estate: a building somewhere, at a price, entrusted by somebody."""

from datetime import UTC, date, datetime, timedelta

from mockserver.domain import Commune, Estate, EstateType, Kind, Transaction
from mockserver.foundation.epoch import Epoch
from mockserver.world.buildings import draw_building, with_comforts
from mockserver.world.context import WorldContext
from mockserver.world.estate_outlines import draw_outline
from mockserver.world.estate_phrases import Offer
from mockserver.world.estate_texts import description, title
from mockserver.world.numbering import Spot
from mockserver.world.prices import draw_price
from mockserver.world.rng import KeyedRandom
from mockserver.world.streets import draw_street, house_number

JITTER = 0.0095
"""Degrees: at most 1.06 km north-south and 1.06 km east-west, 1.5 km in all."""
CODE_LETTERS = "123456789ABCDEFGHIJKLMNPQRSTUVWXYZ"
_SPREAD = 73_856_093
"""Has no factor in common with 200,000,000: so classified numbers differ for as many ids."""


def estate(world: WorldContext, spot: Spot) -> Estate:
    """Makes the listing at a place of the world."""
    rng = world.rng(Kind.ESTATE, spot.id)
    outline, site = draw_outline(world, rng, spot)
    created, type, deal, commune = outline.created_at, outline.type, outline.transaction, site.commune
    day = _day(created)
    bare = draw_building(rng, type, deal, commune, day.year)
    building = with_comforts(bare, rng.uniform())
    price = draw_price(rng, deal, building, commune)
    district = rng.pick(commune.districts) if commune.districts and rng.chance(0.7) else None
    offer = Offer(building, deal, site, district, day.year)
    street = draw_street(rng)
    mandate_from, mandate_to = _mandate(world, rng, day)
    return Estate(
        id=spot.id,
        agency=spot.agency,
        created_at=created,
        updated_at=outline.updated_at,
        reference=_reference(rng, spot),
        offerer_estate_id=f"EST-{spot.agency}-{spot.position + 1:06}",
        classified_number=100_000_000 + spot.id * _SPREAD % 200_000_000,
        classified_id=f"{day.year % 100:02}{rng.letters(CODE_LETTERS, 10)}",
        agent=rng.pick(world.working_agents(spot.agency)),
        owner=world.id_at(Kind.PERSON, spot.agency, world.count(Kind.ENQUIRY, spot.agency) + spot.position),
        transaction=deal,
        type=type,
        subtype=building.subtype,
        title=title(offer),
        description=description(rng, offer),
        commune=commune.id,
        postcode=_postcode(rng.pick(commune.postcodes), commune, district),
        city=commune.name,
        district=district,
        street=street if type is EstateType.PLOT else house_number(rng, street, 150),
        publish_address=rng.chance(0.35),
        lat=round(commune.lat + JITTER * (2 * rng.uniform() - 1), 5),
        lon=round(commune.lon + JITTER * (2 * rng.uniform() - 1), 5),
        price=price.amount,
        fees=price.fees,
        charges=price.charges,
        area=building.area,
        plot_area=building.plot_area,
        rooms=building.rooms,
        bedrooms=building.bedrooms,
        floor=building.floor,
        floors=building.floors,
        construction_year=building.year,
        condition=building.condition,
        facing=building.facing,
        cellar=building.cellar,
        parking=building.parking,
        furnished=_furnished(rng, type, deal),
        energy=building.energy,
        status=outline.status,
        mandate=str(spot.position + 1_001),
        mandate_from=mandate_from,
        mandate_to=mandate_to,
        pictures=0 if rng.chance(0.04) else rng.between(3, 18),
    )


def _postcode(drawn: str, commune: Commune, district: str | None) -> str:
    """Returns the postcode of the district, the drawn one where the commune has no district of a known postcode."""
    if district is None or not commune.district_postcodes:
        return drawn
    return commune.district_postcodes[commune.districts.index(district)]


def _reference(rng: KeyedRandom, spot: Spot) -> str:
    """As agencies write them, some only digits; the position keeps each unique within its agency."""
    if rng.chance(0.3):
        return str(84_000_000 + spot.id)
    return rng.pick((f"VI{spot.position + 1}", f"A{spot.position + 1_001}", f"LO{spot.position + 1:03}"))


def _furnished(rng: KeyedRandom, type: EstateType, deal: Transaction) -> bool | None:
    if type not in (EstateType.APARTMENT, EstateType.HOUSE) or deal in (Transaction.BUY, Transaction.LIFE_ANNUITY):
        return None
    return deal is Transaction.SEASONAL or rng.chance(0.3)


def _mandate(world: WorldContext, rng: KeyedRandom, listed: date) -> tuple[str, str]:
    """Signed up to three weeks before the estate was listed, and prolonged by years until it outlives the origin."""
    signed = listed - timedelta(days=rng.between(1, 21))
    years = (_day(world.origin) - signed).days // 365 + 1
    return signed.isoformat(), (signed + timedelta(days=365 * years)).isoformat()


def _day(moment: Epoch) -> date:
    return datetime.fromtimestamp(moment, UTC).date()
