"""Transactions: each thread has at most one at a time, and all its statements are part of that."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.problems import Problem
from mockserver.sandbox.persistence.sql.engine import LOCKING, is_file_of, is_log_whole
from mockserver.sandbox.persistence.sql.trouble import StoreTrouble
from mockserver.sandbox.unit_of_work import LONGEST_PAUSE, STORE_PATIENCE, StoreBusy


class Member(Protocol):
    """State in memory that takes part in a transaction."""

    def write(self, connection: Connection) -> None:
        """Writes what changed; the transaction is about to be committed."""

    def done(self) -> None:
        """Notes that it was committed."""

    def undo(self) -> None:
        """Discards what memory has of it; it was rolled back."""


class SqlTransaction:
    """A transaction under way."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.members: list[Member] = []


def _nothing(connection: Connection) -> None:
    """Looks at nothing."""


class Transactions:
    """The transactions of a database. Raises StoreBusy, or a 503 `Problem` when that cannot be used."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = threading.local()
        self._trouble = StoreTrouble()

    @property
    def current(self) -> SqlTransaction | None:
        """The transaction of this thread."""
        current: SqlTransaction | None = getattr(self._thread, "current", None)
        return current

    @property
    def in_trouble(self) -> bool:
        """True after a transaction met trouble, until one shows that it is over."""
        return self._trouble.lasts

    @contextmanager
    def begin(self, look: Callable[[Connection], None] = _nothing) -> Iterator[SqlTransaction]:
        """Yields this thread's transaction, or a new one that ends with the block: committed, or undone on an error.

        `look` is what is done first; it changes nothing, and is done again when it met a lock.
        """
        if (current := self.current) is not None:
            look(current.connection)
            yield current
            return
        with self._trouble.reported():
            connection = self._begun(look)
            transaction = self._thread.current = SqlTransaction(connection)
            try:
                yield transaction
                for member in transaction.members:
                    member.write(connection)
                connection.commit()
                self._check_file(connection)
            except BaseException:
                self._thread.current = None
                _give_back(connection)
                for member in transaction.members:
                    member.undo()
                raise
            self._thread.current = None
            connection.close()
        self._trouble.over()
        for member in transaction.members:
            member.done()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yields a connection that only reads: that of this thread's transaction, or a new one."""
        if (current := self.current) is not None:
            yield current.connection
            return
        with self._trouble.reported(), self._engine.connect() as connection:
            yield connection

    def unreadable(self, error: Exception) -> Problem:
        """Returns the problem of rows that are not what was once written."""
        return self._trouble.problem("it holds what this server cannot read", repr(error)[:200])

    def _begun(self, look: Callable[[Connection], None]) -> Connection:
        """Returns a connection that has the lock. Only a thread without an event loop waits for that."""
        begun = stopwatch()
        while True:
            try:
                with self._trouble.reported():
                    return self._connect(look)
            except StoreBusy:
                if _is_in_loop() or stopwatch() - begun >= STORE_PATIENCE:
                    raise
            threading.Event().wait(LONGEST_PAUSE / 10)

    def _connect(self, look: Callable[[Connection], None]) -> Connection:
        connection = self._engine.connect().execution_options(**LOCKING)
        try:
            connection.begin()
            look(connection)
        except BaseException:
            _give_back(connection)
            raise
        return connection

    def _check_file(self, connection: Connection) -> None:
        """Raises a 503 when the file or its log is another one: nobody will read what was committed to it."""
        if not is_file_of(connection):
            connection.invalidate()
            raise self._trouble.problem("its file was removed or replaced while the server ran")
        if not is_log_whole(connection):
            connection.invalidate()
            raise self._trouble.problem("its write-ahead log was removed or overwritten while the server ran")


def _is_in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _give_back(connection: Connection) -> None:
    with suppress(SQLAlchemyError):
        connection.rollback()
    with suppress(SQLAlchemyError):
        connection.close()
