"""Connections to a SQLite file: whoever writes has the file alone from its first look on."""

import os
import sqlite3
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from mockserver.sandbox.persistence.sql.connection import FileChanged, Look, SandboxChanges, SandboxRow, StoreConnection

_SETTINGS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL")
_LOG_BEGINS = (b"", b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
"""First bytes of a write-ahead log: nothing was written to it yet, or its magic number (SQLite's file format, 4.1)."""
_LOOK = "SELECT incarnation, revision, swept, total, touched_at FROM mockserver_sandboxes WHERE id = ?"
_NEWS = (
    "SELECT part, record, value FROM mockserver_records WHERE sandbox = ? AND revision > ? "
    "ORDER BY revision, part, record"
)
_TOUCH = (
    "UPDATE mockserver_sandboxes SET revision = ?, swept = ?, total = ?, touched_at = ? "
    "WHERE id = ? AND incarnation = ?"
)
_WRITE = (
    "INSERT INTO mockserver_records (sandbox, part, record, revision, value) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (sandbox, part, record) DO UPDATE SET revision = excluded.revision, value = excluded.value"
)
_SWEEP = "DELETE FROM mockserver_records WHERE sandbox = ? AND value IS NULL AND revision <= ?"
_CLEAR = "DELETE FROM mockserver_journal WHERE sandbox = ?"
_ADD = "INSERT INTO mockserver_journal (sandbox, number, entry) VALUES (?, ?, ?)"
_TRIM = "DELETE FROM mockserver_journal WHERE sandbox = ? AND number <= ?"


def open_file(path: Path) -> sqlite3.Connection:
    """Returns a connection to a file that is there. Raises sqlite3.Error.

    It has no time limit for locks: who meets one tries again, and meanwhile holds up nobody else.
    """
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, timeout=0, check_same_thread=False, isolation_level=None
    )
    for statement in _SETTINGS:
        connection.execute(statement)
    return connection


class SqliteConnection(StoreConnection):
    """A `StoreConnection` to a file of SQLite."""

    def __init__(self, alchemy: Connection) -> None:
        super().__init__(alchemy)
        path = Path(alchemy.engine.url.database or "").absolute()
        driver: Any = alchemy.connection.dbapi_connection
        self._driver: sqlite3.Connection = driver
        self._path = str(path)
        self._log = f"{path}-wal" if driver.execute("PRAGMA journal_mode").fetchone() == ("wal",) else None
        self.file = self._identity()

    def is_usable(self) -> bool:
        """Implements `StoreConnection.is_usable`: the file at the path is the one that is open."""
        return not self._alchemy.invalidated and self._identity() == self.file

    def begin(self) -> None:
        """Implements `StoreConnection.begin`."""
        self._driver.execute("BEGIN IMMEDIATE")

    def look(self, sandbox: str, seen: int) -> Look:
        """Implements `StoreConnection.look`."""
        values = self._driver.execute(_LOOK, (sandbox,)).fetchone()
        if values is None:
            return Look(None, ())
        row = SandboxRow(*values)
        if seen == row.revision:
            return Look(row, ())
        since = -1 if seen < row.swept else seen
        return Look(row, self._driver.execute(_NEWS, (sandbox, since)).fetchall())

    def finish(self, changes: Sequence[SandboxChanges]) -> None:
        """Implements `StoreConnection.finish`."""
        for change in changes:
            self._write(change)
        self._driver.execute("COMMIT")
        try:
            self._check_file()
        except FileChanged:
            self.close()
            raise

    def _write(self, changes: SandboxChanges) -> None:
        driver, sandbox, after = self._driver, changes.sandbox, changes.after
        touched = driver.execute(
            _TOUCH, (after.revision, after.swept, after.total, after.touched_at, sandbox, after.incarnation)
        )
        if touched.rowcount == 0:
            # Deleted inside this very transaction.
            return
        revision = after.revision
        for part, record, value in changes.records:
            driver.execute(_WRITE, (sandbox, part, record, revision, value))
        if changes.swept:
            driver.execute(_SWEEP, (sandbox, changes.swept))
        if changes.is_cleared:
            driver.execute(_CLEAR, (sandbox,))
        if changes.entries:
            numbers = count(after.total - len(changes.entries) + 1)
            for number, entry in zip(numbers, changes.entries, strict=False):
                driver.execute(_ADD, (sandbox, number, entry))
        if changes.trimmed:
            driver.execute(_TRIM, (sandbox, changes.trimmed))

    def attempt(self, changes: SandboxChanges) -> Look | None:
        """Implements `StoreConnection.attempt`; never called, since a look costs no round trip."""
        raise NotImplementedError

    def rollback(self) -> None:
        """Implements `StoreConnection.rollback`."""
        if self._driver.in_transaction:
            self._driver.execute("ROLLBACK")

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self._path)
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _check_file(self) -> None:
        """Raises FileChanged when the file or its log is another one.

        SQLite looks at a log again only when it opens one, so what is committed to a log that somebody removed,
        emptied or overwrote is lost without a word.
        """
        if self._identity() != self.file:
            raise FileChanged("its file was removed or replaced while the server ran")
        if self._log is not None and not _begins_a_log(self._log):
            raise FileChanged("its write-ahead log was removed or overwritten while the server ran")


def _begins_a_log(path: str) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.read(descriptor, 4) in _LOG_BEGINS
    finally:
        os.close(descriptor)
