"""Records the calls that all sandboxes of a server answer, also those that are dropped again."""

from collections import Counter, deque
from collections.abc import Sequence
from typing import NamedTuple

from mockserver.foundation.problems import Violation
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox

MAX_BROKEN = 1_000
"""The first so many calls that broke a contract are kept beside the newest calls."""


class RecordedEntry(NamedTuple):
    """A call, and the sandbox that answered it."""

    sandbox: str
    entry: Entry

    @property
    def operation(self) -> tuple[str, str]:
        """The provider and the operation, both empty when none matched."""
        return self.entry.provider, self.entry.operation

    @property
    def broken(self) -> Sequence[Violation]:
        """The rules of the contract that the request broke."""
        return [violation for violation in self.entry.violations if violation.place != "reply"]


class CallRecord:
    """The newest calls of several sandboxes, and counts of all."""

    def __init__(self, most: int) -> None:
        """Keeps `most` calls."""
        self.calls: deque[RecordedEntry] = deque(maxlen=most)
        """In the order in which they were answered."""
        self.broken: list[RecordedEntry] = []
        """The first ones that broke a contract."""
        self.statuses: Counter[tuple[str, str, int]] = Counter()
        """All calls by provider, operation (empty when none matched) and status."""
        self.violations: Counter[tuple[str, str]] = Counter()
        """The calls that broke a contract, by provider and operation."""

    @property
    def total(self) -> int:
        """The number of all calls."""
        return self.statuses.total()

    @property
    def total_broken(self) -> int:
        """The number of all calls that broke a contract."""
        return self.violations.total()

    @property
    def left_out(self) -> int:
        """The number of calls that had to make room for newer ones, and broke no contract."""
        return self.total - len(self.all_kept())

    def all_kept(self) -> list[RecordedEntry]:
        """Returns the calls that are kept: those that broke a contract, however old they are, and the newest ones."""
        newest = set(map(id, self.calls))
        return [*(call for call in self.broken if id(call) not in newest), *self.calls]

    def follow(self, sandbox: Sandbox) -> None:
        """Records the calls of a sandbox from now on."""
        id = sandbox.id
        sandbox.journal.listeners.add(lambda entry: self._add(RecordedEntry(id, entry)))

    def _add(self, call: RecordedEntry) -> None:
        entry = call.entry
        self.calls.append(call)
        self.statuses[entry.provider, entry.operation, entry.status] += 1
        if call.broken:
            self.violations[entry.provider, entry.operation] += 1
            if len(self.broken) < MAX_BROKEN:
                self.broken.append(call)
