"""Written values are read leniently: numbers as strings, "" for nothing, lists with commas (seeds 000 and 001)."""

from collections.abc import Mapping
from typing import Any


def text(body: Mapping[str, Any], name: str) -> str | None:
    """A text; None when it is absent or null. An empty text stays one."""
    value = body.get(name)
    return None if value is None else str(value)


def filled(body: Mapping[str, Any], name: str) -> str | None:
    """A text with something in it, else None."""
    return text(body, name) or None


def whole(body: Mapping[str, Any], name: str) -> int | None:
    """A whole number, written as one or as a string; None when there is none."""
    value = number(body, name)
    return None if value is None else int(value)


def number(body: Mapping[str, Any], name: str) -> float | int | None:
    """A number, written as one or as a string; None when there is none. A whole one is an `int`."""
    value = body.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    result = float(value)
    return int(result) if result.is_integer() and abs(result) < 2**53 else result


def ids(body: Mapping[str, Any], name: str) -> list[int]:
    """Catalog ids, written as `"1,2"`, as one number, or as an array."""
    value = body.get(name)
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    return [int(part) for part in parts if part is not None and str(part).strip()]


def flag(body: Mapping[str, Any], name: str, default: bool) -> bool:
    """Yes or no, written as `"1"`, 1 or true; the default when there is nothing."""
    value = body.get(name)
    return default if value is None or value == "" else value in (True, 1, "1")


def part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A nested object; empty when it is absent."""
    value = body.get(name)
    return value if isinstance(value, Mapping) else {}
