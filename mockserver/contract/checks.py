"""Values are checked against schemas of the contract, with sentences that teach."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema_rs

from mockserver.contract.formats import HINTS, PATTERN_HINTS
from mockserver.contract.validator import Validator
from mockserver.foundation.problems import MessagePart, Violation, bounded, excerpt
from mockserver.foundation.secret_names import is_secret_name

_Kind = jsonschema_rs.ValidationErrorKind

_MAX_PARTS = 2_000
"""The most members and items of a value in which every mistake is looked for: a mistake takes some 20 µs."""


def violations(validator: Validator, value: Any, place: MessagePart, at: str = "") -> list[Violation]:
    """Lists what is wrong with the value, at most `MAX_VIOLATIONS` entries. `at` goes before each pointer.

    Of a very large value only the first mistake is listed.
    """
    if validator.is_valid(value):
        return []
    if _count_parts(value, _MAX_PARTS) > _MAX_PARTS:
        return _first_violation(validator, value, place, at)
    wrong = [violation for error in validator.iter_errors(value) for violation in _explain(error, place, at)]
    return list(bounded(wrong))


def _first_violation(validator: Validator, value: Any, place: MessagePart, at: str) -> list[Violation]:
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        first, *_ = bounded(_explain(error, place, at))
        return [
            replace(first, message=f"{first.message}; in a value as large as this one, other mistakes are not listed")
        ]
    return []


def _count_parts(value: Any, enough: int) -> int:
    """Counts members and items at all depths, until there are more than enough."""
    count, rest = 0, [value]
    while rest and count <= enough:
        part = rest.pop()
        if isinstance(part, dict | list):
            count += len(part)
            rest.extend(part.values() if isinstance(part, dict) else part)
    return count


def pointer(path: list[str | int]) -> str:
    """Returns an instance path as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _explain(error: jsonschema_rs.ValidationError, place: MessagePart, at: str) -> list[Violation]:
    kind = error.kind
    here = at + pointer(error.instance_path)
    if isinstance(kind, _Kind.Required):
        return [
            Violation(
                place,
                f"{here}/{kind.property}",
                "required",
                f"`{_name(f'{here}/{kind.property}')}` is missing; it is required",
            )
        ]
    if isinstance(kind, _Kind.AdditionalProperties):
        return [
            Violation(
                place,
                f"{here}/{name}",
                "additionalProperties",
                f"`{_name(f'{here}/{name}')}` is not a member that is known here",
            )
            for name in kind.unexpected
        ]
    if isinstance(kind, _Kind.AnyOf):
        # The branch that got furthest is the one that the sender most likely meant.
        branches = [branch for branch in kind.context if branch]
        deepest = max(branches, key=lambda branch: max(len(e.instance_path) for e in branch), default=None)
        if deepest and any(len(e.instance_path) for e in deepest):
            prefix = at + pointer(error.instance_path)
            return [entry for inner in deepest for entry in _explain(inner, place, prefix)]
    return [Violation(place, here, kind.name, _sentence(error, here))]


def _sentence(error: jsonschema_rs.ValidationError, here: str) -> str:
    # A value whose name is that of a secret is not repeated, not even to its sender: messages are stored.
    value = "not shown" if is_secret_name(excerpt(here.rsplit("/", 1)[-1])) else _literal(error.instance)
    return f"{f'`{_name(here)}`' if here else 'the body'} is {value}; {_requirement(error)}"


def _name(here: str) -> str:
    """Returns the place of a value as `area.max`; the numbers of items are in the pointer alone."""
    parts = [part for part in here[1:].split("/") if not part.isdecimal()]
    return excerpt(".".join(parts) or here.rsplit("/", 1)[-1])


def _literal(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case dict():
            return "an object"
        case list():
            return f"an array of {len(value)}"
        case str():
            return repr(excerpt(value))
        case _:
            return str(value)


_REQUIREMENTS: dict[type, Callable[[Any], str]] = {
    _Kind.Enum: lambda kind: "one of " + ", ".join(map(_literal, kind.options)) + " is needed",
    _Kind.Constant: lambda kind: f"{_literal(kind.expected_value)} is needed",
    _Kind.Type: lambda kind: f"{' or '.join(kind.types)} is needed",
    _Kind.Format: lambda kind: f"{HINTS.get(kind.format, kind.format)} is needed",
    _Kind.Pattern: lambda kind: f"{PATTERN_HINTS.get(kind.pattern, f'text of the form {kind.pattern}')} is needed",
    _Kind.MultipleOf: lambda kind: (
        "a whole number is needed" if kind.multiple_of == 1 else f"a multiple of {kind.multiple_of} is needed"
    ),
    _Kind.Minimum: lambda kind: f"{kind.limit} is the least",
    _Kind.Maximum: lambda kind: f"{kind.limit} is the most",
    _Kind.MinLength: lambda kind: f"{kind.limit} characters are the least",
    _Kind.MaxLength: lambda kind: f"{kind.limit} characters are the most",
    _Kind.MinItems: lambda kind: f"{kind.limit} items are the least",
    _Kind.MaxItems: lambda kind: f"{kind.limit} items are the most",
}


def _requirement(error: jsonschema_rs.ValidationError) -> str:
    explain = _REQUIREMENTS.get(type(error.kind))
    return explain(error.kind) if explain else error.message
