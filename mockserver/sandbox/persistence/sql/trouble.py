"""Errors of a database told apart: it is locked for a moment, it is in trouble, or we are wrong."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import (
    SQLITE_BUSY,
    SQLITE_CANTOPEN,
    SQLITE_CORRUPT,
    SQLITE_ERROR,
    SQLITE_FULL,
    SQLITE_IOERR,
    SQLITE_LOCKED,
    SQLITE_NOTADB,
    SQLITE_READONLY,
)

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, InterfaceError, ProgrammingError, SQLAlchemyError

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.problems import Problem, unavailable
from mockserver.sandbox.persistence.sql.connection import FileChanged
from mockserver.sandbox.unit_of_work import StoreBusy

log = logging.getLogger("mockserver.store")

_LOCKED = frozenset({"55P03", "40P01", "40001"})
"""PostgreSQL's states for a lock that is not available, a deadlock, and transactions that were in each other's way."""
FULL = "its disk is full"
_SQLITE_REASONS = {
    SQLITE_CORRUPT: "its file is malformed",
    SQLITE_NOTADB: "its file is malformed",
    SQLITE_FULL: FULL,
    SQLITE_READONLY: "its file can only be read",
    SQLITE_CANTOPEN: "its file cannot be opened",
    SQLITE_IOERR: "its file cannot be read or written",
    SQLITE_ERROR: "its tables are not those that this server made",
}
_CALM = 10.0
"""Real seconds without a trouble after which a disk is no longer taken for full."""
_SAY_AGAIN = 60.0
"""Real seconds after which the log repeats a trouble that lasts."""


class StoreTrouble:
    """Turns errors of a database into problems, and tells each trouble once a minute, however many calls meet it."""

    def __init__(self, engine: Engine) -> None:
        driver = engine.dialect.loaded_dbapi
        self.errors = errors_of(engine)
        self._in_trouble = (DatabaseError, InterfaceError, driver.DatabaseError, driver.InterfaceError)
        """Errors of a database that is away, full, malformed or only to be read."""
        self._ours: tuple[type[Exception], ...] = (
            *(DataError, IntegrityError, ProgrammingError),
            *(driver.DataError, driver.IntegrityError, driver.ProgrammingError),
        )
        """Errors of a statement that no state of a database excuses."""
        self._reason = ""
        self._said_at = 0.0
        self._met_at = 0.0

    @property
    def lasts(self) -> bool:
        """True while a trouble is not over."""
        return bool(self._reason)

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Raises `StoreBusy` or a 503 `Problem` for an error of the database in the block."""
        try:
            yield
        except FileChanged as changed:
            raise self.problem(str(changed)) from None
        except self._ours:
            raise
        except self._in_trouble as error:
            if is_locked(error):
                raise StoreBusy from None
            words = " ".join(str(_cause(error)).split())
            raise self.problem(_reason(error), words) from None

    def problem(self, reason: str, words: str = "") -> Problem:
        """Returns the problem of a store that cannot be used, for that reason. The log has the driver's words, too."""
        now = stopwatch()
        if reason != self._reason or now - self._said_at > _SAY_AGAIN:
            log.error("the store cannot be used: %s%s", reason, f" ({words})" if words else "")
            self._said_at = now
        self._reason, self._met_at = reason, now
        return unavailable(f"The store of this server cannot be used: {reason}. Try again later.")

    def over(self) -> None:
        """Notes that the database worked; of a full disk that proves nothing for a while, since what is small fits."""
        if self._reason and (self._reason != FULL or stopwatch() - self._met_at > _CALM):
            log.warning("the store can be used again")
            self._reason = ""


def errors_of(engine: Engine) -> tuple[type[Exception], ...]:
    """Returns the classes of all errors of a database, as SQLAlchemy or its driver raise them."""
    return SQLAlchemyError, engine.dialect.loaded_dbapi.Error


def _reason(error: Exception) -> str:
    """Returns our own words for an error: a driver's may tell addresses."""
    code = getattr(_cause(error), "sqlite_errorcode", None)
    return "it cannot be reached" if code is None else _SQLITE_REASONS.get(code & 0xFF, "its file cannot be used")


def _cause(error: Exception) -> object:
    """Returns the driver's own error."""
    return getattr(error, "orig", None) or error


def is_locked(error: Exception) -> bool:
    """Tells whether an error says that another process holds a lock: the same may succeed in a moment."""
    cause = _cause(error)
    if getattr(cause, "sqlstate", None) in _LOCKED:
        return True
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF in (SQLITE_BUSY, SQLITE_LOCKED)
