"""Makes what a server needs for real hosts, from its settings."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from mockserver.foundation.settings import Settings
from mockserver.pipeline.refused_hosts import RefusedHosts
from mockserver.provider_api.provider import Provider
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.server.hosts.hosting import Hosting
from mockserver.server.hosts.routes import make_routes


def make_hosting(settings: Settings, providers: Mapping[str, Provider], sandboxes: SandboxRegistry) -> Hosting:
    """Returns the hosts of all providers, and those of the settings."""
    routes = make_routes(providers, settings.host_routes)
    authority = None
    if settings.tls:
        # What certificates need takes longer to load than all that serves HTTP.
        from mockserver.server.hosts.authority import make_authority

        authority = make_authority([*routes, *_own_names(settings)])
    return Hosting(routes, RefusedHosts(sandboxes), authority)


def _own_names(settings: Settings) -> Iterator[str]:
    """Yields the names by which clients know this server itself, where they are known."""
    if settings.public_url is not None and (name := urlsplit(settings.public_url).hostname):
        yield name
    try:
        is_wildcard = ip_address(settings.host).is_unspecified
    except ValueError:
        is_wildcard = not settings.host
    if not is_wildcard:
        yield settings.host.lower()
