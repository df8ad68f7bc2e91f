"""The front of a port that speaks HTTP, HTTPS and the language of proxies: the first bytes say which it is.

They are looked at before they are read. So what follows is served as by any other port, with TLS or without.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from mockserver.foundation.logging import log_failure
from mockserver.server.hosts.first_bytes import CONNECT, ClientHungUp, in_time, peek, read_start
from mockserver.server.hosts.protocol import NO_RESTRICTION, AccessPolicy, HostedProtocol, HostTargets
from mockserver.server.hosts.routes import host_name
from mockserver.server.limits import ConnectionLimit, Limits
from mockserver.server.refusals import refusal_bytes

log = logging.getLogger("mockserver.server")

MakeProtocol = Callable[[AccessPolicy, bytes], HostedProtocol]
"""Makes the protocol of a connection, of which some bytes were read already."""

_HANDSHAKE = b"\x16"
"""The first byte of a TLS connection."""
_END = b"\r\n\r\n"
_MAX_HEAD = 16_384
"""The most bytes of the head of a CONNECT."""
_BACKLOG = 2_048
_DRAINED = 65_536
"""The most bytes that are read at once, and thrown away, of a client that was refused."""
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_DISTRUST = {"TLSV1_ALERT_UNKNOWN_CA", "SSLV3_ALERT_BAD_CERTIFICATE", "SSLV3_ALERT_CERTIFICATE_UNKNOWN"}
"""Alerts of clients that do not trust a certificate."""
_ENDED = {"CALLBACK_FAILED", "UNEXPECTED_EOF_WHILE_READING"}
"""Reasons that are told otherwise, or are none: a name that was refused, and a client that hung up."""


class Front:
    """Accepts the connections of some sockets, and serves each by what it speaks."""

    def __init__(
        self,
        targets: HostTargets,
        make_protocol: MakeProtocol,
        open_connections: Callable[[], int],
        limits: Limits,
        connection_limit: ConnectionLimit,
    ) -> None:
        """`open_connections` counts those that have a protocol."""
        self._targets = targets
        self._make_protocol = make_protocol
        self._open_connections = open_connections
        self._limits = limits
        self._connection_limit = connection_limit
        self._accepting: dict[socket.socket, asyncio.Task[None]] = {}
        self._opening: set[asyncio.Task[None]] = set()

    def open(self, sock: socket.socket, policy: AccessPolicy = NO_RESTRICTION) -> None:
        """Accepts connections from now on at a bound socket, which stays the caller's to close."""
        sock.listen(_BACKLOG)
        sock.setblocking(False)
        self._accepting[sock] = asyncio.get_running_loop().create_task(self._accept(sock, policy))

    async def close(self, sock: socket.socket) -> None:
        """Accepts no more connections at a socket, which can be closed then; those that are open stay."""
        if (task := self._accepting.pop(sock, None)) is not None:
            await _end(task)

    async def close_all(self) -> None:
        """Accepts no more connections, and gives up those that have no protocol yet."""
        for sock in list(self._accepting):
            await self.close(sock)
        for task in list(self._opening):
            await _end(task)

    async def _accept(self, sock: socket.socket, policy: AccessPolicy) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(sock)
            except OSError as error:
                # Too many files, mostly: the client waits in the queue meanwhile.
                log.warning("a connection cannot be accepted: %s", error.strerror or error)
                await asyncio.sleep(1)
                continue
            task = loop.create_task(self._serve(connection, policy))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _serve(self, connection: socket.socket, policy: AccessPolicy) -> None:
        """Serves one connection up to its protocol, which closes it; what goes wrong before that is the client's."""
        if self._connection_limit.refuses(len(self._opening) + self._open_connections()):
            connection.close()
            return
        connection.setblocking(False)
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host, limits = "", self._limits
        try:
            first = await in_time(peek(connection, 1), limits.idle)
            start = await in_time(read_start(connection), limits.head)
            if start == CONNECT:
                host = await in_time(self._open_tunnel(connection, policy), limits.head)
                policy, start = _in_tunnel(policy), b""
                first = await in_time(peek(connection, 1), limits.idle)
        except (OSError, TimeoutError, ClientHungUp):
            connection.close()
            return
        except asyncio.CancelledError:
            connection.close()
            raise
        except Exception:
            connection.close()
            log_failure(log, "a connection could not be opened")
            return
        authority = self._targets.hosting.authority
        context = None
        if authority is not None and first.startswith(_HANDSHAKE):
            context = authority.strict_context if policy.refuses_others else authority.context
        await self._hand_over(connection, partial(self._make_protocol, policy, start), context, host)

    async def _hand_over(
        self,
        connection: socket.socket,
        make_protocol: Callable[[], HostedProtocol],
        context: ssl.SSLContext | None,
        host: str,
    ) -> None:
        timeout = None if context is None else self._limits.head
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                make_protocol, connection, ssl=context, ssl_handshake_timeout=timeout
            )
        except ssl.SSLError as error:
            # The alert that a client sends says most: that it does not trust the authority, above all.
            if error.reason not in _ENDED:
                log.warning("a TLS connection%s failed: %s", f" to {host}" if host else "", _reason(error))
        except OSError:
            # The client hung up, or was silent for too long.
            pass

    async def _open_tunnel(self, connection: socket.socket, policy: AccessPolicy) -> str:
        """Reads a CONNECT, and answers it: with a tunnel that ends here, or a refusal. Raises ClientHungUp."""
        head = await self._read_head(connection)
        words = head.partition(b"\r\n")[0].split(b" ")
        if len(words) != 3 or not words[2].startswith(b"HTTP/1.") or b":" not in words[1]:
            await self._refuse(connection, 400, "CONNECT needs `host:port`, and HTTP/1.1.")
        target = words[1].decode("latin-1")
        hosting = self._targets.hosting
        if not (hosting.routes.find(target) or self._is_own(target)):
            detail = hosting.refused.refuse("CONNECT", target, policy.sandbox_id)
            await self._refuse(connection, 403, detail)
        await asyncio.get_running_loop().sock_sendall(connection, _ESTABLISHED)
        return host_name(target)

    async def _read_head(self, connection: socket.socket) -> bytes:
        """Reads the head of a CONNECT, of which the method was read, and no byte that follows. Raises ClientHungUp."""
        head = CONNECT
        while not head.endswith(_END):
            part = await peek(connection, 4_096)
            end = (head + part).find(_END)
            head += connection.recv(len(part) if end < 0 else end + len(_END) - len(head))
            if len(head) > _MAX_HEAD:
                await self._refuse(connection, 431, f"The head of a CONNECT is larger than {_MAX_HEAD} bytes.")
        return head

    async def _refuse(self, connection: socket.socket, status: int, detail: str) -> None:
        """Refuses a CONNECT, and reads what still comes for a while: else the client might not get to read it.

        Raises ClientHungUp.
        """
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(connection, refusal_bytes(status, detail))
        connection.shutdown(socket.SHUT_WR)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.linger):
                while await loop.sock_recv(connection, _DRAINED):
                    pass
        raise ClientHungUp

    def _is_own(self, target: str) -> bool:
        port = target.rpartition(":")[2]
        is_local = host_name(target) in ("localhost", "127.0.0.1", "::1")
        return is_local and port.isdigit() and int(port) in self._targets.own_ports


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _in_tunnel(policy: AccessPolicy) -> AccessPolicy:
    return AccessPolicy(refuses_others=True, sandbox_id=policy.sandbox_id)


def _reason(error: ssl.SSLError) -> str:
    if error.reason in _DISTRUST:
        return "the client does not trust the authority of this run; /__admin/ca.pem is its certificate"
    return str(error.reason or error)
