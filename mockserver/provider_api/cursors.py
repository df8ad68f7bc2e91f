"""Opaque cursors: the place behind an item of a list, tied to the query, the customer and the sandbox."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from hmac import compare_digest

from mockserver.provider_api.call import Call
from mockserver.sandbox.changes.cursors import cursor_generation

_MAC_BYTES = 12
"""The length of the MAC that keeps clients from making cursors of their own."""


class CursorRefused(ValueError):
    """A cursor that is not accepted; the message goes on behind the name of the member that has it."""


def write_cursor(call: Call, query: str, place: tuple[int, ...]) -> str:
    """Returns the cursor of a place in the list of that query. It stays good while items come and go."""
    content = "/".join(map(str, place)).encode()
    return _text(_mac(call, query, content) + content)


def read_cursor(call: Call, query: str, text: str) -> tuple[int, ...]:
    """Returns the place. Raises CursorRefused when the cursor is altered, stale, or of another query or sandbox."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        raise CursorRefused("is not one that this API gave out") from None
    if _text(raw) != text:  # the decoder passes over characters that it does not know
        raise CursorRefused("is not one that this API gave out")
    mac, content = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not compare_digest(mac, _mac(call, query, content)):
        where = "another query, customer or sandbox"
        raise CursorRefused(f"was changed, is no longer good, or belongs to {where}; repeat the query it came from")
    return tuple(map(int, content.decode().split("/")))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _mac(call: Call, query: str, content: bytes) -> bytes:
    sandbox, account = call.sandbox, call.authenticated_account
    key = f"{sandbox.world.seed}/{sandbox.identity}/{account.user}/{call.operation.id}/{query}"
    if generation := cursor_generation(call.store, call.now):
        key = f"{generation}/{key}"
    return blake2b(content, digest_size=_MAC_BYTES, key=blake2b(key.encode(), digest_size=32).digest()).digest()
