"""Bounds of the values that a pin sets: what every provider can write, and this machine can serve."""

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from math import isfinite
from typing import Any

from mockserver.domain import SUBTYPES
from mockserver.foundation.clock import LATEST
from mockserver.foundation.patterns import late_pattern
from mockserver.world.communes import load_communes

MOMENTS = frozenset({"created_at", "updated_at", "contacted_at", "at"})
"""Members that are moments, in seconds since the epoch."""
LARGEST = 10**12
"""The upper bound of all other numbers, whose lower one is 0: no price comes near it, in any currency."""
LONGEST_TEXT = 65_536
"""Characters, as many as the admin API takes bytes for the message of a lead."""
MOST_REPEATED = 4 * 1024 * 1024
"""Characters of the repeated texts of a world: a short file could otherwise stand for gigabytes."""
LONGEST_LIST = 1_000
DEEPEST = 16
"""Levels of mappings and lists in one another."""
_BOUNDS: Mapping[str, tuple[float, float]] = {
    **dict.fromkeys(MOMENTS, (0, LATEST)),
    "lat": (-90, 90),
    "lon": (-180, 180),
    "step": (1, 4),
    "rooms_operator": (1, 3),
    "pictures": (0, 100),
    "floor": (-20, LARGEST),
}
"""By member, where that is not 0 to `LARGEST`; of `MOMENTS` in words, since nobody counts seconds."""
_COMMUNES = frozenset({"commune", "communes", "covers"})
_DAYS = frozenset({"birth_date", "mandate_from", "mandate_to"})
_DAYS_OR_MOMENTS = frozenset({"last_action", "start", "end"})
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "email": (late_pattern(r"(.+@.+)?"), "an e-mail address, or nothing,"),
    "uuid": (late_pattern(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "a UUID in lower case"),
}
"""The forms of texts that providers check, each with its name in words."""
_LENGTHS = {"reference": 512, "offerer_estate_id": 512}
"""Characters of the texts that a provider bounds (GSL's `offererMarketingKey`, `offererEstateId`)."""
_SUBTYPES = frozenset(chain.from_iterable(SUBTYPES.values()))
_NOT_EMPTY = frozenset({"languages"})
_DAY = late_pattern(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?")


def check_value(name: str, value: Any, depth: int = 0) -> None:
    """Raises ValueError with a sentence when a value of a member, or a part of it, is out of its bounds."""
    if depth > DEEPEST:
        raise ValueError(f"it has more than {DEEPEST} levels of mappings and lists")
    match value:
        case None:
            return
        case bool() if name in _COMMUNES:
            raise ValueError(f"{name} is {value}; the name of a commune is needed")
        case bool():
            return
        case int() | float():
            _check_number(name, value)
        case str():
            _check_length("text", len(value), _LENGTHS.get(name, LONGEST_TEXT), "characters")
            _check_form(name, value)
        case Mapping():
            _check_length("mapping", len(value), LONGEST_LIST, "members")
            for member, part in value.items():
                check_value(str(member), part, depth + 1)
        case list() | tuple():
            _check_length("list", len(value), LONGEST_LIST, "items")
            if name in _NOT_EMPTY and not value:
                raise ValueError(f"{name} is empty; at least one item is needed")
            for part in value:
                check_value(name, part, depth + 1)


def check_booleans(name: str, value: Any, read: Any) -> None:
    """Raises ValueError where true or false was read as something else: as the number 1 or 0."""
    match value, read:
        case bool(), bool():
            return
        case bool(), _:
            raise ValueError(f"{name} is {str(value).lower()}, which is no number")
        case Mapping(), Mapping():
            for member, part in value.items():
                check_booleans(str(member), part, read.get(member))
        case list() | tuple(), list() | tuple():
            for part, part_read in zip(value, read, strict=False):
                check_booleans(name, part, part_read)


def repeated(text: str, times: int) -> str:
    """Returns a text so many times. Raises ValueError when that is less than once, or too long."""
    if times < 1 or len(text) * times > LONGEST_TEXT:
        most = max(1, LONGEST_TEXT // max(1, len(text)))
        raise ValueError(
            f"`times` is {times}; 1 to {most} would be right, a text has at most {LONGEST_TEXT} characters"
        )
    return text * times


def _check_number(name: str, number: float) -> None:
    if name in _COMMUNES:
        if number not in load_communes().by_id:
            raise ValueError(f"{name} {number} is not in our table of communes; write a name such as Bayonne")
        return
    low, high = _BOUNDS.get(name, (0, LARGEST))
    if isfinite(number) and low <= number <= high:
        return
    if name in MOMENTS:
        raise ValueError(f"{name} must lie between the years 1970 and 9994")
    raise ValueError(f"{name} is {_short(number)}; {low} to {high} would be right")


def _check_form(name: str, text: str) -> None:
    if name == "subtype" and text not in _SUBTYPES:
        raise ValueError(f"subtype is {text[:40]!r}; one of {', '.join(sorted(_SUBTYPES))} is needed")
    if name in _DAYS or name in _DAYS_OR_MOMENTS:
        _check_day(name, text)
    if name in _FORMS:
        form, what = _FORMS[name]
        if not form.fullmatch(text):
            raise ValueError(f"{name} is {text[:40]!r}; {what} is needed")


def _check_day(name: str, text: str) -> None:
    """A moment instead of a day, and no text at all, are right where Apimo takes them."""
    is_free = name in _DAYS_OR_MOMENTS
    if is_free and not text:
        return
    if not _DAY.fullmatch(text) or (len(text) > 10 and not is_free):
        raise ValueError(f"{name} is {text[:40]!r}; a day such as 1980-12-31 is needed")
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}, which no calendar has") from None


def _check_length(what: str, size: int, most: int, parts: str) -> None:
    if size > most:
        raise ValueError(f"a {what} of {size} {parts} is too long; {most} is the most")


def _short(number: float) -> str:
    text = repr(number)
    return text if len(text) <= 25 else f"a number of {len(text)} digits"
