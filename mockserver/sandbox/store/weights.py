"""Estimates of the bytes that a store takes: of what was written, and of what can be made again."""

from typing import Any

from mockserver.foundation.dataclass_fields import field_tuple
from mockserver.foundation.text_length import length_of_texts
from mockserver.sandbox.store.deferred import DeferredEntity
from mockserver.sandbox.store.entity_records import Written

WEIGHT_OF_ENTRY = 150
"""About how many bytes an entry of a cache takes, beside what is kept there."""
_WEIGHT = 8_000
"""About how many bytes an entity takes that was written, with all that belongs to it, but for long texts."""
_WEIGHT_OF_REMOVAL = 200


def weight_of(written: Written | None) -> int:
    """Returns about how many bytes a record takes in memory; None is no record."""
    if not written:
        return _WEIGHT_OF_REMOVAL if written is False else 0
    if isinstance(written, DeferredEntity):
        return written.write.weight
    weight = _WEIGHT
    for part in field_tuple(written):
        if type(part) is str:
            weight += len(part)
        elif part and isinstance(part, dict | tuple):
            weight += length_of_texts(part)
    return weight


def weight_of_derived(derived: Any) -> int:
    """Returns about how many bytes something derived takes: a page knows it, a list has entries."""
    weight: int = getattr(derived, "weight", 0) or (len(derived) * WEIGHT_OF_ENTRY if isinstance(derived, list) else 0)
    return weight
