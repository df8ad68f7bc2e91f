"""The one place that talks to Faker: names, streets and companies, each seeded on its own."""

from functools import cache
from threading import Lock
from typing import Any

from mockserver.world.rng import KeyedRandom

WAYS = ("rue", "rue", "rue", "avenue", "avenue", "boulevard", "chemin", "impasse", "place", "allée", "cours")
LAST_HOUSES = {"impasse": 16, "place": 24, "allée": 40}
"""The highest number of a house in a way that is short."""


_TURN = Lock()
"""Held from a seed to the words that follow from it: threads and worlds share one generator of Faker."""


@cache
def _make_generator() -> Any:
    # One for all worlds: it is a cycle of some 300 objects that a dropped world would leave behind.
    from faker import Factory

    return Factory.create("fr_FR")  # what `Faker("fr_FR")` wraps for several locales at once, at half the cost


def house_number(rng: KeyedRandom, street: str, most: int) -> str:
    """Returns the street with a number before it, up to the last that such a way has: `14 impasse Luc Martins`."""
    return f"{rng.between(1, LAST_HOUSES.get(street.partition(' ')[0], most))} {street}"


class Fakes:
    """French words for a seed. Imports Faker when the first is asked for (44 ms)."""

    def name(self, seed: int, female: bool) -> tuple[str, str]:
        """First name, last name."""
        fake = _make_generator()
        with _TURN:
            fake.seed_instance(seed)
            first: str = fake.first_name_female() if female else fake.first_name_male()
            return first, fake.last_name()

    def street(self, seed: int) -> str:
        """A street without its house number, `rue Mathilde Perret`."""
        first, last = self.name(seed, female=seed % 2 == 0)
        if first == last:  # some names are both
            _, last = self.name(seed + 2, female=seed % 2 == 0)
        return f"{WAYS[seed % len(WAYS)]} {first} {last}"

    def company(self, seed: int) -> str:
        """A company, `Lemoine et Fils`."""
        return self._word("company", seed)

    def _word(self, kind: str, seed: int) -> str:
        fake = _make_generator()
        with _TURN:
            fake.seed_instance(seed)
            return str(fake.format(kind))
