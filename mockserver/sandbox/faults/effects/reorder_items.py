"""Kind `reorder_items`: the items come in another order."""

from collections.abc import Sequence
from typing import Any

from mockserver.sandbox.faults.effects.json_values import items_of, json_effect, with_items
from mockserver.world.rng import KeyedRandom


def reorder_items(body: Any, path: Sequence[str], rng: KeyedRandom) -> tuple[Any, str]:
    """Puts the items in another order, when there are two that differ."""
    items = items_of(body, path)
    if not items or all(item == items[0] for item in items):
        return body, "there are no two items to change places"
    mixed = sorted(items, key=lambda item: rng.uniform())
    turns = 1
    while mixed == items:
        mixed = items[turns:] + items[:turns]
        turns += 1
    return with_items(body, path, mixed), f"{len(items)} items in another order"


REORDER_ITEMS = json_effect(lambda hit, answer: reorder_items(answer.value, answer.list_path, hit.rng("order")))
