"""Checks records that a component takes over as they are: a file of somebody else may have anything in it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver.domain import Kind
from mockserver.foundation.bounds import LARGEST, LARGEST_ID
from mockserver.foundation.clock import LAST_SECOND

_MAX_EXPONENT = 2_000_000
"""The largest public exponent of a key: a hundred thousand rotations come to less, and larger ones take long to try."""


class _WholeNumbers(NamedTuple):
    """Records that are whole numbers."""

    component: str
    prefix: str
    most: int = LARGEST
    least: int = 0


_NUMBERS = (
    _WholeNumbers("store", "next/", LARGEST_ID),
    _WholeNumbers("tally", "calls/"),
    _WholeNumbers("tally", "seen/"),
    _WholeNumbers("faults", "next"),
    _WholeNumbers("submissions", "taken"),
    _WholeNumbers("webhooks", "made"),
    _WholeNumbers("webhooks", "success/", LAST_SECOND),
    _WholeNumbers("misdeliveries", "made"),
    _WholeNumbers("outbox", "made"),
    _WholeNumbers("outbox", "count/"),
    _WholeNumbers("authority/", "issued"),
    _WholeNumbers("authority/", "generation/"),
    _WholeNumbers("authority/", "exponent", _MAX_EXPONENT, 3),
    _WholeNumbers("authority/", "expiry", LAST_SECOND),
    _WholeNumbers("authority/", "retired/", LAST_SECOND),
)
_KINDS = tuple(f"{kind}/" for kind in Kind)


def check_record(component: str, key: str, value: Any) -> None:
    """Raises ValueError, TypeError or LookupError for a record that its component could not work with."""
    for row in _NUMBERS:
        if component.startswith(row.component) and key.startswith(row.prefix):
            _check_number(value, row.most, row.least)
    if component == "store" and _has_too_large(value):
        raise ValueError(f"a number is larger than {LARGEST}")
    if component == "store" and key.startswith("counter/"):
        _check_counter(value)
    elif component == "store" and key.startswith(_KINDS) and value is not False:
        if not isinstance(value, Mapping) or str(value.get("id")) != key.partition("/")[2]:
            raise ValueError("its id is another one")
    elif component.startswith("authority/") and key.startswith("revoked/") and value is not True:
        raise ValueError("true is needed")
    elif component.startswith("authority/") and key.startswith("retired/"):
        _check_number(int(key.partition("/")[2]), _MAX_EXPONENT, 3)
    elif (component == "faults" and key != "next") or (component == "misdeliveries" and key.startswith("placed/")):
        _check_number(value["seen"])
        _check_number(value["fired"])
        _check_moment(value.get("until"))
        if value.get("id", key.rpartition("/")[2]) != key.rpartition("/")[2]:
            raise ValueError("its id is another one")
    elif component == "script" and key == "progress":
        _check_progress(value)
    elif component == "script" and key.startswith("fired/"):
        from mockserver.scenarios.model import Fired

        Fired.model_validate(value)


def _has_too_large(value: Any) -> bool:
    """Tells whether a number that no answer can have is in a value, however deep; very long ones are read as floats."""
    if isinstance(value, int | float):
        return not -LARGEST <= value <= LARGEST
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(map(_has_too_large, parts))


def _check_number(value: Any, most: int = LARGEST, least: int = 0) -> None:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"a whole number from {least} to {most} is needed")


def _check_counter(value: Any) -> None:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("a number and a moment are needed")
    _check_number(value[0])
    _check_number(value[1], LAST_SECOND)


def _check_progress(value: Any) -> None:
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError("two numbers and a moment are needed")
    _check_number(value[0])
    _check_number(value[1])
    _check_moment(value[2])


def _check_moment(value: Any) -> None:
    if value is not None and (type(value) not in (int, float) or not 0 <= value <= LAST_SECOND):
        raise ValueError("a moment in seconds since the epoch is needed")
