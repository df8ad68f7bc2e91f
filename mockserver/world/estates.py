"""The recipe makes an estate: a building somewhere, at a price, entrusted by somebody."""

from datetime import UTC, date, datetime, timedelta

from mockserver.domain import Commune, Estate, EstateType, Kind, MarketStatus, Transaction
from mockserver.foundation.epoch import Epoch
from mockserver.world.availability import change_of, drawn_status
from mockserver.world.buildings import draw_building, with_comforts
from mockserver.world.context import WorldContext
from mockserver.world.estate_outlines import draw_outline
from mockserver.world.estate_phrases import Offer
from mockserver.world.estate_texts import description, title
from mockserver.world.invertible import hidden_code, id_of_code
from mockserver.world.numbering import Spot
from mockserver.world.prices import draw_price
from mockserver.world.rng import KeyedRandom
from mockserver.world.streets import draw_street, house_number
from mockserver.world.timeline import estate_created

JITTER = 0.0095
"""Degrees: at most 1.06 km north-south and 1.06 km east-west, 1.5 km in all."""
FIRST_NUMBER, _NUMBERS = 100_000_000, 200_000_000
_SPREAD = 73_856_093
"""Has no factor in common with 200,000,000: so classified numbers differ for as many ids."""
_FIRST_REFERENCE = 84_000_000
_PREFIXES = {"VI": 1, "A": 1_001, "LO": 1}
"""How references begin, and the number of the first listing."""


def estate(world: WorldContext, spot: Spot) -> Estate:
    """Makes the listing at a place of the world."""
    rng = world.rng(Kind.ESTATE, spot.id)
    outline, site = draw_outline(world, rng, spot)
    created = estate_created(world, spot.agency, spot.position)
    type, deal, commune = outline.type, outline.transaction, site.commune
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
        updated_at=change_of(world, spot, created),
        reference=_reference(rng, spot),
        offerer_estate_id=f"EST-{spot.agency}-{spot.position + 1:06}",
        classified_number=FIRST_NUMBER + spot.id * _SPREAD % _NUMBERS,
        classified_id=f"{day.year % 100:02}{hidden_code(world.seed, spot.id)}",
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
        status=status_of_deal(drawn_status(world, spot.agency, spot.position), deal),
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
        return str(_FIRST_REFERENCE + spot.id)
    prefix = rng.pick(tuple(_PREFIXES))
    return f"{prefix}{spot.position + _PREFIXES[prefix]:0{3 if prefix == 'LO' else 1}}"


def id_of_classified_number(number: int) -> int:
    """Returns the only id, 0 to 199,999,999, whose listing may have a classified number."""
    return (number - FIRST_NUMBER) * pow(_SPREAD, -1, _NUMBERS) % _NUMBERS


def id_of_classified_id(seed: int, text: str) -> int | None:
    """Returns the only id whose listing may have a classified id; None for one that no listing has."""
    return id_of_code(seed, text[2:])


def id_of_reference(world: WorldContext, agency: int, text: str) -> int | None:
    """Returns the only id whose listing at the agency may have a reference; None for one that no listing has."""
    prefix = text.rstrip("0123456789")
    digits = text[len(prefix) :]
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 12) or prefix not in ("", *_PREFIXES):
        return None
    if not prefix:
        return int(digits) - _FIRST_REFERENCE
    position = int(digits) - _PREFIXES[prefix]
    return world.id_at(Kind.ESTATE, agency, position) if 0 <= position < world.count(Kind.ESTATE, agency) else None


def _furnished(rng: KeyedRandom, type: EstateType, deal: Transaction) -> bool | None:
    if type not in (EstateType.APARTMENT, EstateType.HOUSE) or deal in (Transaction.BUY, Transaction.LIFE_ANNUITY):
        return None
    return deal is Transaction.SEASONAL or rng.chance(0.3)


def status_of_deal(drawn: MarketStatus, deal: Transaction) -> MarketStatus:
    """Returns the status of a listing that has that deal, of what was drawn as if it were for sale."""
    lets = deal not in (Transaction.BUY, Transaction.LIFE_ANNUITY)
    return MarketStatus.RENTED if drawn is MarketStatus.SOLD and lets else drawn


def _mandate(world: WorldContext, rng: KeyedRandom, listed: date) -> tuple[str, str]:
    """Signed up to three weeks before the estate was listed, and prolonged by years until it outlives the origin."""
    signed = listed - timedelta(days=rng.between(1, 21))
    years = (_day(world.origin) - signed).days // 365 + 1
    return signed.isoformat(), (signed + timedelta(days=365 * years)).isoformat()


def _day(moment: Epoch) -> date:
    return datetime.fromtimestamp(moment, UTC).date()
