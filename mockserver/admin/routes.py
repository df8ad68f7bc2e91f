"""One row for each call of the admin API: what routes it, what it reads and answers, and who does it.

The router, the reading of requests and the OpenAPI document all come from these rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

BELOW_SANDBOX = "/sandboxes/{sandbox}"


@dataclass(frozen=True, slots=True)
class EndpointSpec:
    """A call. `do` gets the context, then the body, then the query, those of them that there are."""

    method: str
    path: str
    """Below `/__admin`; of a sandbox's call, below the sandbox."""
    do: Callable[..., Any]
    """One that is `async` is awaited outside of the sandbox's unit, after the sandbox has caught up with its clock."""
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    """None is a text with another `media`, and no content with status 204."""
    status: int = 200
    media: str = "application/json"
    refuses: Mapping[int, str] | None = None
    """Statuses beside those that follow from the rest of the row, with their reason."""
    of_sandbox: bool = False
    """Whether it is for one sandbox; without `/sandboxes/{sandbox}` it is then for the default one."""

    @property
    def id(self) -> str:
        """The operationId: the function's name."""
        first, *others = self.do.__name__.split("_")
        return first + "".join(word.capitalize() for word in others)

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (self.do.__doc__ or "").strip().partition("\n")[0].rstrip(".")

    def paths(self) -> tuple[str, ...]:
        """Where it is reached, below `/__admin`."""
        if not self.of_sandbox:
            return (self.path,)
        return (BELOW_SANDBOX + self.path, self.path) if self.path else (BELOW_SANDBOX,)


def by_path(rows: tuple[EndpointSpec, ...]) -> dict[str, dict[str, EndpointSpec]]:
    """The rows by path and method. A row that is there twice is a mistake: ValueError."""
    found: dict[str, dict[str, EndpointSpec]] = {}
    for row in rows:
        for path in row.paths():
            if found.setdefault(path, {}).setdefault(row.method, row) is not row:
                raise ValueError(f"{row.method} {path} is there twice")
    return found
