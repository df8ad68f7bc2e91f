"""Kind `duplicate_items`: one of the items comes twice."""

from collections.abc import Sequence
from typing import Any

from mockserver.sandbox.faults.effects.json_values import items_of, json_effect, with_items
from mockserver.world.rng import KeyedRandom


def duplicate_items(body: Any, path: Sequence[str], rng: KeyedRandom) -> tuple[Any, str]:
    """Puts one of the items at the end once more; the envelope stays as it is."""
    items = items_of(body, path)
    if not items:
        return body, "there is no item to come twice"
    place = rng.between(0, len(items) - 1)
    return with_items(body, path, [*items, items[place]]), f"item {place} comes once more, at the end"


DUPLICATE_ITEMS = json_effect(lambda hit, answer: duplicate_items(answer.value, answer.list_path, hit.rng("item")))
