"""The bytes of a request become typed values."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson

from mockserver.contract.checks import MAX_VIOLATIONS, violations
from mockserver.contract.operation import Operation, Parameter
from mockserver.foundation.problems import Violation, malformed, missing_body, unreadable_body

_INTEGER = re.compile(r"-?\d{1,300}", re.ASCII)
_ZEROS = re.compile(r"\.0{1,300}\Z", re.ASCII)
"""JSON Schema counts 10.0 as a whole number, so it is one in a query, too."""
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_MAX_FIELDS = 100
_KEY = re.compile(rb'"\s*:')


class ParsedParameters:
    """The parameters of a call, what was wrong with them, and what deserves a note."""

    __slots__ = ("_key", "_names", "notes", "present", "values", "violations")

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self.violations: list[Violation] = []
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
            members.setdefault(_text(name), []).append(_text(value))
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
                parsed.notes.append(unknown(f"query parameter `{name}`", name, operation.query_parameters))
        else:
            merged.setdefault(parameter.name, (parameter, []))[1].extend(texts)
    if unknown_names > MAX_VIOLATIONS:
        parsed.notes.append(f"{unknown_names - MAX_VIOLATIONS} more query parameters are unknown, ignored")
    for parameter, texts in merged.values():
        _put(parameter, texts, parsed)
    for parameter in operation.query_parameters.values():
        if parameter.required and parameter.name not in parsed.values and parameter.name not in parsed.present:
            message = f"`{parameter.name}` is missing; it is required"
            parsed.violations.append(Violation("query", f"/{parameter.name}", "required", message))


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """Writes the note on something that the contract does not name."""
    close = get_close_matches(name, list(names), n=1)
    return f"{what}: unknown, ignored" + (f"; did you mean `{close[0]}`?" if close else "")


def read_json(raw: bytes) -> Any:
    """The value in a JSON body. Raises `unreadable_body` for what RFC 8259 forbids, and for a member named twice.

    A number too large for a double, NaN and Infinity are refused too: no two readers would agree on them.
    """
    if not raw.strip():
        raise missing_body()
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise unreadable_body(f"The body is not JSON: {error}.") from None
    # A member named twice would be lost silently. Each member has a quote and a colon, so when there are no more of
    # those than members, none was; only the rare body with `":` inside a text needs the slow, exact look.
    try:
        if len(_KEY.findall(raw)) > _count_members(value):
            json.loads(raw, object_pairs_hook=_refuse_twice)
    except RecursionError:
        raise unreadable_body("The body is nested too deeply to be read.") from None
    return value


def read_form(raw: bytes) -> dict[str, Any]:
    """The members of a form body; one that is repeated becomes a list. Raises `unreadable_body` for too many."""
    members: dict[str, Any] = {}
    for part in raw.split(b"&"):
        name, _, value = part.partition(b"=")
        if not part:
            continue
        if len(members) > _MAX_FIELDS:
            raise unreadable_body(f"The form has more than {_MAX_FIELDS} members.")
        key, text = _text(name), _text(value)
        members[key] = text if key not in members else [*_listed(members[key]), text]
    return members


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _count_members(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(_count_members(item) for item in value.values() if type(item) in (dict, list))
    if isinstance(value, list):
        return sum(_count_members(item) for item in value)
    return 0


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise unreadable_body(f"The body names the member {twice!r} twice; which one counts?")
    return members


def _text(raw: bytes) -> str:
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise malformed("The query, or the form, is not UTF-8 in percent-encoding.") from None


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
        parsed.violations.extend(wrong[: MAX_VIOLATIONS - len(parsed.violations)])
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
    requirement = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}[parameter.type]
    excerpt = text if len(text) <= 60 else text[:57] + "…"
    message = f"`{parameter.name}` is {excerpt!r}; {requirement} is needed"
    parsed.violations.append(Violation(parameter.place, f"/{parameter.name}", "type", message))
    return None


__all__ = ["ParsedParameters", "read_form", "read_json", "read_members", "read_path", "read_query", "unknown"]
