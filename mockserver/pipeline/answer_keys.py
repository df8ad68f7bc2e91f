"""Keys of answers: calls with the same key are answered alike, until something is written or time goes on."""

from collections.abc import Hashable

from mockserver.provider_api.call import Call
from mockserver.sandbox.changes.cursors import cursor_generation


def answer_key(call: Call, body: bytes) -> Hashable:
    """Returns everything on which the answer to a call depends beside the store, the sandbox and the moment."""
    account = call.account
    return (
        call.operation.id,
        call.params_key,
        None if account is None else (account.user, account.agencies, account.scopes, account.customer),
        call.base_url,
        call.raw_path,
        (body, call.headers.get(b"content-type")) if body else None,
        cursor_generation(call.store, call.now),
    )


def size_of_key(call: Call, body: bytes) -> int:
    """Returns how many bytes of a key a client wrote."""
    return len(call.params_key) + len(call.raw_path) + len(call.base_url) + len(body)
