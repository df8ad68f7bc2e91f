"""Answers with values that the contract does not have yet: new words of enumerations, new ids of catalogues."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from jsonschema_rs import ValidationError, ValidationErrorKind

from mockserver.sandbox.faults.reshape import Place, items_of, replaced, with_items

Errors = Callable[[Any], Iterable[ValidationError]]
"""What the contract finds wrong with an answer."""

WORD = "MOCK_NEW_VALUE"
NUMBER = "987654"
_DIGITS = r"^\d+$"
_NAMES_SOMETHING = re.compile(r"(?:\A|_)(?:id|ids|agency|reference)\Z|Ids?\Z")
"""Members whose digits say which one it is, not what kind of thing."""


def unknown_values(body: Any, path: Sequence[str], errors: Errors) -> tuple[Any, str]:
    """Every text that the contract gives as an enumeration is another word, every id of a catalogue another number."""
    kinds = {pattern: _value(body, place, path, errors) for pattern, place in _first(_texts(body)).items()}
    found = {pattern: value for pattern, value in kinds.items() if value is not None}
    if not found:
        return body, "there is no enumeration here that could have a value more"
    names = ", ".join(dict.fromkeys(_name(pattern) for pattern in found))
    return _renewed(body, (), found), f"values that no document names in {names}"


def _value(body: Any, place: Place, path: Sequence[str], errors: Errors) -> str | None:
    """What is put in the place of that text; None when it is no enumeration."""
    alone, at = _alone(body, place, path)
    for error in _all(errors(replaced(alone, at, WORD))):
        match error.kind:
            case ValidationErrorKind.Enum() if error.instance == WORD:
                return WORD
            case ValidationErrorKind.Pattern(pattern=pattern) if pattern == _DIGITS:
                return None if _NAMES_SOMETHING.search(_name(place)) else NUMBER
    return None


def _alone(body: Any, place: Place, path: Sequence[str]) -> tuple[Any, Place]:
    """The answer with the one item that the place is in, so that a long list is not checked again and again."""
    depth = len(path)
    items = items_of(body, path)
    if items is None or len(place) <= depth or place[:depth] != tuple(path):
        return body, place
    number = place[depth]
    assert isinstance(number, int)
    return with_items(body, path, [items[number]]), (*place[:depth], 0, *place[depth + 1 :])


def _all(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """The errors, and those of the branches that were tried."""
    for error in errors:
        yield error
        for branch in getattr(error.kind, "context", ()):
            yield from _all(branch)


def _texts(value: Any, above: Place = ()) -> Iterator[Place]:
    """The place of every text."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, (*above, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*above, number))
    elif isinstance(value, str):
        yield above


def _first(places: Iterable[Place]) -> dict[Place, Place]:
    """One place of each pattern, which is the place with every position the same."""
    found: dict[Place, Place] = {}
    for place in places:
        found.setdefault(tuple(0 if isinstance(part, int) else part for part in place), place)
    return found


def _renewed(value: Any, pattern: Place, found: dict[Place, str]) -> Any:
    if isinstance(value, dict):
        return {name: _renewed(member, (*pattern, name), found) for name, member in value.items()}
    if isinstance(value, list):
        return [_renewed(item, (*pattern, 0), found) for item in value]
    return found.get(pattern, value) if isinstance(value, str) else value


def _name(place: Place) -> str:
    return next((part for part in reversed(place) if isinstance(part, str)), "the answer")
