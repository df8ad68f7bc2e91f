"""Becomes a command in a network of its own. It is run as a program, and imports nothing but the standard library.

Its words are the descriptor of a socket to the server, a plan in JSON, and those of the command. In the network there
is nothing but a loopback, at which the server listens: the sockets are made here, and sent to it.
"""

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
from collections.abc import Mapping

NOT_FOUND, NOT_EXECUTABLE, FORBIDDEN = 127, 126, 2
READY = b"ready"
"""The message that comes with the sockets; any other one says why there are none."""
_NEW_MOUNTS, _NEW_USER, _NEW_NETWORK = 0x0002_0000, 0x1000_0000, 0x4000_0000
_BIND, _RECURSIVE, _SLAVE = 4096, 16384, 1 << 19
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1
_BACKLOG = 2048


def main() -> None:
    """Enters the network, sends its sockets, and becomes the command once the server listens."""
    descriptor, plan, *words = sys.argv[1:]
    with socket.socket(fileno=int(descriptor)) as control:
        try:
            listeners = _enter(json.loads(plan))
        except OSError as error:
            control.sendall((error.strerror or str(error)).encode())
            sys.exit(FORBIDDEN)
        socket.send_fds(control, [READY], [listener.fileno() for listener in listeners])
        control.recv(1)
    for listener in listeners:
        listener.close()
    try:
        os.execvp(words[0], words)
    except FileNotFoundError:
        sys.stderr.write(f"mockserver: {words[0]!r} is not there; name a program, and then its arguments\n")
        sys.exit(NOT_FOUND)
    except OSError as error:
        sys.stderr.write(f"mockserver: {words[0]!r} cannot be run: {error.strerror}\n")
        sys.exit(NOT_EXECUTABLE)


def _enter(plan: Mapping[str, object]) -> list[socket.socket]:
    """Enters new namespaces, and returns sockets at their loopback. Raises OSError."""
    _unshare()
    _bring_up("lo")
    files, ports = plan["files"], plan["ports"]
    assert isinstance(files, dict)
    assert isinstance(ports, list)
    _call("mount", b"none", b"/", None, ctypes.c_ulong(_RECURSIVE | _SLAVE), None)
    for place, content in files.items():
        # A link, such as that of resolv.conf, is followed; where there is no file, nobody reads one.
        if os.path.exists(target := os.path.realpath(place)):
            _call("mount", os.fsencode(content), os.fsencode(target), None, ctypes.c_ulong(_BIND), None)
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))
    return [names, *(socket.create_server(("127.0.0.1", port), backlog=_BACKLOG) for port in ports)]


def _unshare() -> None:
    """Enters a user, a network and a mount namespace, as the same user; root needs no user namespace."""
    user, group = os.geteuid(), os.getegid()
    try:
        _call("unshare", ctypes.c_int(_NEW_USER | _NEW_NETWORK | _NEW_MOUNTS))
    except OSError:
        if user != 0:
            raise
        _call("unshare", ctypes.c_int(_NEW_NETWORK | _NEW_MOUNTS))
        return
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _bring_up(device: str) -> None:
    name = device.encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        flags = struct.unpack("16sh", fcntl.ioctl(sock, _GET_FLAGS, struct.pack("16sh", name, 0)))[1]
        fcntl.ioctl(sock, _SET_FLAGS, struct.pack("16sh", name, flags | _UP))


def _call(function: str, *arguments: object) -> None:
    """Calls a function of the C library. Raises OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main()
