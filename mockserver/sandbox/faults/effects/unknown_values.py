"""Kind `unknown_values`: words of enumerations and ids of catalogues that the contract does not have yet."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from jsonschema_rs import ValidationError, ValidationErrorKind

from mockserver.foundation.patterns import late_pattern
from mockserver.sandbox.faults.effects.json_values import (
    JsonPath,
    JsonResponse,
    items_of,
    json_effect,
    replaced,
    with_items,
)
from mockserver.sandbox.faults.hit import FaultHit

FindErrors: TypeAlias = Callable[[Any], Iterable[ValidationError]]
"""Finds out where a response breaks the contract."""

WORD = "MOCK_NEW_VALUE"
NUMBER = "987654"
_DIGITS = r"^\d+$"
_NAMES_SOMETHING = late_pattern(r"(?:\A|_)(?:id|ids|agency|reference)\Z|Ids?\Z")
"""Members whose digits say which one it is, not what kind of thing."""


def unknown_values(body: Any, path: Sequence[str], find_errors: FindErrors) -> tuple[Any, str]:
    """Gives every enumeration another word, and every id of a catalogue another number."""
    kinds = {pattern: _value(body, place, path, find_errors) for pattern, place in _first(_texts(body)).items()}
    values = {pattern: value for pattern, value in kinds.items() if value is not None}
    if not values:
        return body, "there is no enumeration here that could have a value more"
    names = ", ".join(dict.fromkeys(_name(pattern) for pattern in values))
    return _renewed(body, (), values), f"values that no document names in {names}"


def _value(body: Any, place: JsonPath, path: Sequence[str], find_errors: FindErrors) -> str | None:
    """Returns the text to put in the place of another one; None when that is no enumeration."""
    alone, at = _alone(body, place, path)
    for error in _all(find_errors(replaced(alone, at, WORD))):
        match error.kind:
            case ValidationErrorKind.Enum() if error.instance == WORD:
                return WORD
            case ValidationErrorKind.Pattern(pattern=pattern) if pattern == _DIGITS:
                return None if _NAMES_SOMETHING.search(_name(place)) else NUMBER
    return None


def _alone(body: Any, place: JsonPath, path: Sequence[str]) -> tuple[Any, JsonPath]:
    """Returns the response with the one item that the place is in: a long list is not checked again and again."""
    depth = len(path)
    items = items_of(body, path)
    if items is None or len(place) <= depth or place[:depth] != tuple(path):
        return body, place
    number = place[depth]
    assert isinstance(number, int)
    return with_items(body, path, [items[number]]), (*place[:depth], 0, *place[depth + 1 :])


def _all(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Yields the errors, and those of the branches that were tried."""
    for error in errors:
        yield error
        for branch in getattr(error.kind, "context", ()):
            yield from _all(branch)


def _texts(value: Any, above: JsonPath = ()) -> Iterator[JsonPath]:
    """Yields the place of every text."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, (*above, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*above, number))
    elif isinstance(value, str):
        yield above


def _first(places: Iterable[JsonPath]) -> dict[JsonPath, JsonPath]:
    """Returns a place for each pattern: a pattern is a place with every position the same."""
    firsts: dict[JsonPath, JsonPath] = {}
    for place in places:
        firsts.setdefault(tuple(0 if isinstance(part, int) else part for part in place), place)
    return firsts


def _renewed(value: Any, pattern: JsonPath, values: dict[JsonPath, str]) -> Any:
    if isinstance(value, dict):
        return {name: _renewed(member, (*pattern, name), values) for name, member in value.items()}
    if isinstance(value, list):
        return [_renewed(item, (*pattern, 0), values) for item in value]
    return values.get(pattern, value) if isinstance(value, str) else value


def _name(place: JsonPath) -> str:
    return next((part for part in reversed(place) if isinstance(part, str)), "the answer")


def _change(hit: FaultHit, answer: JsonResponse) -> tuple[Any, str]:
    validator = answer.spec.media.get(answer.media_type.partition(";")[0]) if answer.spec else None
    if validator is None or answer.status >= 300:
        return answer.value, "only what the contract has of a success can have values that it does not know"
    return unknown_values(answer.value, answer.list_path, validator.iter_errors)


UNKNOWN_VALUES = json_effect(_change)
