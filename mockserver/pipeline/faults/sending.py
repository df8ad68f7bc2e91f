"""Sending a response by the plan of a fault: late, in pieces or not to its end."""

from starlette.types import Scope, Send

from mockserver.foundation.asgi import length_of
from mockserver.foundation.responses import EncodedResponse
from mockserver.pipeline.faults.delay import ResponseDelay
from mockserver.sandbox.faults import SendPlan


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
    pieces = _pieces(body, plan.piece)
    for number, piece in enumerate(pieces):
        await delay.until(number * plan.between)
        more = breaks_off or number + 1 < len(pieces)
        await send({"type": "http.response.body", "body": piece, "more_body": more})


def _pieces(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)] if size and body else [body]
