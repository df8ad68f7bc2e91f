"""Texts are matched to their subject: nobody asks a garage for its heating, no landlord wants to sell."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from mockserver.domain import ContactSituation, EstateType, Search, TimeToMarket, Transaction
from mockserver.world.rng import KeyedRandom


class Matter(NamedTuple):
    """The subject of a text; a text that is meant for certain values of something suits nothing that has none."""

    types: tuple[EstateType, ...] = ()
    transaction: Transaction | None = None
    rooms: int | None = None
    situation: ContactSituation | None = None
    time: TimeToMarket | None = None


def matter_of(search: Search) -> Matter:
    """Returns the subject of texts about a search."""
    return Matter(search.types, search.transaction, search.rooms_min)


def matching_texts(entries: Sequence[Any], matter: Matter) -> list[str]:
    """Returns texts that suit: plain ones, and `{text, types, transactions, situations, times, rooms}` if all do."""
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
    allowed = entry.get("types")
    return (
        (allowed is None or (bool(matter.types) and all(type in allowed for type in matter.types)))
        and ("transactions" not in entry or matter.transaction in entry["transactions"])
        and ("situations" not in entry or matter.situation in entry["situations"])
        and ("times" not in entry or matter.time in entry["times"])
        and (matter.rooms or 0) >= entry.get("rooms", 0)
    )
