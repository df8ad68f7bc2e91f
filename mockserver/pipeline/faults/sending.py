"""Sending a response by the plan of a fault: late, in pieces or not to its end."""

import asyncio

from starlette.types import Scope, Send

from mockserver.foundation.asgi import length_of
from mockserver.foundation.responses import EncodedResponse
from mockserver.pipeline.faults.delay import ResponseDelay
from mockserver.sandbox.faults import SendPlan

_MIN_PIECE = 4096
"""Bytes sent at a time when there is no rest between pieces."""


async def send_planned(
    response: EncodedResponse, plan: SendPlan, delay: ResponseDelay, scope: Scope, send: Send
) -> None:
    """Sends a response by its plan. In process a reset is a ConnectionResetError."""
    await delay.until(plan.pause)
    connection = delay.connection
    if response.status:
        length = length_of(len(response.body) if plan.length is None else plan.length)
        headers = [*response.headers, length]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await _send_body(b"" if scope["method"] == "HEAD" else response.body, plan, delay, send)
    if plan.end == "reset" and connection is None:
        raise ConnectionResetError("a fault reset the connection, as it was asked to")
    if plan.end and connection is not None:
        await connection.end(reset=plan.end == "reset")


async def _send_body(body: bytes, plan: SendPlan, delay: ResponseDelay, send: Send) -> None:
    # What breaks off is not complete for the server either; in process nobody counts, and the body must end.
    breaks_off = plan.end == "reset" or (plan.end == "close" and delay.connection is not None)
    # Without a rest between them nobody can tell small pieces from large ones.
    size = max(plan.piece, _MIN_PIECE) if plan.piece and not plan.between else plan.piece or len(body)
    for number, start in enumerate(range(0, max(1, len(body)), max(1, size))):
        await delay.until(number * plan.between)
        if number:
            # Others have their turn, also where nobody waits for the client.
            await asyncio.sleep(0)
        more = breaks_off or start + size < len(body)
        await send({"type": "http.response.body", "body": body[start : start + size], "more_body": more})
