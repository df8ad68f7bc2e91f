"""How an answer is sent that a fault has struck: late, in pieces, or not to its end."""

from starlette.types import Scope, Send

from mockserver.foundation.asgi import length_of
from mockserver.foundation.connection import Connection, connection_of
from mockserver.pipeline.faults.delay import ResponseDelay
from mockserver.sandbox.faults import FaultHit
from mockserver.sandbox.sandbox import Sandbox

Headers = tuple[tuple[bytes, bytes], ...]


async def deliver(
    sandbox: Sandbox, hit: FaultHit, scope: Scope, send: Send, status: int, headers: Headers, body: bytes
) -> None:
    """Sends it, never while the sandbox's unit is open. In process a reset is a ConnectionResetError."""
    delivery, connection = hit.delivery, connection_of(scope)
    hold = ResponseDelay(sandbox, hit, connection)
    await hold.until(delivery.pause)
    if status:
        length = len(body) if delivery.length is None else delivery.length
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length_of(length)]})
        await _send_body(send, b"" if scope["method"] == "HEAD" else body, hit, hold, connection)
    if delivery.end == "reset" and connection is None:
        raise ConnectionResetError("a fault reset the connection, as it was asked to")
    if delivery.end and connection is not None:
        await connection.end(reset=delivery.end == "reset")


async def _send_body(
    send: Send, body: bytes, hit: FaultHit, hold: ResponseDelay, connection: Connection | None
) -> None:
    delivery = hit.delivery
    # What breaks off is not complete for the server either; in process nobody counts, and the body must end.
    breaks_off = delivery.end == "reset" or (delivery.end == "close" and connection is not None)
    pieces = _pieces(body, delivery.piece)
    for number, piece in enumerate(pieces):
        await hold.until(number * delivery.between)
        more = breaks_off or number + 1 < len(pieces)
        await send({"type": "http.response.body", "body": piece, "more_body": more})


def _pieces(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)] if size and body else [body]
