"""The operations that a client may have meant with an address at which there is nothing."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from mockserver.contract import Contract
from mockserver.foundation.dataclass import dataclass

_MAX_LENGTH = 200
"""Characters of an address that are looked at."""
_MAX_ANSWERS = 256
"""The most addresses of which the answer is kept: clients repeat their mistakes."""
_MAX_NAMED = 3
_LIKENESS = 0.6
Segments = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An operation at one of its addresses, and how well that fits."""

    literals: int
    """The number of segments of the address that are the operation's own words."""
    has_method: bool
    rest: int
    """The number of segments that one of both has before what they share."""
    method: str
    path: str

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Sorts candidates; the best is the largest."""
        return self.literals, self.has_method, -self.rest


class OperationFinder:
    """Finds operations of several contracts by addresses that lack the beginning, or have another one."""

    def __init__(self, contracts: Mapping[str, Contract]) -> None:
        """Takes the contracts by the beginning of their addresses, such as `/gsl`."""
        self._operations: list[tuple[str, str, Segments]] = [
            (start, operation.method, _segments(path))
            for start, contract in contracts.items()
            for operation in contract.operations.values()
            for path in contract.paths_of(operation)
        ]
        self._answers: dict[tuple[str, str, str], str] = {}

    def nearest(self, method: str, raw_path: str, prefix: str = "") -> str:
        """Returns the likeliest operations in words, such as `GET /gsl/v2/leads`; an empty text when none is near.

        `prefix` is what the client's addresses begin with, and is not in `raw_path`: a mount, or a sandbox.
        """
        path = raw_path[:_MAX_LENGTH]
        key = (method, path, prefix)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._nearest(*key)
            if len(self._answers) >= _MAX_ANSWERS:
                self._answers.clear()
            if len(method) + len(prefix) <= _MAX_LENGTH:
                self._answers[key] = answer
        return answer

    def _nearest(self, method: str, path: str, prefix: str) -> str:
        candidates = _best_of_each_path(self._by_end(method, _segments(path)))
        most = max((candidate.literals for candidate in candidates), default=0)
        best = [candidate for candidate in candidates if candidate.literals == most]
        named = [(candidate.method, candidate.path) for candidate in best[:_MAX_NAMED]] or self._by_likeness(
            method, path
        )
        names = [f"{operation_method} {prefix}{operation_path}" for operation_method, operation_path in named]
        return ", ".join(names[:-1]) + f" or {names[-1]}" if len(names) > 1 else "".join(names)

    def _by_end(self, method: str, segments: Segments) -> Iterable[_Candidate]:
        for start, operation_method, template in self._operations:
            shared, literals = _shared_end(template, segments)
            if literals and shared in (len(template), len(segments)):
                end = segments[len(segments) - shared :]
                path = "/".join([start, *template[: len(template) - shared], *end])
                rest = max(len(template), len(segments)) - shared
                yield _Candidate(literals, operation_method == method, rest, operation_method, path)

    def _by_likeness(self, method: str, path: str) -> list[tuple[str, str]]:
        methods: dict[str, str] = {}
        for start, operation_method, template in self._operations:
            name = "/" + "/".join(_filled((*_segments(start), *template), _segments(path)))
            if operation_method == method or name not in methods:
                methods[name] = operation_method
        return [(methods[name], name) for name in get_close_matches(path, methods, n=1, cutoff=_LIKENESS)]


def _best_of_each_path(candidates: Iterable[_Candidate]) -> Sequence[_Candidate]:
    by_path: dict[str, _Candidate] = {}
    for candidate in sorted(candidates, key=lambda candidate: candidate.rank, reverse=True):
        by_path.setdefault(candidate.path, candidate)
    return list(by_path.values())


def _filled(template: Segments, segments: Segments) -> Segments:
    """Returns the template with what stands in place of its variables, if the address is as long."""
    if len(template) != len(segments):
        return template
    pairs = zip(template, segments, strict=True)
    return tuple(actual if expected.startswith("{") else expected for expected, actual in pairs)


def _segments(path: str) -> Segments:
    return tuple(segment for segment in path.split("/") if segment)


def _shared_end(template: Segments, segments: Segments) -> tuple[int, int]:
    """Returns how many segments at the end of both fit, and how many of those are words of the template."""
    shared = literals = 0
    for expected, actual in zip(reversed(template), reversed(segments), strict=False):
        is_variable = expected.startswith("{")
        if not is_variable and expected.lower() != actual.lower():
            break
        shared += 1
        literals += not is_variable
    return shared, literals
