"""Token answers in other forms than the usual one: those that RFC 6749 §5.1 allows, and a life that is a text."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.sandbox.journal import Entry

ALLOWED_FORM, LIFE_AS_TEXT = "TOKEN-10", "TOKEN-11"
"""The obligations to take such answers."""
_SECONDS = re.compile(r"\d{1,12}", re.ASCII)


def token_members(entry: Entry) -> Mapping[str, Any] | None:
    """Returns the members of an answer that gives a token which a client can use; None of any other."""
    try:
        members = orjson.loads(entry.reply) if entry.status == 200 else None
    except orjson.JSONDecodeError:
        return None
    if not isinstance(members, dict) or not _is_text(members.get("access_token")):
        return None
    type, life = members.get("token_type"), members.get("expires_in")
    is_bearer = isinstance(type, str) and type.casefold() == "bearer"
    is_life = life is None or _is_number(life) or (isinstance(life, str) and _SECONDS.fullmatch(life) is not None)
    return members if is_bearer and is_life else None


def form_to_take(entry: Entry) -> str | None:
    """Returns the obligation to take a token answer of that form; None of the usual form, and of one that is none."""
    members = None if entry.fault is None else token_members(entry)
    if members is None:
        return None
    life = members.get("expires_in")
    if isinstance(life, str):
        return LIFE_AS_TEXT
    return ALLOWED_FORM if life is None or members["token_type"] != "Bearer" else None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
