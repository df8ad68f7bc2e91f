"""Calls that are recorded in a journal without a server."""

from collections.abc import Sequence
from typing import Any

from mockserver.foundation.request_head import RequestHead
from mockserver.sandbox.journal import Journal

_CALL: dict[str, Any] = {
    **{"at": 0.0, "real_at": 0.0, "provider": "p", "operation": "o", "status": 200, "duration_ms": 1.0},
    **{"violations": (), "notes": (), "request": b"", "reply": b""},
}


def head_of(
    method: str = "GET", path: str = "/a", query: str = "", headers: Sequence[tuple[bytes, bytes]] = ()
) -> RequestHead:
    """The head of a request, as it was read."""
    head = RequestHead(method, path, query.encode("latin-1"), headers)
    head.take_headers(dict(reversed(headers)))
    return head


def record_call(
    into: Journal,
    *,
    method: str = "GET",
    path: str = "/a",
    query: str = "",
    request_headers: Sequence[tuple[bytes, bytes]] = (),
    **members: Any,
) -> None:
    """Records a call with little in it, but for what is named."""
    into.record(head=head_of(method, path, query, request_headers), **{**_CALL, **members})
