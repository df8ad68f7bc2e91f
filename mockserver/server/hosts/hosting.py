"""Everything that a server has for real hosts: their routes, the authority of their certificates, what it refused."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mockserver.foundation.dataclass import dataclass
from mockserver.pipeline.refused_hosts import RefusedHosts
from mockserver.server.hosts.routes import HostRoutes

if TYPE_CHECKING:
    from mockserver.server.hosts.authority import Authority


@dataclass(frozen=True, slots=True)
class Hosting:
    """The real hosts of one server."""

    routes: HostRoutes
    refused: RefusedHosts
    authority: "Authority | None"
    """None when the server speaks HTTP only."""

    @property
    def places(self) -> Mapping[str, str]:
        """The place to which each host leads, such as `gsl` or `gsl/oauth`."""
        places = {host: route.provider + route.prefix for host, route in self.routes.items()}
        for host, route in self.routes.items():
            places |= {host + theirs: route.provider + ours for theirs, ours in route.moved}
        return places

    @property
    def refusals(self) -> Mapping[str, int]:
        """The number of calls to every other host that this process refused."""
        return self.refused.counts

    @property
    def certificate(self) -> bytes | None:
        """The certificate that clients have to trust, in PEM; None without TLS."""
        return None if self.authority is None else self.authority.pem
