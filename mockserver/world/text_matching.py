"""Texts are matched to their subject and author: nobody asks a garage for its heating, no tenant wants to sell."""

import re
from collections.abc import Callable, Mapping, Sequence
from math import gcd
from types import MappingProxyType
from typing import Any

from mockserver.domain import ContactSituation, EstateType, Intention, Search, Staff, TimeToMarket, Transaction
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world.rng import KeyedRandom

NO_GAPS: frozenset[str] = frozenset()
ROOMS_OF_FLAT = "T{rooms}"
"""The gap of texts in which a letter counts the rooms of a flat, not those of a house."""
_NAMED = re.compile(r"\{([a-zA-Z]+)\}")


class Matter(NamedTuple):
    """The subject of a text; a text that is meant for certain values of something suits nothing that has none."""

    types: tuple[EstateType, ...] = ()
    transaction: Transaction | None = None
    rooms: int | None = None
    area: float | None = None
    situation: ContactSituation | None = None
    time: TimeToMarket | None = None
    staff: Staff | None = None
    asker: Intention | None = None
    by_the_sea: bool = False
    visited: bool = False
    """Whether people go there on holiday."""
    month: int = 1
    hour: int = 12
    """In Paris."""
    pictures: bool = True
    """Whether the listing has any."""
    owns: bool | None = None
    """Whether the author owns a property, as far as they said."""
    born: int | None = None
    resident: bool = False
    """Whether the author gave an address near the agency."""
    country: str | None = None


def matter_of(search: Search) -> Matter:
    """Returns the subject of texts about a search."""
    return Matter(search.types, search.transaction, search.rooms_min, search.area_min)


def pick_matching(
    rng: KeyedRandom, entries: Sequence[Any], matter: Matter, gaps: frozenset[str] = NO_GAPS
) -> str | None:
    """Draws one of the texts that suit and name none of the gaps; takes one random number even if there is none.

    The entries are plain texts, and mappings of `text` and conditions. They are tried in an order that the number
    tells, so that most are never looked at.
    """
    texts = _prepared(entries)
    count = len(texts)
    at, rest = divmod(rng.uniform() * count, 1)
    stride = 1 + int(rest * count)
    while gcd(stride, count) > 1:
        stride += 1
    place = int(at)
    for _ in range(count):
        text, names, conditions = texts[place % count]
        place += stride
        if gaps.isdisjoint(names):
            # A loop: a generator for each of the texts that are tried would cost as much again.
            for holds, value in conditions:
                if not holds(value, matter):
                    break
            else:
                return text
    return None


_Conditions = tuple[tuple[Callable[[Any, Matter], bool], Any], ...]
_Prepared = list[tuple[str, frozenset[str], _Conditions]]
"""Texts, the facts that they name, and the conditions under which they suit."""
_tables: dict[int, tuple[Sequence[Any], _Prepared]] = {}
"""What was prepared, by the identity of the entries: they are parts of tables, which stay and are never written to."""


def _prepared(entries: Sequence[Any]) -> _Prepared:
    """Returns the entries as texts and conditions, looked up once for each list of a table."""
    prepared = _tables.get(id(entries))
    if prepared is None or prepared[0] is not entries:
        texts = [entry if isinstance(entry, str) else entry["text"] for entry in entries]
        conditions = map(_conditions_of, entries)
        rows = [(text, _names_in(text), holding) for text, holding in zip(texts, conditions, strict=True)]
        prepared = _tables[id(entries)] = entries, rows
    return prepared[1]


def _names_in(text: str) -> frozenset[str]:
    return frozenset([*_NAMED.findall(text), *([ROOMS_OF_FLAT] if ROOMS_OF_FLAT in text else [])])


def _conditions_of(entry: Any) -> _Conditions:
    if isinstance(entry, str):
        return ()
    return tuple(
        (_CONDITIONS[name], frozenset(value) if name in _SETS else value)
        for name, value in entry.items()
        if name != "text"
    )


def suits(entry: Any, matter: Matter) -> bool:
    """Tells whether all conditions of an entry hold; a plain text has none."""
    return all(holds(value, matter) for holds, value in _conditions_of(entry))


_CONDITIONS: Mapping[str, Callable[[Any, Matter], bool]] = MappingProxyType(
    {
        "types": lambda types, matter: bool(matter.types) and types.issuperset(matter.types),
        "transactions": lambda transactions, matter: matter.transaction in transactions,
        "situations": lambda situations, matter: matter.situation in situations,
        "times": lambda times, matter: matter.time in times,
        "askers": lambda askers, matter: matter.asker in askers,
        "staff": lambda staff, matter: matter.staff in staff,
        "rooms": lambda least, matter: (matter.rooms or 0) >= least,
        "rooms_max": lambda most, matter: matter.rooms is not None and matter.rooms <= most,
        "area": lambda least, matter: (matter.area or 0) >= least,
        "by_the_sea": lambda by_the_sea, matter: matter.by_the_sea is by_the_sea,
        "visited": lambda visited, matter: matter.visited is visited,
        "pictures": lambda pictures, matter: matter.pictures is pictures,
        "from_hour": lambda hour, matter: matter.hour >= hour,
        "months": lambda months, matter: matter.month in months,
        "owns": lambda owns, matter: matter.owns is True if owns else matter.owns is not True,
        "born": lambda years, matter: matter.born is None or years[0] <= matter.born <= years[1],
        "resident": lambda resident, matter: matter.resident is resident,
        "countries": lambda countries, matter: matter.country in countries,
    }
)
_SETS = frozenset({"types", "transactions", "situations", "times", "askers", "staff", "months", "countries"})
"""The conditions that hold for certain values."""
"""The conditions of texts by name: of `types` and `transactions` and so on one must agree, `rooms` and `area` are the
least, `rooms_max` is the most, `from_hour` is the hour of the day from
which on a text is written, `born` has the first and the last year."""
