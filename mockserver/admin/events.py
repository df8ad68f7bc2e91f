"""The journal as server-sent events."""

from typing import Any

from starlette.responses import Response, StreamingResponse

from mockserver.admin.context import Context
from mockserver.admin.journal import JournalQuery, check_names
from mockserver.admin.request import InvalidRequest
from mockserver.admin.streams import JournalSubscription, follow
from mockserver.foundation.connection import connection_of

_TYPE = "text/event-stream"


def follow_journal(context: Context, query: JournalQuery) -> Any:
    """Follow the calls of a sandbox: one server-sent event each, from now on or after an id"""
    context.api.streams.check()
    check_names(context, query.provider, query.operation)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if context.method == "HEAD":
        return Response(headers=headers, media_type=_TYPE)
    subscription = JournalSubscription(context.services.sandboxes, context.sandbox, connection_of(context.scope))
    events = follow(context.api.streams, subscription, _start(context, query), query.matches)
    return StreamingResponse(events, headers=headers, media_type=_TYPE)


def _start(context: Context, query: JournalQuery) -> int:
    """A client that was cut off says what it read last, and that is newer than what its address says."""
    last = context.header("last-event-id")
    if last is None:
        return query.after if "after" in query.model_fields_set else context.sandbox.journal.total
    if not (last.isascii() and last.isdecimal() and len(last) < 16):
        raise InvalidRequest(
            400, "malformed", [{"pointer": "/Last-Event-ID", "detail": "the header is not the id of an event"}]
        )
    return int(last)
