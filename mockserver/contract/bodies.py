"""Bodies of requests become values: JSON and forms, both in UTF-8."""

import json
from collections import Counter
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson

from mockserver.foundation.json_bounds import TOO_MANY_VALUES, has_too_many_values
from mockserver.foundation.problems import Problem, excerpt, malformed, missing_body, unreadable_body

FORM = "application/x-www-form-urlencoded"
_MAX_FIELDS = 100
_BYTE_ORDER_MARK, _UTF16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\x78\x9c": "deflate", b"\x78\xda": "deflate"}
"""How compressed bodies begin (RFC 1952 §2.3.1, RFC 8878 §3.1.1, RFC 1950 §2.2); Brotli has no sign of its own."""
_CONTAINERS = (dict, list)
_MAX_DEPTH = 250
"""The most containers within each other. A bound of ours: the check of the schema can tell mistakes down to 255."""


def read_json(raw: bytes) -> Any:
    """The value in a JSON body. Raises `unreadable_body` for what RFC 8259 forbids, and for a member named twice.

    A number too large for a double, NaN and Infinity are refused too: no two readers would agree on them.
    """
    if not raw.strip():
        raise missing_body()
    if has_too_many_values(raw):
        raise unreadable_body(TOO_MANY_VALUES)
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise not_utf8("The body", raw) or unreadable_body(f"The body is not JSON: {error}.") from None
    if type(value) is dict and _has_no_more_texts(raw, value):
        return value
    # A member named twice would be lost silently. Each member has a quote and a colon, so when there are no more of
    # those than members, none was; only the rare body with `":` inside a text needs the slow, exact look.
    try:
        if _most_members(raw) > _count_members(value, _MAX_DEPTH):
            json.loads(raw, object_pairs_hook=_refuse_twice)
    except RecursionError:
        raise unreadable_body("The body is nested too deeply to be read.") from None
    return value


def not_utf8(what: str, raw: bytes) -> Problem | None:
    """Returns the 400 for text that is not UTF-8, which says where; None for text that is."""
    if (form := next((form for start, form in _COMPRESSED.items() if raw.startswith(start)), None)) is not None:
        return unreadable_body(
            f"{what} is compressed ({form}), and compressed bodies are not read here: send it as it is."
        )
    if raw.startswith(_BYTE_ORDER_MARK):
        return unreadable_body(f"{what} begins with a byte order mark; send UTF-8 without one.")
    if raw.startswith(_UTF16) or b"\0" in raw[:4]:
        return unreadable_body(f"{what} is in UTF-16 or UTF-32; send UTF-8.")
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        byte = f"byte {error.start} (0x{raw[error.start]:02X})"
        return unreadable_body(f"{what} is not UTF-8: {byte} is where that ends; send UTF-8.")
    return None


def read_form(raw: bytes) -> dict[str, Any]:
    """The members of a form body; one that is repeated becomes a list. Raises `unreadable_body` for too many."""
    texts = read_form_texts(raw)
    return {name: values[0] if len(values) == 1 else values for name, values in texts.items()}


def read_form_texts(raw: bytes) -> dict[str, list[str]]:
    """The members of a form body, each with all its values. Raises `unreadable_body` for too many."""
    begins_oddly = b"\0" in raw[:4] or raw.startswith((_BYTE_ORDER_MARK, *_UTF16, *_COMPRESSED))
    if begins_oddly and (problem := not_utf8("The form", raw)):
        raise problem
    members: dict[str, list[str]] = {}
    for number, part in enumerate(part for part in raw.split(b"&") if part):
        if number >= _MAX_FIELDS:
            raise unreadable_body(f"The form has more than {_MAX_FIELDS} members.")
        name, _, value = part.partition(b"=")
        members.setdefault(percent_decoded(name, "form"), []).append(percent_decoded(value, "form"))
    return members


def _has_no_more_texts(raw: bytes, value: dict[str, Any]) -> bool:
    """Tells whether names and values of a flat object are all the texts of its JSON, so that none was lost.

    Each text has two quotes. An object that is not flat, or has quotes within a text, is left to the exact look.
    """
    kinds = list(map(type, value.values()))
    texts = kinds.count(str)
    is_flat = texts == len(kinds) or (dict not in kinds and list not in kinds)
    return is_flat and raw.count(b'"') == 2 * (len(kinds) + texts)


def _most_members(raw: bytes) -> int:
    """Returns how many members a text of JSON can have at most: each has a quote, blanks or none, and a colon."""
    return raw.translate(None, b" \t\n\r").count(b'":')


def _count_members(value: Any, depth: int) -> int:
    """Returns the number of members at all depths. Raises RecursionError where there are more depths than that."""
    if depth < 0:
        raise RecursionError
    count = 0
    if isinstance(value, dict):
        count, value = len(value), value.values()
    elif not isinstance(value, list):
        return 0
    for part in value:
        if type(part) in _CONTAINERS:
            count += _count_members(part, depth - 1)
    return count


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise unreadable_body(f"The body names the member {excerpt(twice)!r} twice; which one counts?")
    return members


def percent_decoded(raw: bytes, where: str = "query") -> str:
    """Returns a name or a value of a query or a form. Raises `malformed` when it is not UTF-8."""
    plain = unquote_to_bytes(raw.replace(b"+", b" "))
    try:
        return plain.decode()
    except UnicodeDecodeError as error:
        # The text itself is not repeated: it may be a secret.
        octet = f"the byte 0x{plain[error.start]:02X} is not"
        raise malformed(f"The {where} must be UTF-8 in percent-encoding; {octet}.") from None
