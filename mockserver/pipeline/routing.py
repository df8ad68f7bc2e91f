"""Routing: the path of a request leads to the operations there, its method to one of them."""

from difflib import get_close_matches

from mockserver.contract import Contract, Match, Operation
from mockserver.foundation.problems import malformed, method_not_allowed, not_found


def route(contract: Contract, method: str, raw_path: str) -> tuple[Match, Operation | None]:
    """Returns what is at a percent-encoded path, and the operation that a method asks for there: HEAD asks for GET's.

    There is none for OPTIONS. Raises a Problem for a path or a method that the contract does not have.
    """
    try:
        match = contract.router.match(raw_path)
    except ValueError:
        raise malformed("The path is not UTF-8 in percent-encoding.") from None
    if match is None:
        raise not_found(_no_such_path(contract, raw_path))
    operation = match.operations.get("GET" if method == "HEAD" else method)
    if operation is None and method != "OPTIONS":
        raise method_not_allowed(method, match.allow)
    return match, operation


def _no_such_path(contract: Contract, raw_path: str) -> str:
    templates = sorted({operation.path for operation in contract.operations.values()})
    close = get_close_matches(raw_path, templates, n=1, cutoff=0.5)
    return "There is nothing at this path" + (f"; the nearest operation is at {close[0]}." if close else ".")
