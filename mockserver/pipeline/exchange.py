"""What a request says: its parameters and its body, read into typed values and checked."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.types import Scope

from mockserver.contract import Match, Operation
from mockserver.contract.checks import MAX_VIOLATIONS, violations
from mockserver.contract.parameters import (
    ParsedParameters,
    read_form,
    read_json,
    read_members,
    read_path,
    read_query,
    unknown,
)
from mockserver.contract.supported import FORM
from mockserver.foundation.problems import Problem, Violation, invalid, unreadable_body, unsupported_media_type
from mockserver.sandbox.faults import FaultHit

_MAX_READINGS = 256
"""How many readings of addresses an operation keeps."""


class Exchange:
    """What is known of one call so far; the journal gets it, however far the call came."""

    __slots__ = (
        "base_url",
        "given",
        "headers",
        "hit",
        "method",
        "notes",
        "number",
        "operation",
        "prefers",
        "problem",
        "query",
        "raw",
        "raw_path",
        "sandbox_error",
        "scope",
        "violations",
    )

    def __init__(
        self, scope: Scope, raw_path: str, base_url: str, *, raw: bytes = b"", problem: Problem | None = None
    ) -> None:
        self.scope = scope
        self.number = 0
        self.headers: Mapping[bytes, bytes] = dict(reversed(scope["headers"]))
        """The first value of each header, by its name in lower case."""
        self.method: str = scope["method"]
        self.raw_path = raw_path
        self.query: bytes = scope["query_string"]
        self.base_url = base_url
        self.operation: Operation | None = None
        self.raw = raw
        self.problem = problem
        """What is wrong with the body as a whole; the door comes first."""
        self.sandbox_error: Problem | None = None
        """Why it is not known whom the call is for."""
        self.given: Sequence[str] = ()
        """Which parameters it has."""
        self.prefers = False
        """Whether it has preferences that are looked at."""
        self.hit: FaultHit | None = None
        """The fault that it meets."""
        self.notes: list[str] = []
        self.violations: list[Violation] = []


def read_parameters(operation: Operation, match: Match, exchange: Exchange) -> ParsedParameters:
    """Clients repeat themselves, so what was read of an address is kept; nothing changes a reading afterwards."""
    address = (match.values, exchange.query)
    reading: ParsedParameters | None = operation.parameter_cache.get(address)
    if reading is None:
        reading = ParsedParameters(dict(operation.defaults))
        read_query(operation, exchange.query, reading)
        read_path(operation, match.values, reading)
        if len(operation.parameter_cache) < _MAX_READINGS and len(exchange.query) < 200:
            operation.parameter_cache[address] = reading
    if operation.query_from_body and exchange.raw and not exchange.query:
        reading = _read_query_from_body(operation, match, exchange)
    exchange.notes.extend(reading.notes)
    exchange.given = reading.names
    return reading


def _read_query_from_body(operation: Operation, match: Match, exchange: Exchange) -> ParsedParameters:
    members = read_json(exchange.raw)
    if not isinstance(members, dict):
        raise unreadable_body("A body on this GET is read as parameters: a JSON object is needed.")
    reading = ParsedParameters(dict(operation.defaults))
    read_members(operation, {name: _texts(value) for name, value in members.items() if value is not None}, reading)
    read_path(operation, match.values, reading)
    reading.notes.append("parameters were read from the body of a GET; the query string is where they belong")
    return reading


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [item if isinstance(item, str) else orjson.dumps(item).decode() for item in values]


def read_body_value(operation: Operation, exchange: Exchange) -> Any:
    assert operation.body is not None
    if not exchange.raw and not operation.body.required:
        return None
    media_type = _media_type(exchange.headers, operation.body.media)
    value = read_form(exchange.raw) if media_type == FORM else read_json(exchange.raw)
    if wrong := violations(operation.body.media[media_type], value, "body"):
        raise invalid(wrong)
    if isinstance(value, dict):
        strangers = sorted(value.keys() - operation.body.members)
        for name in strangers[:MAX_VIOLATIONS]:
            exchange.notes.append(unknown(f"body member `{name}`", name, operation.body.members))
        if len(strangers) > MAX_VIOLATIONS:
            exchange.notes.append(f"{len(strangers) - MAX_VIOLATIONS} more body members are unknown, ignored")
    return value


def _media_type(headers: Mapping[bytes, bytes], accepted: Mapping[str, Any]) -> str:
    given = headers.get(b"content-type", b"").decode("latin-1")
    media_type, _, parameters = given.partition(";")
    media_type = media_type.strip().lower()
    charset = parameters.lower().replace(" ", "").replace('"', "").partition("charset=")[2].partition(";")[0]
    if media_type not in accepted or charset not in ("", "utf-8", "utf8"):
        raise unsupported_media_type(given, sorted(accepted))
    return media_type
