"""Audiences that name this very server: clients know it by other hosts and ports than the one that they call."""

from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from mockserver.provider_api.auth.oauth2 import without_sandbox

_PORTS = {"http": 80, "https": 443}


def path_below(text: str, base_url: str, provider: str, *, real_hosts: Collection[str]) -> str | None:
    """Returns the path that a URL has below a provider's address here, under any host name; None for any other URL.

    Only the path tells whose a URL is, since containers, proxies and `localhost` give the server other hosts and ports.
    A provider with a port or a host of its own has no path there: the port tells, or the path that it has elsewhere,
    which begins with its name. The `real_hosts` are never this server.
    """
    url, base = _split(text), _split(base_url)
    if url is None or base is None or url.hostname in real_hosts:
        return None
    path, start = without_sandbox(url.path).rstrip("/"), without_sandbox(base.path).rstrip("/")
    if not start and _port(url) != _port(base):
        start = f"/{provider}"
    return path.removeprefix(start) if path == start or path.startswith(f"{start}/") else None


def _split(text: str) -> SplitResult | None:
    """Returns the parts of an address; None for what has no host, or has more than an address."""
    try:
        url = urlsplit(text)
        has_port = _port(url) is not None
    except ValueError:
        return None
    return url if has_port and url.hostname and not (url.query or url.fragment or url.username) else None


def _port(url: SplitResult) -> int | None:
    return url.port or _PORTS.get(url.scheme)
