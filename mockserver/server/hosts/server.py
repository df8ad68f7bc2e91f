"""uvicorn's server with another front: its ports speak HTTPS, and are proxies for real hosts."""

import asyncio
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn

from mockserver.server.hosts.front import Front
from mockserver.server.hosts.protocol import NO_RESTRICTION, AccessPolicy, HostedProtocol, HostTargets
from mockserver.server.limits import ConnectionLimit, Limits
from mockserver.server.listening import port_of
from mockserver.server.prompt_server import PromptServer

if TYPE_CHECKING:
    from mockserver.server.hosts.hosting import Hosting


class HostingServer(uvicorn.Server):
    """A server whose connections are opened by a `Front`."""

    def __init__(self, config: uvicorn.Config, limits: Limits) -> None:
        """Serves the `MockServer` of the configuration, which has real hosts."""
        super().__init__(config)
        app: Any = config.app
        hosting: Hosting = app.hosting
        self._limits, self._connection_limit = limits, ConnectionLimit()
        self._own_ports: set[int] = set()
        self._targets = HostTargets(app.find_at_host, hosting, self._own_ports)
        self._front: Front | None = None
        self._waiting: list[tuple[socket.socket, AccessPolicy]] = []
        """Sockets that are to be opened as soon as the server has started."""
        if hosting.authority is not None:
            hosting.authority.refuse_others(lambda name: hosting.refused.refuse("CONNECT", name))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to accept connections at the sockets."""
        await super().startup(sockets=[])
        protocol = partial(
            HostedProtocol,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            _loop=asyncio.get_running_loop(),
            limits=self._limits,
            connection_limit=self._connection_limit,
            targets={},
            heads={},
            host_targets=self._targets,
        )
        connections = self.server_state.connections
        self._front = Front(
            self._targets,
            lambda policy, start: protocol(policy=policy, start=start),
            lambda: len(connections),
            self._limits,
            self._connection_limit,
        )
        for sock, policy in [*((sock, NO_RESTRICTION) for sock in sockets or ()), *self._waiting]:
            self.open(sock, policy)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accepts no more connections, then ends as any server of uvicorn does."""
        if self._front is not None:
            await self._front.close_all()
        await super().shutdown(sockets)

    def open(self, sock: socket.socket, policy: AccessPolicy = NO_RESTRICTION) -> None:
        """Accepts connections at one more socket, which stays the caller's to close. To be called in the loop."""
        if self._front is None:
            self._waiting.append((sock, policy))
            return
        self._own_ports.add(port_of(sock))
        self._front.open(sock, policy)

    async def close(self, sock: socket.socket, policy: AccessPolicy = NO_RESTRICTION) -> None:
        """Accepts no more connections there, so that the socket can be closed, and forgets its sandbox."""
        self._own_ports.discard(port_of(sock))
        if self._front is not None:
            await self._front.close(sock)
        if policy.sandbox_id is not None:
            self._targets.forget(policy.sandbox_id)


class PromptHostingServer(HostingServer, PromptServer):
    """The same in a thread, which stops as soon as it is told to."""
