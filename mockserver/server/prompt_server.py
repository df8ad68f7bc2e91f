"""An HTTP server that stops as soon as it is told to."""

import asyncio
import socket
from contextlib import suppress

import uvicorn

_LOOK = 0.01
"""Seconds between two looks at calls that are under way when it stops."""


class PromptServer(uvicorn.Server):
    """A server in a thread; uvicorn's own looks ten times a second whether it is to stop, and then waits once more."""

    _loop: asyncio.AbstractEventLoop | None = None
    _stopped: asyncio.Event | None = None

    def stop(self) -> None:
        """Lets it stop; called from any thread, at any time."""
        self.should_exit = True
        if self._loop is not None and self._stopped is not None:
            with suppress(RuntimeError):  # the loop is closed, so it has stopped
                self._loop.call_soon_threadsafe(self._stopped.set)

    async def main_loop(self) -> None:
        """Waits until it is to stop."""
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        # It sets the headers of every answer, once.
        await self.on_tick(0)
        if not self.should_exit:
            await self._stopped.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Lets calls under way end, for as long as the configuration says, and the application after them."""
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        state, loop = self.server_state, asyncio.get_running_loop()
        for connection in list(state.connections):
            connection.shutdown()
        until = loop.time() + (self.config.timeout_graceful_shutdown or 0)
        while (state.connections or state.tasks) and loop.time() < until:
            await asyncio.sleep(_LOOK)
        for task in state.tasks:
            task.cancel()
        await self.lifespan.shutdown()
