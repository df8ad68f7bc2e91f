"""The dispatcher of a server is made when a webhook may be due somewhere: most servers never send one."""

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import ref

from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from mockserver.delivery.dispatcher import WebhookDispatcher


class DeferredDispatcher:
    """Watches all sandboxes until something may be due in one of them; from then on the dispatcher does."""

    def __init__(self, sandboxes: SandboxRegistry, make: "Callable[[], WebhookDispatcher]") -> None:
        """`make` returns a dispatcher, which looks at the sandboxes that there are."""
        self._sandboxes = sandboxes
        self._make = make
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_made = False
        sandboxes.listeners.add(self._watch)
        for sandbox in sandboxes.all_loaded():
            self._watch(sandbox)

    @cached_property
    def dispatcher(self) -> "WebhookDispatcher":
        """The dispatcher; it works in the event loop of the server, if that runs."""
        self._is_made = True
        self._sandboxes.listeners.discard(self._watch)
        dispatcher = self._make()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(dispatcher.start)
        return dispatcher

    def start(self) -> None:
        """Begins with the event loop of the server. Any thread may wake the dispatcher from then on."""
        self._loop = asyncio.get_running_loop()
        # What other processes left undone in a shared store is not told by any change here.
        if self._is_made or self._sandboxes.repository.shared:
            self.dispatcher.start()

    async def stop(self) -> None:
        """Ends the work before the event loop does."""
        self._loop = None
        if self._is_made:
            await self.dispatcher.stop()

    def _watch(self, sandbox: Sandbox) -> None:
        # Held weakly: its parts hold this function, and a cycle would outlive its deletion.
        watched = ref(sandbox)

        def look() -> None:
            alive = None if self._is_made else watched()
            if alive is not None and (alive.outbox or (alive.webhooks and alive.pending_leads)):
                _ = self.dispatcher

        for part in (sandbox.outbox, sandbox.webhooks, sandbox.pending_leads, sandbox.clock):
            part.listeners.add(look)
        look()
