"""Routing: the path of a request leads to the operations there, its method to one of them."""

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver.contract import Contract, Match, Operation
from mockserver.foundation.problems import malformed, method_not_allowed, not_found
from mockserver.foundation.request_head import RequestHead

if TYPE_CHECKING:
    from mockserver.contract.nearest import OperationFinder
    from mockserver.contract.parameters import ParsedParameters


class Route:
    """The way of a head through a contract. Requests with the same head share it."""

    __slots__ = ("contract", "match", "media_type", "operation", "parameters")

    def __init__(self, contract: Contract, match: Match, operation: Operation | None) -> None:
        self.contract = contract
        self.match = match
        """All that is at the path."""
        self.operation = operation
        """The operation that the method asks for; None for OPTIONS."""
        self.parameters: ParsedParameters | None = None
        """The parameters in path and query, once they were read, of an operation that reads none from its body."""
        self.media_type: str | None = None
        """The media type of a body, once it was found to be one of those that the operation reads."""

    def keep_media_type(self, media_type: str) -> None:
        """Keeps the media type of a body, which the head alone tells."""
        self.media_type = media_type

    def keep_parameters(self, parameters: "ParsedParameters") -> None:
        """Keeps the parameters for the next request with this head."""
        self.parameters = parameters


def route(contract: Contract, head: RequestHead) -> Route:
    """Returns what is at a path, and the operation that a method asks for there: HEAD asks for GET's.

    Raises a Problem for a path or a method that the contract does not have; it names the nearest operation.
    """
    earlier: Route | None = head.route
    if earlier is not None and earlier.contract is contract:
        return earlier
    try:
        match = contract.router.match(head.raw_path)
    except ValueError:
        raise malformed("The path is not UTF-8 in percent-encoding.") from None
    if match is None:
        raise not_found(_no_such_path(contract, head.method, head.raw_path, urlsplit(head.base_url).path))
    operation = match.operations.get("GET" if head.method == "HEAD" else head.method)
    if operation is None and head.method != "OPTIONS":
        raise method_not_allowed(head.method, match.allow)
    route_here = Route(contract, match, operation)
    head.keep_route(route_here)
    return route_here


def _no_such_path(contract: Contract, method: str, raw_path: str, prefix: str) -> str:
    near = _finder(contract).nearest(method, raw_path, prefix)
    return "There is nothing at this path" + (f"; the nearest operation is {near}." if near else ".")


@lru_cache(8)
def _finder(contract: Contract) -> "OperationFinder":
    from mockserver.contract.nearest import OperationFinder

    return OperationFinder({"": contract})
