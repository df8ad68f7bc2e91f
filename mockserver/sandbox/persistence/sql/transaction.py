"""Transactions: each thread has at most one at a time, and all its statements are part of that."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.problems import Problem
from mockserver.sandbox.persistence.sql.connection import Look, SandboxChanges, StoreConnection
from mockserver.sandbox.persistence.sql.engine import connect, connection_class
from mockserver.sandbox.persistence.sql.trouble import StoreTrouble
from mockserver.sandbox.unit_of_work import LONGEST_PAUSE, STORE_PATIENCE, StoreBusy

T = TypeVar("T")


class Member(Protocol):
    """State in memory that takes part in a transaction."""

    def enter(self, store: StoreConnection) -> None:
        """Looks at what others changed, which begins its part. Raises StoreBusy and SandboxGone."""

    def enter_unseen(self) -> bool:
        """Begins its part without a look, if memory may be up to date. Raises StoreBusy."""

    def look(self, store: StoreConnection) -> None:
        """Looks once more at what others changed, which memory has then. Raises SandboxGone."""

    def adopt(self, look: Look) -> None:
        """Lets memory have what the database has, in place of what it changed. Raises SandboxGone."""

    def collect(self) -> SandboxChanges | None:
        """Returns what is to be written; None when that is nothing."""

    def done(self) -> None:
        """Ends its part, which was committed."""

    def undo(self) -> None:
        """Ends its part, and discards what memory has of it: it was rolled back."""


class Pending(Protocol):
    """Changes that are not committed yet, though no block waits for that."""

    def flush(self) -> None:
        """Commits them. Raises StoreBusy when they are pending still."""


class SqlTransaction:
    """A transaction under way. Without a connection it is one whose changes are attempted at its end."""

    def __init__(self, store: StoreConnection | None) -> None:
        self._store = store
        self.members: list[Member] = []

    @property
    def connection(self) -> Connection:
        """The connection for statements of SQLAlchemy."""
        return self.store.alchemy

    @property
    def has_store(self) -> bool:
        """True when it has a connection for itself."""
        return self._store is not None

    @property
    def store(self) -> StoreConnection:
        """The connection that it has for itself. Raises RuntimeError in a call that others share it with."""
        if self._store is None:
            raise RuntimeError("a call whose changes are attempted at its end has no statements of its own")
        return self._store

    def enter(self, member: Member) -> None:
        """Makes it one of a member's, too."""
        if member not in self.members:
            member.enter(self.store)
            self.members.append(member)


class _OfThread(threading.local):
    """The transaction of a thread, and what is pending in it."""

    current: SqlTransaction | None = None
    pending: Pending | None = None

    def set_current(self, transaction: SqlTransaction | None) -> None:
        """Begins a transaction of this thread, or ends it."""
        self.current = transaction

    def set_pending(self, pending: Pending | None) -> None:
        """Notes what is pending in this thread."""
        self.pending = pending


class Transactions:
    """The transactions of a database. Raises StoreBusy, or a 503 `Problem` when that cannot be used."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = _OfThread()
        self._free: list[StoreConnection] = []
        """Connections that nobody uses now."""
        self.trouble = StoreTrouble(engine)
        self.can_attempt = connection_class(engine).can_attempt
        """Whether changes can be attempted without a look, which costs a round trip."""

    @property
    def current(self) -> SqlTransaction | None:
        """The transaction of this thread."""
        return self._thread.current

    @property
    def in_trouble(self) -> bool:
        """True after a transaction met trouble, until one shows that it is over."""
        return self.trouble.lasts

    @contextmanager
    def begin(self, member: Member | None = None) -> Iterator[SqlTransaction]:
        """Yields this thread's transaction, or a new one that ends with the block: committed, or undone on an error.

        A member takes part in it from its beginning.
        """
        if (current := self.current) is not None:
            if member is not None:
                current.enter(member)
            yield current
            return
        self.flush()
        with self.trouble.reported():
            transaction = self.patiently(lambda: self._begun(member))
            self._thread.set_current(transaction)
            try:
                yield transaction
                transaction.store.finish([change for part in transaction.members if (change := part.collect())])
            except BaseException:
                self._thread.set_current(None)
                self.discard(transaction.store)
                for part in transaction.members:
                    part.undo()
                raise
            self._thread.set_current(None)
            self.give_back(transaction.store)
        self.trouble.over()
        for part in transaction.members:
            part.done()

    def within(self, transaction: SqlTransaction, work: Callable[[], None]) -> None:
        """Does something as a part of a transaction, which goes on afterwards."""
        self._thread.set_current(transaction)
        try:
            work()
        finally:
            self._thread.set_current(None)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yields a connection that only reads: that of this thread's transaction, or one without any."""
        current = self.current
        if current is not None and current.has_store:
            yield current.connection
            return
        with self.trouble.reported():
            store = self.take()
            try:
                yield store.alchemy
            except BaseException:
                self.discard(store)
                raise
            self.give_back(store)

    @property
    def pending(self) -> Pending | None:
        """The changes that this thread has not committed yet; it does before another transaction begins here."""
        return self._thread.pending

    def set_pending(self, pending: Pending | None) -> None:
        """Notes what is pending in this thread, or that nothing is."""
        self._thread.set_pending(pending)

    def flush(self) -> None:
        """Commits what is pending in this thread."""
        if (pending := self._thread.pending) is not None:
            pending.flush()

    def take(self) -> StoreConnection:
        """Returns a connection that nobody else uses; `give_back` or `discard` it."""
        while self._free:
            store = self._free.pop()
            if store.is_usable():
                return store
            store.close()
        return connect(self._engine)

    def give_back(self, store: StoreConnection) -> None:
        """Keeps a connection for the next transaction; none is under way on it."""
        self._free.append(store)

    def discard(self, store: StoreConnection) -> None:
        """Rolls back what is under way, and keeps the connection if it is still of use."""
        try:
            store.rollback()
        except self.trouble.errors:
            store.close()
        else:
            self._free.append(store)

    def close(self) -> None:
        """Commits what is pending in this thread, and closes all connections that nobody uses."""
        try:
            self.flush()
        finally:
            while self._free:
                self._free.pop().close()
            self._engine.dispose()

    def unreadable(self, error: Exception) -> Problem:
        """Returns the problem of rows that are not what was once written."""
        return self.trouble.problem("it holds what this server cannot read", repr(error)[:200])

    def patiently(self, work: Callable[[], T]) -> T:
        """Does something that is undone when it meets a lock, and does it again then.

        Only a thread without an event loop waits for a lock; nobody does inside a transaction.
        """
        begun = stopwatch()
        while True:
            try:
                return work()
            except StoreBusy:
                if self.current is not None or is_in_loop() or stopwatch() - begun >= STORE_PATIENCE:
                    raise
            threading.Event().wait(LONGEST_PAUSE / 10)

    def _begun(self, member: Member | None) -> SqlTransaction:
        """Returns a transaction that has the lock."""
        with self.trouble.reported():
            return self.enter(member)

    def enter(self, member: Member | None) -> SqlTransaction:
        """Returns a transaction that has the lock, on a connection of its own. Raises the driver's errors."""
        store = self.take()
        try:
            store.begin()
            transaction = SqlTransaction(store)
            if member is not None:
                transaction.enter(member)
        except BaseException:
            self.discard(store)
            raise
        return transaction


def is_in_loop() -> bool:
    """Tells whether this thread runs an event loop, in which nobody waits."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
