"""Transactions: each thread has at most one at a time, and all its statements are part of that."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mockserver.foundation.problems import unavailable
from mockserver.sandbox.persistence.sql.engine import LOCKING

log = logging.getLogger("mockserver.store")

_OUT_OF_REACH = (OperationalError, InterfaceError, PoolTimeout)
"""Errors of a database that is away, or in which another process holds a lock for too long."""


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


class Transactions:
    """The transactions of a database. Raises a 503 `Problem` when that cannot be reached."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = threading.local()

    @property
    def current(self) -> SqlTransaction | None:
        """The transaction of this thread."""
        current: SqlTransaction | None = getattr(self._thread, "current", None)
        return current

    @contextmanager
    def begin(self) -> Iterator[SqlTransaction]:
        """Yields this thread's transaction, or a new one that ends with the block: committed, or undone on an error."""
        if (current := self.current) is not None:
            yield current
            return
        with _reaching():
            connection = self._connect()
            transaction = self._thread.current = SqlTransaction(connection)
            try:
                yield transaction
                for member in transaction.members:
                    member.write(connection)
                connection.commit()
            except BaseException:
                self._thread.current = None
                _give_back(connection)
                for member in transaction.members:
                    member.undo()
                raise
            self._thread.current = None
            connection.close()
        for member in transaction.members:
            member.done()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yields a connection that only reads: that of this thread's transaction, or a new one."""
        if (current := self.current) is not None:
            yield current.connection
            return
        with _reaching(), self._engine.connect() as connection:
            yield connection

    def _connect(self) -> Connection:
        connection = self._engine.connect().execution_options(**LOCKING)
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return connection


def _give_back(connection: Connection) -> None:
    with suppress(SQLAlchemyError):
        connection.rollback()
    with suppress(SQLAlchemyError):
        connection.close()


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except _OUT_OF_REACH as error:
        log.error("the store cannot be reached: %s", " ".join(str(getattr(error, "orig", None) or error).split()))
        raise unavailable("The store of this server cannot be reached; its log says why. Try again later.") from None
