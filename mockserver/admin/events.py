"""The journal as server-sent events."""

from typing import Any

from starlette.responses import Response, StreamingResponse

from mockserver.admin.context import Context
from mockserver.admin.journal import JournalQuery, need_names
from mockserver.admin.request import Wrong
from mockserver.admin.streams import JournalSubscription, follow
from mockserver.foundation.connection import connection_of

_TYPE = "text/event-stream"


def follow_journal(context: Context, query: JournalQuery) -> Any:
    """Follow the calls of a sandbox: one server-sent event each, from now on or after an id"""
    context.streams.check()
    need_names(context, query.provider, query.operation)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if context.method == "HEAD":
        return Response(headers=headers, media_type=_TYPE)
    where = JournalSubscription(context.server.sandboxes, context.sandbox, connection_of(context.scope))
    events = follow(context.streams, where, _start(context, query), query.fits)
    return StreamingResponse(events, headers=headers, media_type=_TYPE)


def _start(context: Context, query: JournalQuery) -> int:
    """A client that was cut off says what it read last, and that is newer than what its address says."""
    said = context.header("last-event-id")
    if said is None:
        return query.after if "after" in query.model_fields_set else context.sandbox.journal.total
    if not (said.isascii() and said.isdecimal() and len(said) < 16):
        raise Wrong(400, "malformed", [{"pointer": "/Last-Event-ID", "detail": "the header is not the id of an event"}])
    return int(said)
