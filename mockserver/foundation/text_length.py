"""Counts the characters of all texts in a value: what is kept of a client's has an end as a whole."""

from typing import Any

from pydantic import BaseModel

_OF_CONTAINER = 16
"""Characters for which an object or a list stands, also an empty one: it takes memory as well."""


def length_of_texts(value: Any) -> int:
    """Returns the number of characters of a JSON value or a model, of its numbers and the names of members as well."""
    length, rest = 0, [value]
    while rest:
        match rest.pop():
            case str(text):
                length += len(text)
            case None:
                pass
            case BaseModel() as model:
                rest.extend(vars(model).values())
            case dict(members):
                length += _OF_CONTAINER + sum(map(len, members))
                rest.extend(members.values())
            case list(items) | tuple(items):
                length += _OF_CONTAINER
                rest.extend(items)
            case other:
                length += len(str(other))
    return length
