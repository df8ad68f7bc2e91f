"""Checks of a value against a schema of the contract, with sentences that teach."""

import re
from collections.abc import Callable
from typing import Any

import jsonschema_rs

from mockserver.contract.formats import HINTS
from mockserver.foundation.problems import Place, Violation
from mockserver.foundation.redaction import SECRET_NAMES

Validator = jsonschema_rs.Draft202012Validator
"""What `validator_map_for` compiles our schemas to."""

_SECRET = re.compile(SECRET_NAMES, re.IGNORECASE)

MOST = 20
"""No more violations than this are reported for one message."""


def violations(validator: Validator, value: Any, place: Place, at: str = "") -> list[Violation]:
    """What is wrong with the value, at most `MOST` entries; empty when nothing is. `at` goes before each pointer."""
    if validator.is_valid(value):
        return []
    found: list[Violation] = []
    for error in validator.iter_errors(value):
        found.extend(_explain(error, place, at))
        if len(found) >= MOST:
            break
    return found[:MOST]


def pointer(path: list[str | int]) -> str:
    """RFC 6901 of an instance path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _explain(error: jsonschema_rs.ValidationError, place: Place, at: str) -> list[Violation]:
    kind = error.kind
    here = at + pointer(error.instance_path)
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        return [
            Violation(place, f"{here}/{kind.property}", "required", f"`{kind.property}` is missing; it is required")
        ]
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        return [
            Violation(place, f"{here}/{name}", "additionalProperties", f"`{name}` is not a member that is known here")
            for name in kind.unexpected
        ]
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AnyOf):
        # The branch that got furthest is the one that the sender most likely meant.
        branches = [branch for branch in kind.context if branch]
        deepest = max(branches, key=lambda branch: max(len(e.instance_path) for e in branch), default=None)
        if deepest and any(len(e.instance_path) for e in deepest):
            prefix = at + pointer(error.instance_path)
            return [entry for inner in deepest for entry in _explain(inner, place, prefix)]
    return [Violation(place, here, kind.name, _sentence(error, here))]


def _sentence(error: jsonschema_rs.ValidationError, here: str) -> str:
    name = here.rsplit("/", 1)[-1]
    # What is called like a secret is not repeated, not even to who sent it: messages are kept.
    value = "not shown" if _SECRET.fullmatch(name) else _shown(error.instance)
    return f"{f'`{name}`' if here else 'the body'} is {value}; {_wanted(error)}"


def _shown(value: Any) -> str:
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
            return repr(value if len(value) <= 60 else value[:57] + "…")
        case _:
            return str(value)


Kind = jsonschema_rs.ValidationErrorKind

_WANTED: dict[type, Callable[[Any], str]] = {
    Kind.Enum: lambda kind: "one of " + ", ".join(map(_shown, kind.options)) + " is needed",
    Kind.Constant: lambda kind: f"{_shown(kind.expected_value)} is needed",
    Kind.Type: lambda kind: f"{' or '.join(kind.types)} is needed",
    Kind.Format: lambda kind: f"{HINTS.get(kind.format, kind.format)} is needed",
    Kind.Pattern: lambda kind: f"it must match {kind.pattern}",
    Kind.Minimum: lambda kind: f"{kind.limit} is the least",
    Kind.Maximum: lambda kind: f"{kind.limit} is the most",
    Kind.MinLength: lambda kind: f"{kind.limit} characters are the least",
    Kind.MaxLength: lambda kind: f"{kind.limit} characters are the most",
    Kind.MinItems: lambda kind: f"{kind.limit} items are the least",
    Kind.MaxItems: lambda kind: f"{kind.limit} items are the most",
}


def _wanted(error: jsonschema_rs.ValidationError) -> str:
    explain = _WANTED.get(type(error.kind))
    return explain(error.kind) if explain else error.message
