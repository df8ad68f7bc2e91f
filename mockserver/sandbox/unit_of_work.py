"""Units of work tie a sandbox to the place where it is stored; in memory there is nothing to do."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from mockserver.foundation.stateful import StatefulComponent
from mockserver.sandbox.journal import InMemoryJournal, JournalStorage


class SandboxGone(Exception):
    """Another process deleted the sandbox, or made it anew, since this one last looked."""


class UnitOfWork(Protocol):
    """The tie between a sandbox in this process and the place where it is stored."""

    is_shared: bool
    """Whether other processes can change the sandbox, too."""

    @property
    def journal(self) -> JournalStorage:
        """The storage of the sandbox's journal."""

    def attach(self, components: Mapping[str, StatefulComponent]) -> None:
        """Loads what is stored of the components, and stores their changes from now on."""

    def transaction(self) -> AbstractContextManager[None]:
        """Makes what happens inside `with` visible to others all at once or not at all. Raises SandboxGone on entry."""

    def touch(self, now: float) -> None:
        """Notes that the sandbox was used at that moment, in real seconds since the epoch."""


_NO_TRANSACTION = nullcontext()


class InMemoryUnitOfWork:
    """The `UnitOfWork` of a sandbox that only this process has."""

    is_shared = False

    def __init__(self, journal_size: int) -> None:
        self.journal = InMemoryJournal(journal_size)
        self.components: Mapping[str, StatefulComponent] = {}
        self.used_at = 0.0
        """The moment of the last use, in real seconds since the epoch."""

    def attach(self, components: Mapping[str, StatefulComponent]) -> None:
        self.components = components

    def transaction(self) -> AbstractContextManager[None]:
        return _NO_TRANSACTION

    def touch(self, now: float) -> None:
        self.used_at = now
