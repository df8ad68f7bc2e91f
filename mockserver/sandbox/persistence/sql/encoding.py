"""Values and names as the text that every database can keep."""

import json
from typing import Any

import orjson


def to_json(value: Any) -> bytes:
    """Returns a value as JSON."""
    try:
        return orjson.dumps(value)
    except TypeError:
        # Integers of more than 64 bits.
        return json.dumps(value, separators=(",", ":")).encode()


def from_json(text: str | bytes) -> Any:
    """Reads what `to_json` returned, but for integers that are too large for orjson."""
    return orjson.loads(text)


def escape_key(name: str) -> str:
    """Returns a name that may hold anything, a NUL too, in ASCII without control characters."""
    return name if name.isascii() and name.isprintable() and "\\" not in name else json.dumps(name)[1:-1]


def unescape_key(name: str) -> str:
    """Reads what `escape_key` returned."""
    text: str = json.loads(f'"{name}"') if "\\" in name else name
    return text
