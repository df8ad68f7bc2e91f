"""Types of numbers for models that read them from outside: each has an end that every part of the server can hold."""

from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, Field

from mockserver.foundation.bounds import LARGEST, LARGEST_ID

Id = Annotated[int, Field(ge=0, le=LARGEST_ID)]
"""The id of an agency, a person, an estate or another entity."""
Seed = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
"""The seed of a world."""


def check_json(value: Any) -> Any:
    """Returns a value that can be written as JSON. Raises ValueError for any other, and for one that is too deep."""
    try:
        orjson.dumps(value)
    except (TypeError, ValueError):
        raise ValueError(
            "it cannot be written as JSON; whole numbers have at most 64 bits, texts are Unicode, and a few levels of "
            "objects and lists are enough"
        ) from None
    return value


JsonValue = Annotated[Any, AfterValidator(check_json)]
"""Any value of JSON that this server can write again."""
