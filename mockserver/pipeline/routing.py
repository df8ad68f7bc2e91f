"""Routing: the path of a request leads to the operations there, its method to one of them."""

from difflib import get_close_matches

from mockserver.contract import Contract, Match, Operation
from mockserver.foundation.problems import malformed, method_not_allowed, not_found


def route(contract: Contract, raw_path: str) -> Match:
    """Returns what is at a percent-encoded path. Raises a Problem that names the nearest one when nothing is."""
    try:
        match = contract.router.match(raw_path)
    except ValueError:
        raise malformed("The path is not UTF-8 in percent-encoding.") from None
    if match is None:
        templates = sorted({operation.path for operation in contract.operations.values()})
        close = get_close_matches(raw_path, templates, n=1, cutoff=0.5)
        nearest = f"; the nearest operation is at {close[0]}." if close else "."
        raise not_found(f"There is nothing at this path{nearest}")
    return match


def operation_of(match: Match, method: str) -> Operation:
    """Returns the operation that a method asks for; HEAD asks for that of GET. Raises a Problem when there is none."""
    operation = match.operations.get("GET" if method == "HEAD" else method)
    if operation is None:
        raise method_not_allowed(method, match.allow)
    return operation
