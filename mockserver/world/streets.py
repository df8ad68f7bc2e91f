"""Homes: streets of French towns, which bear the names of people, and addresses abroad."""

from mockserver.domain import Address
from mockserver.world.locales import FRENCH, Locale, load_locale
from mockserver.world.rng import KeyedRandom

WAYS = ("rue", "rue", "rue", "avenue", "avenue", "boulevard", "chemin", "impasse", "place", "allée", "cours")
LAST_HOUSES = {"impasse": 16, "place": 24, "allée": 40}
"""The highest number of a house in a way that is short."""
LAST_HOUSE_ABROAD = 120


def draw_street(rng: KeyedRandom) -> str:
    """Draws a French street without its house number, `rue Mathilde Perret`."""
    french = load_locale(FRENCH)
    way = rng.pick(WAYS)
    first, last = french.first_name(rng, rng.chance(0.5)), french.last_name(rng)
    if first == last:  # some names are both
        last = french.last_name(rng)
    return f"{way} {first} {last}"


def house_number(rng: KeyedRandom, street: str, most: int) -> str:
    """Returns the street with a number before it, up to the last that such a way has: `14 impasse Luc Martins`."""
    return f"{rng.between(1, LAST_HOUSES.get(street.partition(' ')[0], most))} {street}"


def draw_address_abroad(rng: KeyedRandom, locale: Locale) -> Address:
    """Draws an address of that country, as Germans and Dutch write it; only the country where no town is known."""
    street = f"{rng.pick(locale.streets)} {rng.between(1, LAST_HOUSE_ABROAD)}"
    if not locale.towns:
        return Address(country=locale.country)
    postcode, town = rng.pick(locale.towns)
    return Address(street=street, postcode=postcode, city=town, country=locale.country)
