"""Connections on which real hosts are called: each request goes to the provider of its host, or is refused."""

from collections.abc import Callable, Set
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

from mockserver.foundation.connection import SANDBOX
from mockserver.foundation.dataclass import dataclass
from mockserver.server.hosts.hosting import Hosting
from mockserver.server.hosts.routes import HostRoute, host_name
from mockserver.server.parsed_heads import ParsedHeads
from mockserver.server.refusals import RequestRefused, target_refused
from mockserver.server.request_target import ProviderAddress, RequestTargets
from mockserver.server.uvicorn_protocol import HttpProtocol

FindAtHost = Callable[[HostRoute, str, str | None], ProviderAddress | None]
"""Returns the address to which a percent-encoded path of a real host leads, in a sandbox if one is named.

None where calls take the way of ASGI."""


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """The rules of the connections at one socket."""

    refuses_others: bool = False
    """Whether a Host that is neither a provider's nor this machine's is refused: the client was led here."""
    sandbox_id: str | None = None
    """The sandbox of all calls to real hosts; None leaves it to their credentials."""


NO_RESTRICTION = AccessPolicy()
"""The rules for clients that call this server on purpose."""


class HostTargets:
    """The targets of requests by host and sandbox, for all connections of one server."""

    def __init__(self, find: FindAtHost, hosting: Hosting, own_ports: Set[int]) -> None:
        self._find = find
        self.hosting = hosting
        self.own_ports = own_ports
        self._targets: dict[tuple[HostRoute, str | None], RequestTargets] = {}

    def at(self, route: HostRoute, sandbox_id: str | None) -> RequestTargets:
        """Returns the targets at the hosts of a route."""
        key = route, sandbox_id
        if (targets := self._targets.get(key)) is None:
            targets = RequestTargets(lambda path, port: self._find(route, path, sandbox_id), None)
            self._targets[key] = targets
        return targets

    def forget(self, sandbox_id: str) -> None:
        """Drops what is remembered of a sandbox that is gone."""
        for key in [key for key in self._targets if key[1] == sandbox_id]:
            del self._targets[key]


class HostedProtocol(HttpProtocol):
    """A connection of a client that may call real hosts, as their server or as its proxy."""

    def __init__(
        self, *arguments: Any, host_targets: HostTargets, policy: AccessPolicy, start: bytes, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self._host_targets = host_targets
        self._policy = policy
        self._start = start
        """Bytes that were read before there was a protocol."""
        self._route: HostRoute | None = None
        """The route of the request under way; None when it is for this server itself."""
        self._wire_scheme: Literal["http", "https"] = "http"

    def connection_made(self, transport: Any) -> None:
        """A client connected."""
        super().connection_made(transport)
        self._own_targets, self._wire_scheme = self._targets, self.scheme or "http"
        # What a head leads to depends on the policy, too, and the next socket at this port may have another one.
        self._heads = ParsedHeads()
        if self._policy.sandbox_id is not None:
            self._extensions = {**self._extensions, SANDBOX: self._policy.sandbox_id}
        if self._start:
            self.data_received(self._start)

    def on_headers_complete(self) -> None:
        """The last byte before a body: from here on the request has its host."""
        is_proxied = not self.url.startswith((b"/", b"*"))
        if is_proxied and self.parser.get_method() != b"CONNECT":
            self._take_absolute()
        else:
            is_proxied, self.scheme = False, self._wire_scheme
        host = "" if self._host is None else self._host.decode("latin-1")
        route = self._route = self._host_targets.hosting.routes.find(host)
        if route is not None:
            self._targets = self._host_targets.at(route, self._policy.sandbox_id)
        elif (is_proxied or self._policy.refuses_others) and not self._is_own(host, is_proxied):
            method = self.parser.get_method().decode("latin-1")
            refused = self._host_targets.hosting.refused
            raise RequestRefused(403, refused.refuse(method, host, self._policy.sandbox_id))
        else:
            self._targets = self._own_targets
        super().on_headers_complete()

    def _take_absolute(self) -> None:
        """Makes `GET http://host/path`, as clients send it to a proxy, the same request of that host's own server."""
        url = self.url.decode("latin-1")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise target_refused(self.url) from None
        scheme: Literal["http", "https"] = "https" if parts.scheme == "https" else "http"
        if parts.scheme != scheme or not parts.hostname or "@" in parts.netloc:
            raise target_refused(self.url)
        if port is not None and port == {"http": 80, "https": 443}[scheme]:
            authority = parts.netloc.rpartition(":")[0]
        else:
            authority = parts.netloc
        self._host = authority.encode("latin-1")
        self.headers[:] = [(b"host", self._host), *(entry for entry in self.headers if entry[0] != b"host")]
        path = url[url.index("//") + 2 + len(parts.netloc) :]
        self.url = (path if path.startswith("/") else f"/{path}").encode("latin-1")
        # A client whose proxy support is simple asks for an https address in clear.
        self.scheme, self._origin_host = scheme, None

    def _is_own(self, host: str, is_proxied: bool) -> bool:
        """Tells whether a host is this very server; another port of this machine is not for a proxy to reach."""
        name = host_name(host)
        try:
            is_local = ip_address(name).is_loopback
        except ValueError:
            is_local = name in ("localhost", "")
        if not is_local or not is_proxied:
            return is_local
        port = host.rpartition(":")[2]
        return port.isdigit() and int(port) in self._host_targets.own_ports

    def _get_origin(self) -> str:
        if self._route is None or self._host is None:
            return super()._get_origin()
        return f"{self.scheme}://{self._host.decode('latin-1')}"
