"""The ASGI lifespan: the dispatcher works as long as the server does."""

import asyncio
from contextlib import suppress
from typing import Any, Protocol

from starlette.types import Receive, Send


class LoopWorker(Protocol):
    """Something that works in the event loop of a server."""

    def start(self) -> None:
        """Begins in the running event loop."""

    async def stop(self) -> None:
        """Ends the work."""


async def run_lifespan(dispatcher: LoopWorker, receive: Receive, send: Send) -> None:
    """Starts the dispatcher with the server, and stops it before the server's event loop ends."""
    # A server that is made to end at once only cancels this, together with all that the dispatcher does.
    with suppress(asyncio.CancelledError):
        while True:
            message: Any = await receive()
            if message["type"] == "lifespan.startup":
                dispatcher.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await dispatcher.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return
