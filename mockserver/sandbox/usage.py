"""Counts of a sandbox's calls: how many there were, and which parts of the contracts they exercised."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mockserver.foundation.stateful import Keep


class Exercised(NamedTuple):
    """Calls that were alike."""

    provider: str
    operation: str
    """The operationId, or empty when no operation was matched."""
    status: int
    parameters: tuple[str, ...]
    """Which parameters of path and query they had."""


class OperationUsage:
    """See the module. Bounded by what contracts can tell apart, not by traffic. A `StatefulComponent`."""

    def __init__(self) -> None:
        self.keep: Keep | None = None
        self.reset()

    def next_number(self, provider: str) -> int:
        """The number of a call that begins, from 1 at each provider."""
        number = self._calls.get(provider, 0) + 1
        self._calls[provider] = number
        if self.keep:
            self.keep(f"calls/{provider}", number)
        return number

    def add(self, provider: str, operation: str, status: int, parameters: Sequence[str]) -> None:
        """Counts a call that was answered."""
        key = Exercised(provider, operation, status, tuple(parameters))
        self._exercised[key] = count = self._exercised.get(key, 0) + 1
        if self.keep:
            self.keep(_text(key), count)

    def calls(self, provider: str) -> int:
        """How many calls there were."""
        return self._calls.get(provider, 0)

    def exercised(self) -> Iterator[tuple[Exercised, int]]:
        """What was called, and how often."""
        return iter(self._exercised.items())

    def clear(self) -> None:
        """Forgets what was exercised; the numbers of calls go on."""
        if self.keep:
            for key in self._exercised:
                self.keep(_text(key), None)
        self._exercised.clear()

    def dump(self) -> Mapping[str, Any]:
        """Counts by `calls/provider` and by `seen/provider/operation/status/parameters`."""
        return {
            **{f"calls/{provider}": number for provider, number in self._calls.items()},
            **{_text(key): count for key, count in self._exercised.items()},
        }

    def load(self, key: str, value: Any | None) -> None:
        """See `StatefulComponent.load`."""
        kind, _, rest = key.partition("/")
        counts: dict[Any, int] = self._calls if kind == "calls" else self._exercised
        of: Any = rest if kind == "calls" else _read(rest)
        counts.pop(of, None)
        if value is not None:
            counts[of] = value

    def reset(self) -> None:
        """Back to no call at all."""
        self._calls: dict[str, int] = {}
        self._exercised: dict[Exercised, int] = {}


def _text(key: Exercised) -> str:
    return f"seen/{key.provider}/{key.operation}/{key.status}/{','.join(key.parameters)}"


def _read(text: str) -> Exercised:
    provider, operation, status, parameters = text.split("/")
    return Exercised(provider, operation, int(status), tuple(parameters.split(",")) if parameters else ())
