"""Reading a request: its parameters and its body become typed values, checked against the contract."""

from collections.abc import Mapping
from typing import Any

import orjson

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
from mockserver.foundation.problems import invalid, unreadable_body, unsupported_media_type
from mockserver.pipeline.exchange import Exchange

_MAX_CACHED = 256
"""The most addresses whose parameters an operation keeps."""
_MAX_CACHED_QUERY = 200


def read_parameters(operation: Operation, match: Match, exchange: Exchange) -> ParsedParameters:
    """Returns the parameters of a call. Those of an address that came before are the same, and nothing changes them."""
    address = (match.values, exchange.query)
    parameters: ParsedParameters | None = operation.parameter_cache.get(address)
    if parameters is None:
        parameters = ParsedParameters(dict(operation.defaults))
        read_query(operation, exchange.query, parameters)
        read_path(operation, match.values, parameters)
        if len(operation.parameter_cache) < _MAX_CACHED and len(exchange.query) < _MAX_CACHED_QUERY:
            operation.parameter_cache[address] = parameters
    if operation.query_from_body and exchange.body and not exchange.query:
        return _read_query_from_body(operation, match, exchange.body)
    return parameters


def _read_query_from_body(operation: Operation, match: Match, body: bytes) -> ParsedParameters:
    members = read_json(body)
    if not isinstance(members, dict):
        raise unreadable_body("A body on this GET is read as parameters: a JSON object is needed.")
    parameters = ParsedParameters(dict(operation.defaults))
    texts = {name: _texts(value) for name, value in members.items() if value is not None}
    read_members(operation, texts, parameters)
    read_path(operation, match.values, parameters)
    parameters.notes.append("parameters were read from the body of a GET; the query string is where they belong")
    return parameters


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [item if isinstance(item, str) else orjson.dumps(item).decode() for item in values]


def read_body_value(operation: Operation, exchange: Exchange, notes: list[str]) -> Any:
    """Returns the value in the body of a call; members that the contract does not name become notes."""
    expected = operation.body
    if expected is None:
        if exchange.body and not operation.query_from_body:
            notes.append("the request has a body; this operation reads none")
        return None
    if not exchange.body and not expected.required:
        return None
    media_type = _media_type(exchange.headers, expected.media)
    value = read_form(exchange.body) if media_type == FORM else read_json(exchange.body)
    if wrong := violations(expected.media[media_type], value, "body"):
        raise invalid(wrong)
    if isinstance(value, dict) and not expected.members.issuperset(value):
        _note_unknown_members(value, expected.members, notes)
    return value


def _note_unknown_members(value: Mapping[str, Any], members: frozenset[str], notes: list[str]) -> None:
    names = sorted(value.keys() - members)
    notes.extend(unknown(f"body member `{name}`", name, members) for name in names[:MAX_VIOLATIONS])
    if len(names) > MAX_VIOLATIONS:
        notes.append(f"{len(names) - MAX_VIOLATIONS} more body members are unknown, ignored")


def _media_type(headers: Mapping[bytes, bytes], accepted: Mapping[str, Any]) -> str:
    content_type = headers.get(b"content-type", b"").decode("latin-1")
    media_type, _, parameters = content_type.partition(";")
    media_type = media_type.strip().lower()
    charset = parameters.lower().replace(" ", "").replace('"', "").partition("charset=")[2].partition(";")[0]
    if media_type not in accepted or charset not in ("", "utf-8", "utf8"):
        raise unsupported_media_type(content_type, sorted(accepted))
    return media_type
