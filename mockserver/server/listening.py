"""Sockets are bound: one for each address of a host, all to the same port."""

import errno
import socket
from contextlib import ExitStack

from mockserver.foundation.settings import SettingsError

_TRIES = 20
"""Number of free ports that are tried until one is free at every address."""
_ABSENT = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
"""Errors of an address that a name has, but this machine has not, such as `::1` where IPv6 is off."""


def bind_all(host: str, port: int) -> list[socket.socket]:
    """Binds every address of a host; port 0 takes one that is free at all of them. Raises SettingsError.

    Two servers never share an address and a port: the second one is refused, on Windows, too.
    """
    addresses = _addresses(host, port)
    for attempt in range(1, _TRIES + 1):
        try:
            return _bind_each(addresses, port)
        except OSError as error:
            if port != 0 or error.errno != errno.EADDRINUSE or attempt == _TRIES:
                raise cannot_listen(host, port, error) from None
    raise AssertionError("the last attempt returns or raises")


def _addresses(host: str, port: int) -> list[tuple[int, str]]:
    """Returns the family and the numeric form of each address, IPv4 first: every client can reach it."""
    try:
        # As bytes, so that Python does not load what it takes to encode other names than those in ASCII.
        name = host.encode() if host.isascii() else host
        entries = socket.getaddrinfo(name or None, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise cannot_listen(host, port, error) from None
    unique = {(int(family), str(address[0])) for family, _, _, _, address in entries}
    if host.lower().rstrip(".") == "localhost":
        # Clients know both by heart (RFC 6761 §6.3), whatever the files of this machine say.
        unique |= {(int(socket.AF_INET), "127.0.0.1"), (int(socket.AF_INET6), "::1")}
    return sorted(unique, key=lambda entry: (entry[0] != socket.AF_INET, entry[1]))


def _bind_each(addresses: list[tuple[int, str]], port: int) -> list[socket.socket]:
    """Binds those of the addresses that this machine has. Raises the OSError of the last one when it has none."""
    absent: OSError | None = None
    with ExitStack() as stack:
        sockets: list[socket.socket] = []
        for family, address in addresses:
            try:
                sock = stack.enter_context(_bind(family, address, port, alone=len(addresses) == 1))
            except OSError as error:
                if error.errno not in _ABSENT:
                    raise
                absent = error
                continue
            sockets.append(sock)
            port = port_of(sock)
        if absent is not None and not sockets:
            raise absent
        stack.pop_all()
    return sockets


def _bind(family: int, address: str, port: int, *, alone: bool) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        refuse_sharing(sock)
        if family == socket.AF_INET6 and not alone:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    return sock


def refuse_sharing(sock: socket.socket) -> None:
    """Sets that a port is free again as soon as its server has ended, but not before."""
    exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
    if exclusive is None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    else:
        # On Windows SO_REUSEADDR would let a second server take the port of the first.
        sock.setsockopt(socket.SOL_SOCKET, exclusive, 1)


_ANOTHER = "`--port 0` takes a free one"


def cannot_listen(host: str, port: int, error: Exception) -> SettingsError:
    """Returns the refusal of a setting under which the server cannot listen."""
    reason = getattr(error, "strerror", None) or str(error)
    number = getattr(error, "errno", None)
    is_address = isinstance(error, socket.gaierror | UnicodeError) or number == errno.EADDRNOTAVAIL
    right = "an address of this machine is right, such as 127.0.0.1, or 0.0.0.0 for all" if is_address else _ANOTHER
    return SettingsError(f"cannot listen on {host}:{port}: {reason}; {right}")


def port_of(sock: socket.socket) -> int:
    """Returns the port to which a socket is bound."""
    port: int = sock.getsockname()[1]
    return port
