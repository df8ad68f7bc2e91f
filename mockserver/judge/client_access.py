"""The way in which clients reach the judge's server: at which address, and whether by the real hosts."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.settings import SettingsError
from mockserver.foundation.settings_reading import read_settings
from mockserver.server.embedded import CommandServer, EmbeddedServer, SoleServer
from mockserver.server.listening import bind_all

if TYPE_CHECKING:
    from mockserver.server.host_access import HostAccess

_HOST = late_pattern(r"[A-Za-z0-9_.:-]{1,253}")
_WILDCARDS = ("", "0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class ClientAccess:
    """The way that is asked for."""

    hosts: bool = False
    """Whether clients are led here when they call real hosts; every other host is refused."""
    listen: str | None = None
    """The address to listen on; None is this machine only."""
    public_host: str | None = None
    """The name by which clients know this machine; None is the address on which it listens."""

    @property
    def name(self) -> str:
        """The host in the addresses that clients get."""
        listen = self.listen or "127.0.0.1"
        name = self.public_host or ("127.0.0.1" if listen in _WILDCARDS else listen)
        return f"[{name}]" if ":" in name else name

    def make_server(self, *, alone: bool, **settings: Any) -> EmbeddedServer:
        """Makes the server. `alone` says that the process is the judge's. Raises SettingsError."""
        if self.public_host is not None and not _HOST.fullmatch(self.public_host):
            raise SettingsError(
                f"--public-host {self.public_host}: that is no host; a name such as host.docker.internal is right, or "
                "an address"
            )
        settings["tls"] = self.hosts
        if self.listen is not None:
            return CommandServer(read_settings({**settings, "host": self.listen, "port": 0}))
        return (SoleServer if alone else EmbeddedServer)(**settings)

    def url_of(self, server: EmbeddedServer) -> str:
        """Returns the address of the server as clients know it."""
        return f"http://{self.name}:{server.url.rpartition(':')[2]}"

    def open_socket(self) -> socket.socket:
        """Returns a new socket that clients reach."""
        sock, *others = bind_all(self.listen or "127.0.0.1", 0)
        for other in others:
            other.close()
        return sock


class HostVariables:
    """Makes the variables by which the clients of a server are led to it from real hosts, if they are to be."""

    def __init__(self, access: ClientAccess, server: EmbeddedServer, stack: ExitStack) -> None:
        """Writes what clients have to trust into a folder that is there until the stack is closed."""
        self._access = access
        self._host_access = _open_host_access(access, server, stack) if access.hosts else None

    @contextmanager
    def of(self, sandbox_id: str) -> Iterator[Mapping[str, str]]:
        """Yields the variables of a client of one sandbox, which lead it there until the end of the block."""
        if self._host_access is None:
            yield {}
            return
        with self._host_access.variables(sandbox_id, self._access.open_socket()) as variables:
            yield variables


def _open_host_access(access: ClientAccess, server: EmbeddedServer, stack: ExitStack) -> "HostAccess":
    from mockserver.server.host_access import HostAccess

    folder = stack.enter_context(TemporaryDirectory(prefix="mockserver-hosts-", ignore_cleanup_errors=True))
    return HostAccess(server, Path(folder), access.name)
