"""The parameters of a request become typed values."""

import re
from collections.abc import Sequence
from typing import Any

from mockserver.contract.bodies import percent_decoded
from mockserver.contract.checks import violations
from mockserver.contract.operation import Operation, Parameter
from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.problems import MAX_VIOLATIONS, Violation, excerpt
from mockserver.foundation.suggestions import unknown_and_ignored

_INTEGER = late_pattern(r"-?\d{1,300}", re.ASCII)
_ZEROS = late_pattern(r"\.0{1,300}\Z", re.ASCII)
"""JSON Schema counts 10.0 as a whole number, so it is one in a query, too."""
_NUMBER = late_pattern(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


class ParsedParameters:
    """The parameters of a call, what was wrong with them, and what deserves a note."""

    __slots__ = ("_key", "_names", "left_out", "notes", "present", "values", "violations")

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self.violations: list[Violation] = []
        """At most `MAX_VIOLATIONS`."""
        self.left_out = 0
        """The number of violations beside those."""
        self.notes: list[str] = []
        self.present: set[str] = set()
        """The parameters that the call has, whether or not they are right."""
        self._key = ""
        self._names: tuple[str, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """`present` in alphabetical order."""
        if self._names is None:
            self._names = tuple(sorted(self.present))
        return self._names

    def refuse(self, violations: Sequence[Violation]) -> None:
        """Adds violations, as far as there is room."""
        room = MAX_VIOLATIONS - len(self.violations)
        self.violations.extend(violations[:room])
        self.leave_out(max(0, len(violations) - room))

    def leave_out(self, count: int) -> None:
        """Counts violations for which there is no room."""
        self.left_out += count

    @property
    def key(self) -> str:
        """Tells these values from any others; a key for what is derived from them."""
        if not self._key:
            self._key = repr(sorted(self.values.items()))
        return self._key


def read_path(operation: Operation, texts: tuple[str, ...], parsed: ParsedParameters) -> None:
    """Adds the path parameters; `texts` are in the order of the path."""
    for parameter, text in zip(operation.path_parameters, texts, strict=True):
        _put(parameter, [text], parsed)


def read_query(operation: Operation, query: bytes, parsed: ParsedParameters) -> None:
    """Adds the query parameters. Raises `malformed` when the query is not UTF-8."""
    members: dict[str, list[str]] = {}
    for part in query.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            members.setdefault(percent_decoded(name), []).append(percent_decoded(value))
    read_members(operation, members, parsed)


def read_members(operation: Operation, members: dict[str, list[str]], parsed: ParsedParameters) -> None:
    """Adds parameters that come as name → texts."""
    merged: dict[str, tuple[Parameter, list[str]]] = {}
    unknown_names = 0
    for name, texts in members.items():
        parameter = operation.query_parameters.get(name)
        if parameter is None:
            unknown_names += 1
            if unknown_names <= MAX_VIOLATIONS:
                parsed.notes.append(unknown_and_ignored("query parameter", name, operation.query_parameters))
        else:
            merged.setdefault(parameter.name, (parameter, []))[1].extend(texts)
    if unknown_names > MAX_VIOLATIONS:
        parsed.notes.append(f"{unknown_names - MAX_VIOLATIONS} more query parameters are unknown, ignored")
    for parameter, texts in merged.values():
        _put(parameter, texts, parsed)
    for parameter in operation.query_parameters.values():
        if parameter.required and parameter.name not in parsed.values and parameter.name not in parsed.present:
            message = f"`{parameter.name}` is missing; it is required"
            parsed.refuse([Violation("query", f"/{parameter.name}", "required", message)])


def _put(parameter: Parameter, texts: list[str], parsed: ParsedParameters) -> None:
    if parameter.empty_is_absent:
        texts = [text for text in texts if text.strip()]
        if not texts:
            return
    parsed.present.add(parameter.name)
    if len(texts) > 1 and not parameter.many:
        parsed.notes.append(
            f"{parameter.place} parameter `{parameter.name}` is given {len(texts)} times; the last counts"
        )
        texts = texts[-1:]
    values = [_coerce(parameter, text, parsed) for text in texts]
    if any(value is None for value in values):
        return
    value = values if parameter.many else values[0]
    if wrong := violations(parameter.validator, value, parameter.place, f"/{parameter.name}"):
        parsed.refuse(wrong)
    else:
        parsed.values[parameter.name] = value


def _coerce(parameter: Parameter, text: str, parsed: ParsedParameters) -> Any:
    # Blanks around a value of a query are passed over, as forms leave them; a path is what it says, to the letter.
    stripped = text.strip(" ") if parameter.place == "query" else text
    plain = _ZEROS.sub("", stripped) if parameter.place == "query" else text
    match parameter.type:
        case "string":
            return text
        case "integer" if _INTEGER.fullmatch(plain):
            return int(plain)
        case "number" if _NUMBER.fullmatch(stripped):
            return float(stripped)
        case "boolean" if stripped.lower() in _BOOLEANS:
            return _BOOLEANS[stripped.lower()]
    if len(parsed.violations) >= MAX_VIOLATIONS:
        parsed.leave_out(1)
        return None
    requirement = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}[parameter.type]
    message = f"`{parameter.name}` is {excerpt(text)!r}; {requirement} is needed"
    parsed.refuse([Violation(parameter.place, f"/{parameter.name}", "type", message)])
    return None
