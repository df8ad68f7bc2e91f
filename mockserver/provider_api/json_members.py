"""JSON of APIs that leave out what is not there rather than send null."""

from collections.abc import Mapping
from typing import Any

from mockserver.contract.formats import is_email

EXPLICIT_NULL = object()
"""The value of a member that is there and null, which None is not."""


def without_absent(members: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the members in their order, without None and objects with nothing inside; lists stay as they are."""
    present = {}
    for name, value in members.items():
        inner = without_absent(value) if isinstance(value, dict) else value
        if inner is not None and inner != {}:
            present[name] = None if inner is EXPLICIT_NULL else inner
    return present


def email_or_absent(address: str | None) -> str | None:
    """Returns an address that format `email` allows; one that it does not would make the whole answer invalid."""
    return address if address and is_email(address) else None


def plain_number(value: float | None) -> float | None:
    """Returns a whole number without decimals: 64 for 64.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
