"""The way of client programs to the real hosts that a server answers: a proxy port, and the variables that name it."""

import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from mockserver.server.embedded import EmbeddedServer
from mockserver.server.hosts.client_variables import client_variables, write_trust_files


class HostAccess:
    """Leads programs to one server, which was made with `tls`, whatever host they call."""

    def __init__(
        self,
        server: EmbeddedServer,
        folder: Path,
        name: str = "127.0.0.1",
        *,
        inherited: Mapping[str, str] | None = None,
        direct: Iterable[str] = (),
    ) -> None:
        """Writes what programs have to trust into the folder. They know this machine by the name.

        `inherited` is what the user has in variables, by default those of this process; `direct` are hosts that
        programs call without a proxy.
        """
        hosting = server.app.hosting
        assert hosting is not None, "the server has real hosts"
        assert hosting.authority is not None, "the server speaks HTTPS"
        self._server, self._name, self._hosting = server, name, hosting
        public = urlsplit(server.app.public_url or "").hostname
        self._own_names = [name, *([] if public is None else [public]), *direct]
        self._inherited = os.environ if inherited is None else inherited
        self._files = write_trust_files(hosting.authority, folder, self._inherited)

    @contextmanager
    def variables(self, sandbox_id: str | None = None, sock: socket.socket | None = None) -> Iterator[dict[str, str]]:
        """Yields the variables of a program, which lead it here until the end of the block.

        All its calls to real hosts are for the sandbox, if one is named; the socket is the one that it can reach.
        """
        with self._server.open_proxy(sandbox_id, sock) as port:
            proxy = f"http://{self._name}:{port}"
            yield client_variables(proxy, self._hosting.routes, self._files, self._inherited, self._own_names)
