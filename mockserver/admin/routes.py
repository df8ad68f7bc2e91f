"""The form of an endpoint: its address, the models that it reads and answers, its handler.

The router, the reading of requests and the OpenAPI document all come from the table of these, `endpoints.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from mockserver.foundation.dataclass import dataclass

BELOW_SANDBOX = "/sandboxes/{sandbox}"


@dataclass(frozen=True, slots=True)
class EndpointSpec:
    """A call of the admin API. Its handler gets the context, then the body, then the query, those that there are."""

    method: str
    path: str
    """Below `/__admin`; of a sandbox's call, below the sandbox."""
    handler: Callable[..., Any]
    """An `async` one is awaited outside of the transaction, after the sandbox has caught up with its clock."""
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    """None is a text with another `media`, and no content with status 204."""
    status: int = 200
    media: str = "application/json"
    errors: Mapping[int, str] | None = None
    """Error statuses beside those that follow from the other members, with their reason."""
    file_limit: int | None = None
    """The most bytes of a file that it reads as its body, of whatever type; None for a call that reads no file."""
    headers: Mapping[str, str] | None = None
    """Request headers that it reads, each with what it means."""
    of_sandbox: bool = False
    """Whether it is for one sandbox; without `/sandboxes/{sandbox}` it is then for the default one."""

    @property
    def id(self) -> str:
        """The operationId: the handler's name."""
        first, *others = self.handler.__name__.split("_")
        return first + "".join(word.capitalize() for word in others)

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return (self.handler.__doc__ or "").strip().partition("\n")[0].rstrip(".")

    def paths(self) -> tuple[str, ...]:
        """Every path at which it is reached, below `/__admin`."""
        if not self.of_sandbox:
            return (self.path,)
        return (BELOW_SANDBOX + self.path, self.path) if self.path else (BELOW_SANDBOX,)


def by_path(endpoints: tuple[EndpointSpec, ...]) -> dict[str, dict[str, EndpointSpec]]:
    """The endpoints by path and method. An address that is there twice is a mistake: ValueError."""
    table: dict[str, dict[str, EndpointSpec]] = {}
    for endpoint in endpoints:
        for path in endpoint.paths():
            if table.setdefault(path, {}).setdefault(endpoint.method, endpoint) is not endpoint:
                raise ValueError(f"{endpoint.method} {path} is there twice")
    return table
