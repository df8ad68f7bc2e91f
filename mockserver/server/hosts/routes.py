"""Routes from real hosts to providers: those that the providers are known by, and what a user adds."""

from collections.abc import Mapping
from typing import NamedTuple

from mockserver.foundation.settings import SettingsError
from mockserver.provider_api.provider import Provider


class HostRoute(NamedTuple):
    """The place in a provider to which all paths of a host lead."""

    provider: str
    prefix: str = ""
    """The path below the provider, without a slash at the end; a path that begins so stays as it is."""
    moved: tuple[tuple[str, str], ...] = ()
    """Beginnings of paths of the host that are others below the provider, the longest first."""

    def path(self, raw_path: str) -> str:
        """Returns the path below the provider's mount for one of the host, both percent-encoded."""
        for theirs, ours in self.moved:
            if raw_path == theirs or raw_path.startswith(f"{theirs}/"):
                return ours + raw_path[len(theirs) :] or "/"
        prefix = self.prefix
        if not prefix or raw_path == prefix or raw_path.startswith(f"{prefix}/"):
            return raw_path
        return prefix + raw_path


class HostRoutes(dict[str, HostRoute]):
    """The route of each host, by its name in lower case."""

    def find(self, authority: str) -> HostRoute | None:
        """Returns the route of the host that is in a Host or in an address, with any port."""
        return self.get(host_name(authority))


def host_name(authority: str) -> str:
    """Returns the host of `host[:port]` in lower case, without brackets, or a dot at the end."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()
    return authority.partition(":")[0].lower().removesuffix(".")


def make_routes(providers: Mapping[str, Provider], more: Mapping[str, str]) -> HostRoutes:
    """Returns the routes of all providers, and those of the setting."""
    routes = HostRoutes((host, HostRoute(name)) for name, provider in providers.items() for host in provider.hosts)
    # Whole hosts come before paths of them.
    for address, place in sorted(more.items(), key=lambda entry: "/" in entry[0]):
        (host, slash, path), (name, _, prefix) = address.partition("/"), place.partition("/")
        ours = f"/{prefix}" if prefix else ""
        if not slash:
            routes[host] = HostRoute(name, ours)
            continue
        route = routes.get(host, HostRoute(name))
        if route.provider != name:
            raise SettingsError(f"{host} is answered by {route.provider}, so {host}/{path} cannot be by {name}, too")
        moved = sorted([*route.moved, (f"/{path}", ours)], key=lambda pair: -len(pair[0]))
        routes[host] = route._replace(moved=tuple(moved))
    return routes
