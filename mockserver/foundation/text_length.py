"""Counts the characters of all texts in a value: what is kept of a client's has an end as a whole."""

from dataclasses import is_dataclass
from typing import Any

from mockserver.foundation.dataclass_fields import field_values

_OF_CONTAINER = 16
"""Characters for which an object or a list stands, also an empty one: it takes memory as well."""
_OF_SCALAR = 8
"""Characters for which a number stands, true, false, or a word of a list of words."""


def length_of_texts(value: Any) -> int:
    """Returns the number of characters of JSON or a dataclass, of its numbers and the names of members as well."""
    length = 0
    rest: list[Any] = [(value,)]
    while rest:
        item = rest.pop()
        length += _OF_CONTAINER
        if isinstance(item, dict):
            length += sum(map(len, item))
        elif is_dataclass(item):
            item = field_values(item)
        for part in item.values() if isinstance(item, dict) else item:
            if type(part) is str:
                length += len(part)
            elif part is None:
                continue
            elif isinstance(part, dict | list | tuple) or is_dataclass(part):
                rest.append(part)
            else:
                length += _OF_SCALAR
    return length
