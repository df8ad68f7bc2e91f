"""The router leads from method and path to an operation, or to the right refusal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from urllib.parse import unquote_to_bytes

from mockserver.contract.errors import ContractError
from mockserver.contract.operation import Operation
from mockserver.foundation.dataclass import dataclass

_MAX_SEEN = 1024
"""The number of paths that the router remembers; clients repeat themselves."""


@dataclass(slots=True)
class _Node:
    """A segment of paths, and the operations of the path that ends there."""

    literal: dict[str, "_Node"] = field(default_factory=dict)
    variable: "_Node | None" = None
    operations: dict[str, Operation] = field(default_factory=dict)

    def add(self, segment: str) -> "_Node":
        """Returns the node of a segment below this one, which is made if need be."""
        if not segment.startswith("{"):
            return self.literal.setdefault(segment, _Node())
        self.variable = self.variable or _Node()
        return self.variable


@dataclass(frozen=True, slots=True)
class Match:
    """The operations at a path by method, and the values of its variable parts, still in text."""

    operations: dict[str, Operation]
    values: tuple[str, ...]

    @property
    def allow(self) -> str:
        """The methods that are possible, sorted: the value of an `Allow` header."""
        methods = set(self.operations) | {"OPTIONS"}
        if "GET" in methods:
            methods.add("HEAD")
        return ", ".join(sorted(methods))


class Router:
    """A tree of path segments. A literal segment wins over a variable one, as OpenAPI asks."""

    def __init__(self, operations: Iterable[Operation], also_below: Mapping[str, Sequence[str]] | None = None) -> None:
        """`also_below`: by the beginning of a path, other beginnings below which the same operations are, too."""
        self._root = _Node()
        self._seen: dict[str, Match] = {}
        for operation in operations:
            for path in (operation.path, *aliases(operation.path, also_below or {})):
                self._add(path, operation)

    def _add(self, path: str, operation: Operation) -> None:
        node = self._root
        for segment in path.strip("/").split("/"):
            node = node.add(segment)
        if operation.method in node.operations:
            other = node.operations[operation.method].id
            raise ContractError(f"{operation.id}: {other} already answers {operation.method} {path}")
        node.operations[operation.method] = operation

    def match(self, path: str) -> Match | None:
        """Finds the operations at a raw (still percent-encoded) path, or None. ValueError when it is not UTF-8."""
        if (seen := self._seen.get(path)) is not None:
            return seen
        values: list[str] = []
        # One leading slash is the path's own; every other one counts, so that `//agencies` is not `/agencies`.
        node = _walk(self._root, path.removeprefix("/").split("/"), 0, values)
        if node is None:
            return None
        match = Match(node.operations, tuple(values))
        if len(path) < 200:
            if len(self._seen) >= _MAX_SEEN:
                self._seen.clear()
            self._seen[path] = match
        return match


def aliases(path: str, also_below: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yields the other paths of an operation, with another beginning."""
    for start, others in also_below.items():
        if path.startswith(f"{start}/"):
            yield from (other + path.removeprefix(start) for other in others)


def _walk(node: _Node, segments: list[str], index: int, values: list[str]) -> _Node | None:
    if index == len(segments):
        return node if node.operations else None
    segment = segments[index]
    # Decoded one segment at a time: an encoded slash belongs to its segment.
    text = unquote_to_bytes(segment).decode() if "%" in segment else segment
    if (literal := node.literal.get(text)) and (leaf := _walk(literal, segments, index + 1, values)):
        return leaf
    if node.variable and text:
        values.append(text)
        if leaf := _walk(node.variable, segments, index + 1, values):
            return leaf
        values.pop()
    return None
