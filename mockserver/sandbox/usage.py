"""Usage: the number of a sandbox's calls, and the operations, statuses and parameters that they exercised."""

from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.foundation.named_tuple import NamedTuple
from mockserver.foundation.records import RecordFormat, RecordTable
from mockserver.foundation.stateful import RecordedComponent


class Exercised(NamedTuple):
    """Calls that were alike."""

    provider: str
    operation: str
    """The operationId, or empty when no operation was matched."""
    status: int
    parameters: tuple[str, ...]
    """The names of the parameters of path and query that they had."""


def _text(key: Exercised) -> str:
    provider, operation, status, parameters = key
    return f"{provider}/{operation}/{status}/{','.join(parameters)}"


def _read(text: str) -> Exercised:
    provider, operation, status, parameters = text.split("/")
    return Exercised(provider, operation, int(status), tuple(parameters.split(",")) if parameters else ())


_CALLS: RecordFormat[str, int] = RecordFormat("calls/")
_SEEN: RecordFormat[Exercised, int] = RecordFormat("seen/", key=_read, name=_text)


class CallsInProgress:
    """Counts the calls that are being answered, and take longer than one time slice: `with calls_in_progress:`."""

    def __init__(self) -> None:
        self._count = 0

    def __enter__(self) -> None:
        self._count += 1

    def __exit__(self, *failure: object) -> None:
        self._count -= 1

    def __bool__(self) -> bool:
        return self._count > 0


class OperationUsage(RecordedComponent):
    """Counts calls by all that a contract can tell apart, so that it is not traffic that makes it grow.

    It is a `StatefulComponent` with the records `calls/provider` and `seen/provider/operation/status/parameters`.
    """

    def __init__(self) -> None:
        self._calls = RecordTable(_CALLS)
        self._exercised = RecordTable(_SEEN)
        super().__init__(self._calls, self._exercised)

    def next_number(self, provider: str) -> int:
        """Returns the number of a call that begins, from 1 at each provider."""
        number = self._calls.get(provider, 0) + 1
        self._calls.add(provider, number)
        return number

    def add(self, provider: str, operation: str, status: int, parameters: Sequence[str]) -> None:
        """Counts a call that was answered."""
        key: Any = (provider, operation, status, tuple(parameters))
        count = self._exercised.get(key)
        if count is None:
            self._exercised.add(Exercised(*key), 1)
        else:
            # An entry keeps the key that it was made with, to which this one is equal.
            self._exercised.add(key, count + 1)

    def calls(self, provider: str) -> int:
        """Returns the number of calls so far."""
        return self._calls.get(provider, 0)

    def exercised(self) -> Iterable[tuple[Exercised, int]]:
        """Returns what was called, each with the number of calls."""
        return self._exercised.items()

    def clear(self) -> None:
        """Forgets what was exercised; the numbers of calls go on."""
        self._exercised.clear()
