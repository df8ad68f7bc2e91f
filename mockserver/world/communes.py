"""The communes of the world, and how to find one from what people write."""

import unicodedata
from bisect import bisect
from collections.abc import Mapping
from functools import cache, cached_property
from itertools import accumulate
from math import cos, hypot, radians
from typing import Any

from mockserver.domain import Commune
from mockserver.foundation.patterns import late_pattern
from mockserver.world.tables import table

FIRST_ID = 2001
DISTRICTS = 10
"""The ids of districts that a commune has room for: `commune.id * 10 + 1` is its first."""
KM_PER_DEGREE = 111.2

_ARRONDISSEMENT = late_pattern(r" \d+$")
_POSTCODE = late_pattern(r"\b\d{5}\b")
_ORDINAL = late_pattern(r"\b0*(\d+)\s?(?:er|ere|e|eme|nd|nde)?(?: arr\w*)?$")


def plain(name: str) -> str:
    """A name without case, accents, ligatures, hyphens and ordinal endings: `"paris 7"` for `"PARIS 7ème"`."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(char if char.isalnum() else " " for char in folded if not unicodedata.combining(char))
    words = " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in letters.split())
    return _ORDINAL.sub(r"\1", words)


class Communes:
    """A read-only table; `by_id` is in the order of the file."""

    def __init__(self, communes: tuple[Commune, ...]) -> None:
        self.by_id = {commune.id: commune for commune in communes}
        self.all = communes
        self._by_postcode: dict[str, list[Commune]] = {}
        self._by_department: dict[str, list[Commune]] = {}
        for commune in communes:
            self._by_department.setdefault(commune.department, []).append(commune)
            for postcode in commune.postcodes:
                self._by_postcode.setdefault(postcode, []).append(commune)
        sea = frozenset(table("outlooks")["sea"])
        self.by_the_sea = frozenset(commune.id for commune in communes if commune.insee in sea)
        """The ids of the communes with a shore."""
        self._steps = list(accumulate(commune.weight for commune in communes))
        self._by_distance: dict[int, list[tuple[float, Commune]]] = {}
        self._around: dict[int, tuple[Commune, ...]] = {}

    @cached_property
    def _by_name(self) -> Mapping[str, list[Commune]]:
        by_name: dict[str, list[Commune]] = {}
        for commune in self.all:
            by_name.setdefault(plain(commune.name), []).append(commune)
        return by_name

    def find(self, name: str) -> Commune | None:
        """The commune that is meant by a name, a postcode, or both; case, accents and hyphens do not matter.

        Of namesakes the one whose postcode is given, or else the larger. None when we do not have it; a city
        that is cut into arrondissements has no entry of its own, so `"Paris"` is not found and `"Paris 7e"` is.
        """
        postcode = _POSTCODE.search(name)
        coded = self._by_postcode.get(postcode[0], []) if postcode else []
        words = plain(_POSTCODE.sub(" ", name) if postcode else name)
        named = self._by_name.get(words) or [place for place in coded if plain(place.name).startswith(words)]
        both = [commune for commune in named if commune in coded]
        return max(both or named, key=lambda commune: commune.weight, default=None)

    def within(self, city: str) -> tuple[Commune, ...]:
        """The arrondissements of a city that is cut into them: 20 for `"Paris"`, none for most names."""
        words = plain(city)
        return tuple(
            commune
            for commune in self.all
            if _ARRONDISSEMENT.sub("", plain(commune.name)) == words != plain(commune.name)
        )

    def at(self, share: float) -> Commune:
        """The commune at a share [0, 1) of all weights: large towns come up more often."""
        return self.all[bisect(self._steps, share * self._steps[-1])]

    def around(self, commune: Commune) -> tuple[Commune, ...]:
        """The commune, then up to five others of its department."""
        around = self._around.get(commune.id)
        if around is None:
            others = [other for other in self._by_department[commune.department] if other is not commune]
            around = self._around[commune.id] = (commune, *others[:5])
        return around

    def near(self, commune: Commune, km: float) -> tuple[Commune, ...]:
        """The commune and all others within so many kilometres as the crow flies, the nearest first."""
        distances = self._by_distance.get(commune.id)
        if distances is None:
            distances = sorted(((distance_km(commune, other), other) for other in self.all), key=lambda pair: pair[0])
            self._by_distance[commune.id] = distances
        return tuple(other for distance, other in distances if distance <= km)

    def district_id(self, commune: int, district: str | None) -> int | None:
        """Returns the id of a district, which no district of another commune has; None where we know none of it."""
        town = self.by_id.get(commune)
        if town is None or district not in town.districts:
            return None
        return commune * DISTRICTS + town.districts.index(district) + 1

    def district_name(self, id: int) -> str | None:
        """The inverse of `district_id`; None for an id that no district has."""
        commune, rank = divmod(id, DISTRICTS)
        town = self.by_id.get(commune)
        return town.districts[rank - 1] if town and 0 < rank <= len(town.districts) else None


def distance_km(one: Commune, other: Commune) -> float:
    """Returns the kilometres between two communes, as if the Earth were flat between them: good to 1 % in France."""
    north = (one.lat - other.lat) * KM_PER_DEGREE
    return hypot(north, (one.lon - other.lon) * KM_PER_DEGREE * cos(radians(one.lat)))


@cache
def load_communes() -> Communes:
    """The table that all worlds share; it is never written to."""
    rows = table("communes")
    return Communes(tuple(_commune(FIRST_ID + index, row) for index, row in enumerate(rows)))


def _commune(id: int, row: Mapping[str, Any]) -> Commune:
    lists = {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
    numbers = {name: float(row[name]) for name in ("lat", "lon", "buy_m2", "rent_m2")}
    return Commune(id=id, **{**row, **lists, **numbers})
