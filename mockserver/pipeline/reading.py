"""Reading a request: its parameters and its body become typed values, checked against the contract."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from mockserver.contract import Match, Operation
from mockserver.contract.bodies import FORM, read_form, read_form_texts, read_json
from mockserver.contract.checks import violations
from mockserver.contract.member_names import notes_on_unknown
from mockserver.contract.operation import Body
from mockserver.contract.parameters import ParsedParameters, read_members, read_path, read_query
from mockserver.foundation.problems import (
    Problem,
    Violation,
    excerpt,
    invalid,
    unreadable_body,
    unsupported_charset,
    unsupported_coding,
    unsupported_media_type,
)
from mockserver.foundation.text_length import length_of_texts
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.routing import Route

_MAX_CACHED = 256
"""The most addresses whose parameters an operation keeps."""
_MAX_CACHED_ADDRESS = 200
"""The most bytes of path and query of an address that is kept."""
_MAX_CACHED_BODY = 600
"""The most bytes of the body of a search that is kept."""
_MAX_TEXT = 96 * 1024
"""The most characters of all texts in a body: they are kept, and shown in every list. A bound of ours."""
_MAX_KEPT_TYPE = 100
"""Bytes of a Content-Type that is not taken apart again."""
_JSON = "application/json"
_UTF8 = ("", "utf-8", "utf8")


def read_parameters(operation: Operation, route: Route, exchange: Exchange) -> ParsedParameters:
    """Returns the parameters of a call. Those of an address that came before are the same, and nothing changes them.

    A route keeps them, unless a body may have them.
    """
    if not operation.query_from_body:
        parameters = _of_address(operation, route.match, exchange)
        route.keep_parameters(parameters)
        return parameters
    if exchange.body:
        return _of_get_with_body(operation, route.match, exchange)
    return _of_address(operation, route.match, exchange)


def _of_address(operation: Operation, match: Match, exchange: Exchange) -> ParsedParameters:
    address = (match.values, exchange.head.query)
    parameters: ParsedParameters | None = operation.parameter_cache.get(address)
    if parameters is None:
        parameters = _parsed(operation, match, exchange)
        if len(exchange.head.query) + len(exchange.head.raw_path) < _MAX_CACHED_ADDRESS:
            if len(operation.parameter_cache) >= _MAX_CACHED:
                operation.parameter_cache.clear()
            operation.parameter_cache[address] = parameters
    return parameters


def _parsed(operation: Operation, match: Match, exchange: Exchange) -> ParsedParameters:
    parameters = ParsedParameters(dict(operation.defaults))
    read_path(operation, match.values, parameters)
    read_query(operation, exchange.head.query, parameters)
    return parameters


def _of_get_with_body(operation: Operation, match: Match, exchange: Exchange) -> ParsedParameters:
    """Returns the parameters in the body of a GET; those of the query, and a note, when the body is not to be read."""
    members, note = _members_of_body(exchange)
    if members is None:
        parameters = _parsed(operation, match, exchange)
        parameters.notes.append(f"the request has a body, which is passed over: {note}")
        return parameters
    parameters = ParsedParameters(dict(operation.defaults))
    read_path(operation, match.values, parameters)
    read_members(operation, members, parameters)
    parameters.notes.append("parameters were read from the body of a GET; the query string is where they belong")
    return parameters


def _members_of_body(exchange: Exchange) -> tuple[dict[str, list[str]] | None, str]:
    """Returns the parameters in the body of a GET by name; or None, and why it is passed over.

    A body that says nothing of its format is JSON. Raises a 400 for one that is not in the format that it claims.
    """
    coding, (media_type, charset) = coding_of(exchange.head.headers), _content_type(exchange.head.headers)
    if exchange.head.query:
        return None, "there is a query string, and that counts"
    if coding is not None:
        return None, f"it is compressed (Content-Encoding: {excerpt(coding)})"
    if charset not in _UTF8:
        return None, f"it is in {excerpt(charset)}, not in UTF-8"
    if media_type == FORM:
        return read_form_texts(exchange.body), ""
    if media_type not in ("", _JSON):
        return None, f"parameters are read from a form or from JSON, and this is {excerpt(media_type)}"
    members = read_json(exchange.body)
    if not isinstance(members, dict):
        raise unreadable_body("A body on this GET is read as parameters: a JSON object is needed.")
    return {name: _texts(value) for name, value in members.items() if value is not None}, ""


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [item if isinstance(item, str) else orjson.dumps(item).decode() for item in values]


def read_body_value(operation: Operation, route: Route, exchange: Exchange, notes: list[str]) -> Any:
    """Returns the value in the body of a call; members that the contract does not name become notes.

    That of a search that came before is the same, and nothing changes it.
    """
    expected, body = operation.body, exchange.body
    if expected is None:
        if body and not operation.query_from_body:
            notes.append("the request has a body; this operation reads none")
        return None
    if not body and not expected.required:
        return None
    # What is written may stay, and bodies of public operations have secrets in them.
    if not operation.is_search or operation.public or len(body) > _MAX_CACHED_BODY:
        return _checked_body(expected, route, exchange, notes)[0]
    headers = exchange.head.headers
    key = (headers.get(b"content-type"), headers.get(b"content-encoding"), body)
    checked: tuple[Any, list[str]] | None = operation.body_cache.get(key)
    if checked is None:
        checked = _checked_body(expected, route, exchange, notes)
        if len(operation.body_cache) >= _MAX_CACHED:
            operation.body_cache.clear()
        operation.body_cache[key] = checked
    elif checked[1]:
        notes.extend(checked[1])
    return checked[0]


def _checked_body(expected: Body, route: Route, exchange: Exchange, notes: list[str]) -> tuple[Any, list[str]]:
    """Returns the value in a body and the notes on it, which go to `notes`, too, also where the value is refused."""
    body = exchange.body
    media_type = route.media_type
    if media_type is None:
        media_type = _media_type(exchange.head.headers, expected.media)
        route.keep_media_type(media_type)
    value = read_form(body) if media_type == FORM else read_json(body)
    about = notes_on_unknown(value, expected.members)
    if about:
        notes.extend(about)
    if wrong := violations(expected.media[media_type], value, "body"):
        raise invalid(wrong)
    if len(body) > _MAX_TEXT and (length := length_of_texts(value)) > _MAX_TEXT:
        message = f"the texts in the body have {length} characters; {_MAX_TEXT} are the most that this server keeps"
        raise invalid([Violation("body", "", "maxLength", message)])
    return value, about


def hints(operation: Operation, match: Match, exchange: Exchange) -> list[str]:
    """Returns the notes on names that the contract does not have, of a call that was refused before it was read."""
    notes: list[str] = []
    try:
        notes = _of_address(operation, match, exchange).notes
        if operation.body is not None and exchange.body and coding_of(exchange.head.headers) is None:
            is_form = _content_type(exchange.head.headers)[0] == FORM
            value = read_form(exchange.body) if is_form else read_json(exchange.body)
            return [*notes, *notes_on_unknown(value, operation.body.members)]
    except Problem:
        # What cannot be read has no names; the refusal is about something else.
        return notes
    return notes


def coding_of(headers: Mapping[bytes, bytes]) -> str | None:
    """Returns the Content-Encoding of a body; None for one that is sent as it is."""
    raw = headers.get(b"content-encoding")
    if raw is None:
        return None
    coding = raw.decode("latin-1").strip()
    return coding if any(name.strip().lower() not in ("", "identity") for name in coding.split(",")) else None


def _media_type(headers: Mapping[bytes, bytes], accepted: Mapping[str, Any]) -> str:
    """Returns the media type of a body. Raises a 415 for one that is not accepted, and for a compressed body."""
    media_type, charset = _content_type(headers)
    if media_type not in accepted:
        content_type = headers.get(b"content-type")
        raise unsupported_media_type(None if content_type is None else content_type.decode("latin-1"), sorted(accepted))
    if charset not in _UTF8:
        raise unsupported_charset(charset)
    coding = coding_of(headers)
    if coding is not None:
        raise unsupported_coding(coding)
    return media_type


def _content_type(headers: Mapping[bytes, bytes]) -> tuple[str, str]:
    """Returns media type and charset in lower case; empty where the request does not say it."""
    value = headers.get(b"content-type", b"")
    return _known_content_type(value) if len(value) < _MAX_KEPT_TYPE else _split_content_type(value)


def _split_content_type(value: bytes) -> tuple[str, str]:
    media_type, _, parameters = value.decode("latin-1").partition(";")
    charset = parameters.lower().replace(" ", "").replace('"', "").partition("charset=")[2].partition(";")[0]
    return media_type.strip().lower(), charset


_known_content_type = lru_cache(64)(_split_content_type)
