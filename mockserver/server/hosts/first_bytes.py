"""The first bytes of a connection are looked at, and those that it can do without are read."""

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

CONNECT = b"CONNECT "
"""The beginning of a request for a tunnel."""


class ClientHungUp(Exception):
    """Raised when the client hung up, or was refused, before it sent a request to serve."""


async def _readable(connection: socket.socket) -> None:
    """Waits until there is something to read, and reads nothing."""
    loop, is_readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(connection, is_readable.set)
    try:
        await is_readable.wait()
    finally:
        loop.remove_reader(connection)


async def peek(connection: socket.socket, size: int) -> bytes:
    """Returns the first bytes that came, without reading them. Raises ClientHungUp when the client hung up."""
    await _readable(connection)
    try:
        first = connection.recv(size, socket.MSG_PEEK)
    except BlockingIOError:
        return b""
    if not first:
        raise ClientHungUp
    return first


async def read_start(connection: socket.socket) -> bytes:
    """Reads the beginning of a request as far as it is that of a CONNECT, since what is not read is no news again."""
    start = b""
    while start != CONNECT:
        part = await peek(connection, len(CONNECT) - len(start))
        if not CONNECT.startswith(start + part):
            break
        start += connection.recv(len(part))
    return start


async def in_time(work: Coroutine[Any, Any, T], seconds: float) -> T:
    """Returns the result of what a client is waited for. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        return await work
