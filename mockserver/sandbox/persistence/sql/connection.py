"""A connection to the database, for one transaction after another: what is done in each call is in the driver's words.

Everything else goes through SQLAlchemy, on the same connection and in the same transaction.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from mockserver.foundation.dataclass import dataclass

RecordRow = tuple[str, str, str | None]
"""Component, escaped key and JSON of a record; None is a tombstone."""


class SandboxRow(NamedTuple):
    """The row of a sandbox, without what it was made from."""

    incarnation: str
    revision: int
    swept: int
    total: int
    touched_at: float


class Look(NamedTuple):
    """A sandbox as the database has it."""

    row: SandboxRow | None
    """None when there is none of that id."""
    news: Sequence[RecordRow]
    """The records that changed since one last looked, oldest change first."""


@dataclass(frozen=True, slots=True)
class SandboxChanges:
    """All that a transaction changes of a sandbox."""

    sandbox: str
    before: SandboxRow
    after: SandboxRow
    records: Sequence[RecordRow]
    entries: Sequence[bytes]
    """The last entries of the journal, as JSON."""
    is_cleared: bool
    """Whether the journal's entries before these are gone."""
    trimmed: int
    """Entries up to this number are too old; 0 when nobody looked."""
    is_told: bool
    """Whether a client is told of more than was there already, so that it must outlive the database's machine."""

    @property
    def swept(self) -> int:
        """The revision up to which tombstones are deleted, or 0."""
        return self.after.swept if self.after.swept > self.before.swept else 0


class StoreConnection(ABC):
    """A connection that is kept. It is used by one thread at a time, and raises the errors of its driver."""

    can_attempt = False
    """Whether `attempt` saves a round trip."""
    file: object = None
    """Device and number of the file that is open; None for a database without a file."""

    def __init__(self, alchemy: Connection) -> None:
        self._alchemy = alchemy

    @property
    def alchemy(self) -> Connection:
        """The same connection, and the same transaction, for statements of SQLAlchemy."""
        return self._alchemy

    def close(self) -> None:
        """Closes it; what was not committed is lost."""
        with suppress(SQLAlchemyError):
            self._alchemy.invalidate()
        with suppress(SQLAlchemyError):
            self._alchemy.close()

    @abstractmethod
    def is_usable(self) -> bool:
        """Tells whether the database is still at the other end, at the cost of no round trip."""

    @abstractmethod
    def begin(self) -> None:
        """Begins a transaction that writes."""

    @abstractmethod
    def look(self, sandbox: str, seen: int) -> Look:
        """Locks a sandbox, and returns it with the records that are newer than a revision.

        It is all of them when tombstones since that revision were swept away; -1 is before any.
        """

    @abstractmethod
    def finish(self, changes: Sequence[SandboxChanges]) -> None:
        """Writes the changes of sandboxes that were locked, and commits.

        Raises `FileChanged` when what was committed will be read by nobody.
        """

    @abstractmethod
    def attempt(self, changes: SandboxChanges) -> Look | None:
        """Writes and commits changes, unless the sandbox is not as it was before them; without `begin`.

        Returns None when all is done. Else nothing is, and the sandbox is returned as `look` does, with the records
        that were to be changed among the news.
        """

    @abstractmethod
    def rollback(self) -> None:
        """Rolls the transaction back."""


class FileChanged(Exception):
    """The file of the database, or its log, is another one than was opened; the text tells it."""
