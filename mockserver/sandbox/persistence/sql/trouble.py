"""Errors of a database told apart: it is locked for a moment, it is in trouble, or we are wrong."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import SQLITE_BUSY, SQLITE_LOCKED

from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, InterfaceError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.problems import Problem, unavailable
from mockserver.sandbox.unit_of_work import StoreBusy

log = logging.getLogger("mockserver.store")

_IN_TROUBLE = (DatabaseError, InterfaceError, PoolTimeout)
"""Errors of a database that is away, full, malformed or only to be read."""
_OURS = (DataError, IntegrityError, ProgrammingError)
"""Errors of a statement that no state of a database excuses."""
_LOCKED = frozenset({"55P03", "40P01", "40001"})
"""PostgreSQL's states for a lock that is not available, a deadlock, and transactions that were in each other's way."""
_SAY_AGAIN = 60.0
"""Real seconds after which the log repeats a trouble that lasts."""


class StoreTrouble:
    """Turns errors of a database into problems, and tells each trouble once a minute, however many calls meet it."""

    def __init__(self) -> None:
        self._reason = ""
        self._said_at = 0.0

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Raises `StoreBusy` or a 503 `Problem` for an error of the database in the block."""
        try:
            yield
        except _OURS:
            raise
        except _IN_TROUBLE as error:
            if is_locked(error):
                raise StoreBusy from None
            raise self.problem(" ".join(str(getattr(error, "orig", None) or error).split())) from None

    def problem(self, reason: str) -> Problem:
        """Returns the problem of a store that cannot be used, and logs the reason."""
        now = stopwatch()
        if reason != self._reason or now - self._said_at > _SAY_AGAIN:
            log.error("the store cannot be used: %s", reason)
            self._said_at = now
        self._reason = reason
        return unavailable("The store of this server cannot be used; its log says why. Try again later.")

    def over(self) -> None:
        """Notes that the database works."""
        if self._reason:
            log.warning("the store can be used again")
            self._reason = ""


def is_locked(error: SQLAlchemyError) -> bool:
    """Tells whether an error says that another process holds a lock: the same may succeed in a moment."""
    cause = getattr(error, "orig", None)
    if getattr(cause, "sqlstate", None) in _LOCKED:
        return True
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF in (SQLITE_BUSY, SQLITE_LOCKED)
