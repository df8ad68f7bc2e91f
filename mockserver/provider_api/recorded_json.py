"""Reads JSON of recorded calls, in which any member may be absent or of another type."""

from functools import lru_cache
from typing import Any

import orjson


@lru_cache(maxsize=16)
def json_value(text: str) -> Any:
    """Returns the value of a text, which nobody may change; None when it is not JSON, or not all of it.

    Clients that poll get the same answers again and again, so the last ones are kept.
    """
    try:
        return orjson.loads(text)
    except ValueError:  # Also for half characters, which no JSON has.
        return None


def json_object(text: str) -> dict[str, Any] | None:
    """Returns the object of a text; None when it is not a whole JSON object."""
    value = json_value(text)
    return value if isinstance(value, dict) else None


def members(value: Any) -> dict[str, Any]:
    """Returns the members of an object; none of anything else."""
    return value if isinstance(value, dict) else {}


def text_of(value: Any) -> str:
    """Returns a text; the empty one for anything else."""
    return value if isinstance(value, str) else ""
