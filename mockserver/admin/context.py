"""What a function of the admin API may look at: the server, the sandbox that is meant, and where the client stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.types import Scope

from mockserver.foundation.asgi import header, origin_of
from mockserver.foundation.problems import not_found
from mockserver.foundation.suggestions import Operations
from mockserver.provider_api.provider import Provider
from mockserver.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from mockserver.admin.streams import Streams
    from mockserver.server.app import MockServer


class Answer(NamedTuple):
    """An answer with headers of its own."""

    body: Any
    headers: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """One call of the admin API, read and checked."""

    server: "MockServer"
    streams: "Streams"
    scope: Scope
    here: Sandbox | None = None

    @property
    def url(self) -> str:
        """The origin of this server as the client addresses it."""
        return origin_of(self.scope)

    @property
    def params(self) -> Mapping[str, str]:
        """What stands in the path."""
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
        """The sandbox that is meant; functions that are called for one run inside its unit, unless they are `async`."""
        assert self.here is not None
        return self.here

    @property
    def operations(self) -> Operations:
        """The operations of every provider."""
        return {name: provider.contract.operations for name, provider in self.server.providers.items()}

    def provider(self) -> Provider:
        """The provider that the path names. Raises a 404."""
        return known_provider(self.server.providers, self.params["provider"])


def known_provider(providers: Mapping[str, Provider], name: str) -> Provider:
    """The provider of that name. Raises a 404."""
    if name not in providers:
        raise not_found(f"There is no provider {name!r}; there is {', '.join(providers)}.")
    return providers[name]
