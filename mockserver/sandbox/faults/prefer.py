"""A fault for one call, asked for by that call itself: `Prefer: code=503`, `Prefer: fault=delay; delay_ms=200`."""

import re
from collections.abc import Iterable
from typing import Any

import orjson
from pydantic import ValidationError

from mockserver.foundation.mistakes import sentence_on
from mockserver.foundation.patterns import late_pattern
from mockserver.sandbox.faults.hit import FaultHit
from mockserver.sandbox.faults.kinds import STATUS_KIND
from mockserver.sandbox.faults.members import MATCHING_MEMBERS
from mockserver.sandbox.faults.model import Fault

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_WORD = late_pattern(rf'[ \t]*({_TOKEN})(?:[ \t]*=[ \t]*({_TOKEN}|"(?:[^"\\]|\\.)*"))?[ \t]*')
_MAX_LENGTH = 4096
PREFERRED = "prefer"
"""The id that the journal gives such a fault."""


class NotUnderstood(ValueError):
    """A preference that is passed over; the message says what would be right."""


def preferred_fault(headers: Iterable[tuple[bytes, bytes]], number: int) -> FaultHit | None:
    """Returns the fault that the Prefer headers of a call ask for; None when they ask for none.

    `number` is that of the call. Raises NotUnderstood. Preferences of other programs are passed over, as RFC 7240
    wants it.
    """
    text = ",".join(value.decode("latin-1") for name, value in headers if name == b"prefer")
    for (name, value), *parameters in _preferences(text):
        if name in ("code", "fault"):
            fault = _fault(name, value, parameters)
            applied = f"code={fault.status}" if name == "code" else f"fault={fault.kind}"
            return FaultHit(PREFERRED, fault, number, applied)
    return None


def _fault(name: str, value: str, parameters: list[tuple[str, str]]) -> Fault:
    members: dict[str, Any] = {"kind": STATUS_KIND.name, "status": value} if name == "code" else {"kind": value}
    for parameter, text in parameters:
        # A call that brings its own fault leaves no question which calls that is for.
        if parameter in MATCHING_MEMBERS:
            raise NotUnderstood(f"`{parameter}` says which calls a fault meets; this one meets the call that has it")
        members.setdefault(parameter, _value(parameter, text))
    try:
        return Fault.model_validate(members)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        message = sentence_on(first, Fault)
        raise NotUnderstood(f"`{place}`: {message}" if place else message) from None


def _value(parameter: str, text: str) -> Any:
    """Returns the value of a parameter; a list is written as JSON."""
    if not text.startswith("["):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise NotUnderstood(f"`{parameter}` begins like a list in JSON, and is none") from None


def _preferences(text: str) -> list[list[tuple[str, str]]]:
    """Returns preferences with their parameters (RFC 7240 §2), each a name in lower case and a value."""
    if len(text) > _MAX_LENGTH:
        raise NotUnderstood(f"the header is longer than {_MAX_LENGTH} characters")
    preferences: list[list[tuple[str, str]]] = [[]]
    place = 0
    while place <= len(text):
        match = _WORD.match(text, place)
        if match:
            preferences[-1].append((match[1].lower(), _unquoted(match[2] or "")))
            place = match.end()
        else:
            place += len(text[place:]) - len(text[place:].lstrip(" \t"))
        if place < len(text) and text[place] not in ",;":
            raise NotUnderstood(f"there is no sense in {text[place : place + 20]!r}; write fault=delay; delay_ms=200")
        if text[place : place + 1] == ",":
            preferences.append([])
        place += 1
    return [preference for preference in preferences if preference]


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
