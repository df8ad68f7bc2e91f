"""JSON of APIs that leave out what is not there rather than send null."""

from collections.abc import Mapping
from typing import Any

from mockserver.contract.formats import is_email

EXPLICIT_NULL = object()
"""The value of a member that is there and null, which None is not."""


def without_absent(members: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the members in their order, without None and objects with nothing inside; lists stay as they are."""
    present: dict[str, Any] = {}
    for name, value in members.items():
        if isinstance(value, dict):
            if inner := without_absent(value):
                present[name] = inner
        elif value is not None:
            present[name] = None if value is EXPLICIT_NULL else value
    return present


def email_or_absent(address: str | None) -> str | None:
    """Returns an address that format `email` allows; one that it does not would make the whole answer invalid."""
    return address if address and is_email(address) else None


def plain_number(value: float | None) -> float | None:
    """Returns a whole number without decimals: 64 for 64.0."""
    return int(value) if type(value) is float and value.is_integer() else value
