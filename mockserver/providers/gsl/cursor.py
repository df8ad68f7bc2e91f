"""`LastItemKey`: an opaque cursor, tied to the query and the sandbox, that stays good while leads arrive."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import blake2b
from hmac import compare_digest

from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Problem, Violation, invalid
from mockserver.provider_api.call import Call
from mockserver.sandbox.changes.cursors import cursor_generation

Key = tuple[Epoch, int]
"""Where an item stands in the order of a list: when it was created, and its id."""

_SEAL = 12
"""Bytes of the seal that keeps clients from making cursors of their own."""


def write_cursor(call: Call, query: str, last: Key) -> str:
    """The cursor behind an item, for the same query."""
    content = f"{last[0]}/{last[1]}".encode()
    return _text(_seal(call, query, content) + content)


def read_cursor(call: Call, query: str, text: str) -> Key:
    """Where to go on. Raises a validation problem for one that is altered, stale, or of another query or sandbox."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (Base64Error, UnicodeEncodeError, ValueError):
        raise _refused("is not one that this API gave out") from None
    if _text(raw) != text:  # the decoder passes over characters that it does not know
        raise _refused("is not one that this API gave out")
    seal, content = raw[:_SEAL], raw[_SEAL:]
    if not compare_digest(seal, _seal(call, query, content)):
        where = "another query, customer or sandbox"
        raise _refused(f"was changed, is no longer good, or belongs to {where}; repeat the query it came from")
    created_at, id = content.decode().split("/")
    return int(created_at), int(id)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _seal(call: Call, query: str, content: bytes) -> bytes:
    sandbox, account = call.sandbox, call.authenticated_account
    key = f"{sandbox.world.seed}/{sandbox.id}/{account.user}/{call.operation.id}/{query}"
    if generation := cursor_generation(call.store, call.now):
        key = f"{generation}/{key}"
    return blake2b(content, digest_size=_SEAL, key=blake2b(key.encode(), digest_size=32).digest()).digest()


def _refused(what: str) -> Problem:
    return invalid([Violation("body", "/Pagination/LastItemKey", "cursor", f"`LastItemKey` {what}")])
