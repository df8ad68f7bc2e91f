"""Units of work tie a sandbox to the place where it is stored; in memory there is nothing to do."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, TypeVar

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.problems import Problem
from mockserver.foundation.stateful import StatefulComponent
from mockserver.sandbox.journal import InMemoryJournal, JournalStorage

T = TypeVar("T")

STORE_PATIENCE = 10.0
"""Real seconds to wait for a lock that another process holds; a transaction takes milliseconds."""
FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.05
"""Real seconds between two tries to get that lock."""


class SandboxGone(Exception):
    """Another process deleted the sandbox, or made it anew, since this one last looked."""


class StoreBusy(Problem):
    """Another process holds the lock of the store at this moment. Nothing was done; the same may succeed at once."""

    def __init__(self) -> None:
        detail = "Another process has held the lock of this server's store for too long. Try again later."
        super().__init__(503, "unavailable", detail)


async def when_free(function: Callable[[], T], patience: float = STORE_PATIENCE) -> T:
    """Calls a function, and again as long as the store is locked, so that nobody waits inside the event loop.

    The function does nothing before it has the lock. Raises StoreBusy after that many real seconds.
    """
    begun, pause = stopwatch(), FIRST_PAUSE
    while True:
        try:
            return function()
        except StoreBusy:
            if stopwatch() - begun >= patience:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


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
        """Makes what happens inside `with` visible to others all at once or not at all.

        Raises SandboxGone or StoreBusy on entry, and a 503 `Problem` where the store cannot be used.
        """

    def submit(self, call: Callable[[], None], on_end: Callable[[Exception | None], None]) -> None:
        """Calls a function in a transaction that other calls may share, and tells once that is committed, or failed.

        The function leaves its result where `on_end` finds it, and is called again when other processes were first.
        `on_end` receives the error that undid it, such as SandboxGone, StoreBusy or a 503 `Problem`. Raises these where
        the transaction cannot begin, and what the function raises; `on_end` is not called then.
        """

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

    def submit(self, call: Callable[[], None], on_end: Callable[[Exception | None], None]) -> None:
        call()
        on_end(None)

    def touch(self, now: float) -> None:
        self.used_at = now
