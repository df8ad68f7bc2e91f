"""The head of a request: the facts that requests with equal heads have in common, whatever their bodies are."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NoReturn

from mockserver.foundation.authorization import Authorization, read_authorization

_OF_A_HEADER = 100
"""Bytes that a header takes in memory beside its name and its value."""
_NO_HEADERS: Mapping[bytes, bytes] = MappingProxyType({})


class RequestHead:
    """The frozen facts of a request but for its body. What is derived from them is kept here, and never changes them.

    It has secrets: nothing of it may leave but by an entry of the journal.
    """

    __slots__ = (
        *("_authorization", "base_url", "has_repeated", "headers", "is_read", "method", "query"),
        *("raw_headers", "raw_path", "route", "sandbox_id", "server", "weight"),
    )

    def __init__(
        self,
        method: str,
        raw_path: str,
        query: bytes = b"",
        raw_headers: Sequence[tuple[bytes, bytes]] = (),
        base_url: str = "",
        sandbox_id: str | None = None,
        server: tuple[str, int | None] | None = None,
    ) -> None:
        self.method: Final = method
        self.raw_path: Final = raw_path
        """The path below the provider's address, percent-encoded as it came."""
        self.query: Final = query
        self.raw_headers: Final = raw_headers
        """All headers, as they came."""
        self.base_url: Final = base_url
        """The address of the provider as the client knows it, without a slash at the end."""
        self.sandbox_id: Final = sandbox_id
        """The sandbox that the path names, if it names one."""
        self.server: Final = server
        """The host and the port that the server is bound to, if they are known."""
        self.headers = _NO_HEADERS
        """The first value of each header, by its name in lower case, once they were read."""
        self.has_repeated = False
        """Whether one of them is there twice."""
        self.is_read = False
        """Whether they were."""
        self.weight = len(raw_path) + len(query)
        """About how many bytes path, query and headers take in memory; the headers count once they were read."""
        self.route: Any = None
        """All that the pipeline found at the address, kept for the next request with this head; None before."""
        self._authorization: Authorization | None = None

    def take_headers(self, first_values: Mapping[bytes, bytes]) -> None:
        """Takes the first value of each header."""
        self.headers, self.is_read = first_values, True
        self.has_repeated = len(first_values) < len(self.raw_headers)
        self.weight += weight_of_headers(self.raw_headers)

    def keep_route(self, route: Any) -> None:
        """Keeps what the pipeline found at the address."""
        self.route = route

    @property
    def authorization(self) -> Authorization:
        """The Authorization header, taken apart when it is first asked for."""
        if self._authorization is None:
            value = self.headers.get(b"authorization")
            self._authorization = read_authorization(None if value is None else value.decode("latin-1"))
        return self._authorization

    def __repr__(self) -> str:
        return "<RequestHead>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a RequestHead may hold secrets: only the entry of the journal may leave")


def weight_of_headers(headers: Sequence[tuple[bytes, bytes]]) -> int:
    """Returns about how many bytes headers take in memory."""
    weight = 0
    for name, value in headers:
        weight += len(name) + len(value)
    return weight + _OF_A_HEADER * len(headers)
