"""The one place that talks to Faker: names, streets, companies and jobs, each seeded on its own."""

from functools import cached_property
from threading import Lock
from typing import Any

WAYS = ("rue", "rue", "rue", "avenue", "avenue", "boulevard", "chemin", "impasse", "place", "allée", "quai")


class Fakes:
    """French words for a seed. Imports Faker when the first is asked for (44 ms)."""

    def __init__(self) -> None:
        self._lock = Lock()  # Faker keeps the generator that we seed: two threads must not share a turn

    @cached_property
    def _generator(self) -> Any:
        from faker import Factory

        return Factory.create("fr_FR")  # what `Faker("fr_FR")` wraps for several locales at once, at half the cost

    def name(self, seed: int, female: bool) -> tuple[str, str]:
        """First name, last name."""
        fake = self._generator
        with self._lock:
            fake.seed_instance(seed)
            first: str = fake.first_name_female() if female else fake.first_name_male()
            return first, fake.last_name()

    def street(self, seed: int) -> str:
        """A street without its house number, `rue Mathilde Perret`."""
        first, last = self.name(seed, female=seed % 2 == 0)
        return f"{WAYS[seed % len(WAYS)]} {first} {last}"

    def company(self, seed: int) -> str:
        """A company, `Lemoine et Fils`."""
        return self._word("company", seed)

    def job(self, seed: int) -> str:
        """An occupation, `géomaticien`."""
        return self._word("job", seed)

    def _word(self, kind: str, seed: int) -> str:
        with self._lock:
            self._generator.seed_instance(seed)
            return str(self._generator.format(kind))
