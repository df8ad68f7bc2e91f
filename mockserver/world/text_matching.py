"""Texts are matched to their subject and author: nobody asks a garage for its heating, no tenant wants to sell."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from mockserver.domain import ContactSituation, EstateType, Search, Staff, TimeToMarket, Transaction
from mockserver.world.rng import KeyedRandom


class Matter(NamedTuple):
    """The subject of a text; a text that is meant for certain values of something suits nothing that has none."""

    types: tuple[EstateType, ...] = ()
    transaction: Transaction | None = None
    rooms: int | None = None
    area: float | None = None
    situation: ContactSituation | None = None
    time: TimeToMarket | None = None
    staff: Staff | None = None
    by_the_sea: bool = False
    month: int = 1
    owns: bool | None = None
    """Whether the author owns a property, as far as they said."""
    born: int | None = None
    resident: bool = False
    """Whether the author gave an address near the agency."""
    country: str | None = None


def matter_of(search: Search) -> Matter:
    """Returns the subject of texts about a search."""
    return Matter(search.types, search.transaction, search.rooms_min, search.area_min)


def matching_texts(entries: Sequence[Any], matter: Matter) -> list[str]:
    """Returns texts that suit: plain ones, and mappings of `text` and conditions of `_CONDITIONS` that all hold."""
    return [
        entry if isinstance(entry, str) else entry["text"]
        for entry in entries
        if isinstance(entry, str) or _suits(entry, matter)
    ]


def pick_matching(rng: KeyedRandom, entries: Sequence[Any], matter: Matter) -> str | None:
    """Draws one of the texts that suit; takes one random number even if none does."""
    drawn, texts = rng.uniform(), matching_texts(entries, matter)
    return texts[int(drawn * len(texts))] if texts else None


def _suits(entry: dict[str, Any], matter: Matter) -> bool:
    for name, value in entry.items():
        if name != "text" and not _CONDITIONS[name](value, matter):
            return False
    return True


_CONDITIONS: Mapping[str, Callable[[Any, Matter], bool]] = MappingProxyType(
    {
        "types": lambda types, matter: bool(matter.types) and all(type in types for type in matter.types),
        "transactions": lambda transactions, matter: matter.transaction in transactions,
        "situations": lambda situations, matter: matter.situation in situations,
        "times": lambda times, matter: matter.time in times,
        "staff": lambda staff, matter: matter.staff in staff,
        "rooms": lambda least, matter: (matter.rooms or 0) >= least,
        "area": lambda least, matter: (matter.area or 0) >= least,
        "by_the_sea": lambda wanted, matter: matter.by_the_sea is wanted,
        "months": lambda months, matter: matter.month in months,
        "owns": lambda owns, matter: matter.owns is True if owns else matter.owns is not True,
        "born": lambda years, matter: matter.born is None or years[0] <= matter.born <= years[1],
        "resident": lambda resident, matter: matter.resident is resident,
        "countries": lambda countries, matter: matter.country in countries,
    }
)
"""The conditions of texts, by name: `types`, `rooms` and `area` (the least of each), `born` (first and last year) …"""
