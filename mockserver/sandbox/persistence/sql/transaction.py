"""One transaction at a time in each thread; what is asked of the database inside of it is part of it."""

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
"""The database is away, or another process holds what we need for too long."""


class Member(Protocol):
    """Something in memory that takes part in a transaction."""

    def write(self, connection: Connection) -> None:
        """The transaction is about to be committed: writes what changed."""

    def done(self) -> None:
        """It was committed."""

    def undo(self) -> None:
        """It was rolled back: what is in memory holds no longer."""


class SqlTransaction:
    """One that is under way."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.members: list[Member] = []


class Transactions:
    """Those of a database. Raises a 503 `Problem` when it cannot be reached."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = threading.local()

    @property
    def current(self) -> SqlTransaction | None:
        """The one of this thread."""
        found: SqlTransaction | None = getattr(self._thread, "current", None)
        return found

    @contextmanager
    def begin(self) -> Iterator[SqlTransaction]:
        """The transaction of this thread, or a new one that ends with the block: committed, or undone on an error."""
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
        """A connection for a look at the database: that of this thread's transaction, or one of its own."""
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
