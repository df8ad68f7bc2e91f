"""A handler of the admin API gets one context: the server's services, the addressed sandbox, the request."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from starlette.types import Scope

from mockserver.admin.routes import EndpointSpec
from mockserver.admin.services import Services
from mockserver.admin.streams import Streams
from mockserver.foundation.asgi import address_of, header, origin_of, other_port, prefix_of
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.problems import not_found
from mockserver.foundation.suggestions import Operations, ended, hint
from mockserver.provider_api.provider import Provider
from mockserver.sandbox.sandbox import Sandbox


class AnswerWithHeaders(NamedTuple):
    """An answer that brings headers of its own."""

    body: Any
    headers: Sequence[tuple[str, str]] = ()


class EncodedAnswer(NamedTuple):
    """An answer that is JSON already: a large one is encoded part by part."""

    body: bytes


@dataclass(frozen=True, slots=True)
class AdminApi:
    """The parts of one admin API that all of its calls share."""

    services: Services
    endpoints: tuple[EndpointSpec, ...]
    """Every endpoint of the API, for its OpenAPI document."""
    streams: Streams


@dataclass(frozen=True, slots=True)
class Context:
    """The facts of one call of the admin API, after its request was read and checked."""

    api: AdminApi
    scope: Scope
    addressed: Sandbox | None = None
    """The sandbox of the path; None for a call that is for the whole server."""

    @property
    def services(self) -> Services:
        """The server that is controlled."""
        return self.api.services

    @property
    def url(self) -> str:
        """The address of this server as the client knows it, without a slash at the end."""
        return address_of(self.scope)

    @property
    def prefix(self) -> str:
        """The path of that address; nothing where the server is at the root."""
        return prefix_of(self.scope)

    @property
    def origins(self) -> Mapping[str, str]:
        """The addresses of the providers that have a port of their own."""
        origin = origin_of(self.scope)
        return {name: other_port(origin, port) for port, name in self.services.ports.items()}

    @property
    def params(self) -> Mapping[str, str]:
        """The parameters in the path."""
        params: Mapping[str, str] = self.scope["path_params"]
        return params

    @property
    def method(self) -> str:
        """GET, HEAD…"""
        return str(self.scope["method"])

    def header(self, name: str) -> str | None:
        """The first value of a request header; `name` in lower case."""
        return header(self.scope, name.encode())

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox of the path. Handlers of one run inside its transaction, unless they are `async`."""
        assert self.addressed is not None
        return self.addressed

    @property
    def operations(self) -> Operations:
        """The operations of every provider."""
        return {name: provider.contract.operations for name, provider in self.services.providers.items()}

    def provider(self) -> Provider:
        """The provider that the path names. Raises a 404."""
        return find_provider(self.services.providers, self.params["provider"])


def find_provider(providers: Mapping[str, Provider], name: str) -> Provider:
    """The provider of that name. Raises a 404."""
    if name not in providers:
        raise not_found(f"There is no provider {name!r}; {ended(hint(name, providers))}")
    return providers[name]
