"""Routing: the path of a request leads to the operations there, its method to one of them."""

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver.contract import Contract, Match, Operation
from mockserver.foundation.problems import malformed, method_not_allowed, not_found

if TYPE_CHECKING:
    from mockserver.contract.nearest import OperationFinder


def route(contract: Contract, method: str, raw_path: str, base_url: str) -> tuple[Match, Operation | None]:
    """Returns what is at a percent-encoded path, and the operation that a method asks for there: HEAD asks for GET's.

    There is none for OPTIONS. Raises a Problem for a path or a method that the contract does not have; it names the
    nearest operation below `base_url`, the address of the provider as the client knows it.
    """
    try:
        match = contract.router.match(raw_path)
    except ValueError:
        raise malformed("The path is not UTF-8 in percent-encoding.") from None
    if match is None:
        raise not_found(_no_such_path(contract, method, raw_path, urlsplit(base_url).path))
    operation = match.operations.get("GET" if method == "HEAD" else method)
    if operation is None and method != "OPTIONS":
        raise method_not_allowed(method, match.allow)
    return match, operation


def _no_such_path(contract: Contract, method: str, raw_path: str, prefix: str) -> str:
    near = _finder(contract).nearest(method, raw_path, prefix)
    return "There is nothing at this path" + (f"; the nearest operation is {near}." if near else ".")


@lru_cache(8)
def _finder(contract: Contract) -> "OperationFinder":
    from mockserver.contract.nearest import OperationFinder

    return OperationFinder({"": contract})
