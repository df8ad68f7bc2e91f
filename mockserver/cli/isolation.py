"""Runs a command in a network of its own, in which the real hosts are this machine, and nothing else is there."""

import json
import os
import socket
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from mockserver.cli.supervisor import CommandNotStarted
from mockserver.server.embedded import EmbeddedServer

_PORTS = (443, 80)
"""The ports of the real hosts."""
_FORBIDDEN = 2
_MOST_SOCKETS = 64
_BY_HAND = """\
--isolate needs a user and a network namespace of Linux, and here there is none ({reason}); by hand, as root, it is
  echo '127.0.0.1 {hosts}' >> /etc/hosts
  mockserver serve --tls --port 443 &
  SSL_CERT_FILE=… COMMAND        # the file that `ca` of its first line names"""


class Isolation:
    """The network of one command. Its sockets are made inside of it, and served by the server outside."""

    def __init__(self, server: EmbeddedServer, folder: Path, ports: Iterable[int]) -> None:
        """Writes the files that are different there into the folder; the server is at the ports there, too."""
        assert server.app.hosting is not None, "the server has real hosts"
        self._server, self._hosts = server, list(server.app.hosting.routes)
        self._control, self._inherited = socket.socketpair()
        self._inherited.set_inheritable(True)
        self._plan = {"files": dict(_write_files(folder, self._hosts)), "ports": list(dict.fromkeys([*ports, *_PORTS]))}

    def words(self, words: Sequence[str]) -> list[str]:
        """Returns the words of a command that becomes this one in the network. Raises CommandNotStarted."""
        if sys.platform != "linux":
            raise self._refusal(f"it is {sys.platform}")
        from mockserver.server.hosts import isolated_command

        program = [sys.executable, "-I", "-S", isolated_command.__file__]
        return [*program, str(self._inherited.fileno()), json.dumps(self._plan), *words]

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serves the network of the command that was just started while the block lasts. Raises CommandNotStarted."""
        from mockserver.server.hosts.isolated_command import READY

        self._inherited.close()
        with self._control:
            message, descriptors, *_ = socket.recv_fds(self._control, 1_000, _MOST_SOCKETS)
            if message != READY:
                raise self._refusal(message.decode("utf-8", "replace") or "the command did not start")
            names, *listeners = [socket.socket(fileno=descriptor) for descriptor in descriptors]
            with self._server.serve_network(names, listeners):
                self._control.sendall(b"\n")
                yield

    def _refusal(self, reason: str) -> CommandNotStarted:
        return CommandNotStarted(_BY_HAND.format(reason=reason, hosts=" ".join(self._hosts)), _FORBIDDEN)


def _write_files(folder: Path, hosts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Writes the files by which names are looked up; yields the place of each, and what is there instead."""
    lines = [line for line in _lines("/etc/hosts") if _is_loopback(line)]
    ours = f"127.0.0.1 localhost {socket.gethostname()}\n::1 localhost\n127.0.0.1 {' '.join(hosts)}\n"
    order = [line for line in _lines("/etc/nsswitch.conf") if not line.lstrip().startswith("hosts:")]
    for name, text in (
        ("hosts", "".join(f"{line}\n" for line in lines) + ours),
        ("resolv.conf", "nameserver 127.0.0.1\noptions attempts:1 timeout:5\n"),
        ("nsswitch.conf", "".join(f"{line}\n" for line in order) + "hosts: files dns\n"),
    ):
        file = folder / name
        file.write_text(text, encoding="utf-8")
        yield f"/etc/{name}", os.fspath(file)


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _is_loopback(line: str) -> bool:
    words = line.split()
    try:
        return bool(words) and ip_address(words[0]).is_loopback
    except ValueError:
        return False
