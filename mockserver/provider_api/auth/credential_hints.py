"""Hints for the journal on credentials that would have fitted, had the client written them otherwise.

A hint says what to change and never repeats a credential; the client itself gets the provider's usual refusal.
"""

import binascii
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

import orjson

from mockserver.foundation.authorization import Authorization
from mockserver.sandbox.accounts import Account

_MAX_LENGTH = 4_096
"""Characters of a header or a body that are looked at."""

_Pair = tuple[str, str]
_VARIANTS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("without the blanks or the line end around them", str.strip),
    ("percent-decoded: HTTP Basic takes them as they are", unquote),
    ("decoded as in a form: HTTP Basic takes them as they are", unquote_plus),
    ("without the quotes around them", lambda text: text.strip("\"'")),
    ("in lower case", str.lower),
)


def credential_hint(authorization: Authorization, raw: str, body: bytes, accounts: Mapping[str, Account]) -> str | None:
    """Returns a note on refused credentials; None when no other spelling of them is right.

    `raw` is the Authorization header as it came, `accounts` are those of the provider by user.
    """
    if len(raw) > _MAX_LENGTH or len(body) > _MAX_LENGTH:
        return None
    if authorization.scheme == "bearer":
        return _bearer_hint(authorization.token)
    readings = [("", _pairs_of_body(body)), *_pairs_of_header(authorization, raw)]
    hints = (hint for reading, pairs in readings for pair in pairs if (hint := _hint(reading, pair, accounts)))
    return next((f"credentials: they would fit {hint}" for hint in hints), None)


def _hint(reading: str, pair: _Pair, accounts: Mapping[str, Account]) -> str | None:
    """Returns the words on how a pair fits; `reading` is what the client should have done to send that pair."""
    if _fits(pair, accounts):
        return reading or None
    for words, change in _VARIANTS:
        if _fits((change(pair[0]), change(pair[1])), accounts):
            return words
    return "with user and secret the other way round" if _fits((pair[1], pair[0]), accounts) else None


def _fits(pair: _Pair, accounts: Mapping[str, Account]) -> bool:
    account = accounts.get(pair[0])
    return account is not None and account.secret == pair[1]


def _pairs_of_header(authorization: Authorization, raw: str) -> Iterator[tuple[str, list[_Pair]]]:
    """Yields readings of an Authorization header, each with what the client should have done to send it like that."""
    token = authorization.token if authorization.scheme == "basic" else raw.strip()
    if authorization.user is not None:
        # Refused, and right as it is: it was decoded once more.
        yield (
            "form-encoded before they are joined, as RFC 6749 §2.3.1 says",
            [(authorization.user, authorization.password)],
        )
        yield "in base64 once and not twice", _pairs(_decoded(authorization.password or authorization.user))
    if authorization.scheme == "basic":
        yield (
            "in the alphabet of plain base64, with + and /, and with its padding",
            _pairs(_decoded(token, urlsafe=True)),
        )
        yield "without a second `Basic` or blanks before them", _pairs(_decoded(token.rpartition(" ")[2]))
    yield "in base64: the user, a colon and the secret", _pairs(token)
    yield "after the word `Basic` and a blank", _pairs(_decoded(token))


def _pairs(text: str) -> list[_Pair]:
    user, colon, secret = text.partition(":")
    return [(user, secret)] if colon else []


def _decoded(token: str, *, urlsafe: bool = False) -> str:
    try:
        decode = urlsafe_b64decode if urlsafe else b64decode
        return decode(token + "=" * (-len(token) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""


def _pairs_of_body(body: bytes) -> list[_Pair]:
    """Returns the client's id and secret in a token request, JSON or form."""
    try:
        content: Any = orjson.loads(body) if body.lstrip().startswith(b"{") else dict(parse_qsl(body.decode()))
    except ValueError:
        return []
    pair = content.get("client_id"), content.get("client_secret")
    return [(pair[0], pair[1])] if isinstance(pair[0], str) and isinstance(pair[1], str) else []


def _bearer_hint(token: str) -> str | None:
    if token.lower().startswith("bearer "):
        return "credentials: the word `Bearer` is there twice"
    if token[:1] in "\"'" and token:
        return "credentials: the token is in quotes; send it without"
    if token.startswith("{"):
        return "credentials: this is the whole answer of the token endpoint; send its access_token alone"
    if " " in token or "%" in token:
        return "credentials: there is a blank or a percent sign in the token, which no token of ours has"
    return None
