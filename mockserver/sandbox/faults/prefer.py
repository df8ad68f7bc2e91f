"""A fault for one call, asked for by that call itself: `Prefer: code=503`, `Prefer: fault=delay; delay_ms=200`."""

import re
from collections.abc import Iterable

from pydantic import ValidationError

from mockserver.sandbox.faults.model import Fault

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_WORD = re.compile(rf'[ \t]*({_TOKEN})(?:[ \t]*=[ \t]*({_TOKEN}|"(?:[^"\\]|\\.)*"))?[ \t]*')
_NOT_HERE = {"provider", "operation", "path", "method", "after", "calls", "times", "probability", "until", "lasts"}
"""Which calls a fault meets is no question for a call that brings its own."""
_MOST = 4096
ID = "prefer"
"""What the journal calls such a fault."""


class NotUnderstood(ValueError):
    """A preference that is passed over; the message says what would be right."""


def wanted(headers: Iterable[tuple[bytes, bytes]]) -> tuple[Fault, str] | None:
    """The fault that the Prefer headers of a call ask for, and the preference; None when they ask for none.

    Raises NotUnderstood. Preferences that are none of ours are passed over, as RFC 7240 wants it.
    """
    text = ",".join(value.decode("latin-1") for name, value in headers if name == b"prefer")
    for (name, value), *parameters in _preferences(text):
        if name in ("code", "fault"):
            fault = _fault(name, value, parameters)
            return fault, f"code={fault.status}" if name == "code" else f"fault={fault.kind.value}"
    return None


def _fault(name: str, value: str, parameters: list[tuple[str, str]]) -> Fault:
    said: dict[str, str] = {"kind": "status", "status": value} if name == "code" else {"kind": value}
    for parameter, given in parameters:
        if parameter in _NOT_HERE:
            raise NotUnderstood(f"`{parameter}` says which calls a fault meets; this one meets the call that has it")
        said.setdefault(parameter, given)
    try:
        return Fault.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise NotUnderstood(f"`{place}`: {message}" if place else message) from None


def _preferences(text: str) -> list[list[tuple[str, str]]]:
    """RFC 7240 §2: preferences with their parameters, each a name in lower case and a value."""
    if len(text) > _MOST:
        raise NotUnderstood(f"the header is longer than {_MOST} characters")
    found: list[list[tuple[str, str]]] = [[]]
    place = 0
    while place <= len(text):
        match = _WORD.match(text, place)
        if match:
            found[-1].append((match[1].lower(), _unquoted(match[2] or "")))
            place = match.end()
        else:
            place += len(text[place:]) - len(text[place:].lstrip(" \t"))
        if place < len(text) and text[place] not in ",;":
            raise NotUnderstood(f"there is no sense in {text[place : place + 20]!r}; write fault=delay; delay_ms=200")
        if text[place : place + 1] == ",":
            found.append([])
        place += 1
    return [preference for preference in found if preference]


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
