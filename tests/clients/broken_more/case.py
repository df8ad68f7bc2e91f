"""Puts broken clients into a table: the client, what it breaks, and the drills that show it."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

_Class = TypeVar("_Class", bound=type[Any])


class BrokenClient(NamedTuple):
    """A client with one bug."""

    provider: str
    client: type[Any]
    obligation: str
    drills: tuple[str, ...]
    """The drills that show the bug; without any all that aim at the obligation."""

    def __str__(self) -> str:
        return f"{self.provider}-{self.client.__name__}"


class Table(list[BrokenClient]):
    """The broken clients of one provider."""

    def __init__(self, provider: str) -> None:
        super().__init__()
        self.provider = provider

    def breaks(self, obligation: str, *drills: str) -> Callable[[_Class], _Class]:
        """Puts a client into the table."""

        def put(client: _Class) -> _Class:
            self.append(BrokenClient(self.provider, client, obligation, drills))
            return client

        return put
