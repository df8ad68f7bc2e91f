"""Connections to the database are set up so that what is committed is safe and nobody waits for ever."""

import os
import sqlite3
from pathlib import Path
from select import select
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import InvalidatePoolError

LOCKING = {"locking": True}
"""Execution option of a transaction that writes."""

_SQLITE = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL")
_POSTGRESQL = (
    # Whoever meets a lock tries again, and meanwhile holds up nobody else.
    "SET lock_timeout = '1ms'",
    "SET statement_timeout = '10s'",
    # A process that hangs inside a transaction must not hang all others.
    "SET idle_in_transaction_session_timeout = '30s'",
)
_PATIENCE_WITH_SERVER = {
    "connect_timeout": "2",
    # A server that is there no more, and never said so, is noticed.
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
    "tcp_user_timeout": "5000",
}
"""Parameters of libpq, where the address has not its own."""
_FILE = "file"
"""The name under which a connection has device and number of the file that it opened."""
_LOG = "log"
"""The name under which a connection has the path of its write-ahead log."""
_LOG_BEGINS = (b"", b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
"""First bytes of a write-ahead log: nothing was written to it yet, or its magic number (SQLite's file format, 4.1)."""


def make_engine(url: URL) -> Engine:
    """Returns an engine that has not connected yet."""
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "").absolute()
        # Made here once, if it is not there; a file that goes away later is missed, never made anew.
        engine = create_engine(url, creator=lambda: _open_file(path), paramstyle="named")
        event.listen(engine, "connect", lambda connection, record: _prepare_sqlite(connection, record, path))
        event.listen(engine, "checkout", lambda connection, record, proxy: _need_file(record, path))
        event.listen(engine, "begin", _begin_sqlite)
    else:
        arguments = {name: value for name, value in _PATIENCE_WITH_SERVER.items() if name not in url.query}
        engine = create_engine(url, connect_args=arguments)
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "checkout", _need_alive)
    return engine


def make_file(url: URL) -> None:
    """Makes the file of a SQLite database, if it is not there. Raises OSError."""
    if url.get_backend_name() == "sqlite":
        Path(url.database or "").open("ab").close()


def file_of(connection: Connection) -> object:
    """Returns what tells the file that is open from any other; None for a database without a file."""
    return connection.info.get(_FILE)


def is_file_of(connection: Connection) -> bool:
    """Tells whether the file at the database's path is the one that is open; true for a database without a file."""
    info = connection.info
    return _FILE not in info or _identity(info["path"]) == info[_FILE]


def is_log_whole(connection: Connection) -> bool:
    """Tells whether the write-ahead log beside the database is there, and begins as SQLite's logs do.

    SQLite looks at a log again only when it opens one, so what is committed to a log that somebody removed, emptied or
    overwrote is lost without a word. True for a database without such a log.
    """
    log = connection.info.get(_LOG)
    return log is None or _first_bytes(log) in _LOG_BEGINS


def _first_bytes(path: str) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return os.read(descriptor, 4)
    finally:
        os.close(descriptor)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _open_file(path: Path) -> sqlite3.Connection:
    # Without a time limit for locks: who meets one tries again, and meanwhile holds up nobody else.
    return sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=0, check_same_thread=False)


def _prepare_sqlite(connection: Any, record: Any, path: Path) -> None:
    # Transactions begin where we say so, not where the driver guesses.
    connection.isolation_level = None
    for statement in _SQLITE:
        connection.execute(statement)
    record.info.update({_FILE: _identity(path), "path": path})
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        record.info[_LOG] = f"{path}-wal"


def _need_file(record: Any, path: Path) -> None:
    if _identity(path) != record.info[_FILE]:
        raise InvalidatePoolError("the file is another one")


def _begin_sqlite(connection: Connection) -> None:
    # A reader sees one commit per statement; a writer has the database to itself from its first look on.
    if connection.get_execution_options().get("locking"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare_postgresql(connection: Any, record: Any) -> None:
    autocommit, connection.autocommit = connection.autocommit, True
    for statement in _POSTGRESQL:
        connection.execute(statement)
    connection.autocommit = autocommit


def _need_alive(connection: Any, record: Any, proxy: Any) -> None:
    # Nothing is under way, so all that there can be to read is that the server hung up. Costs no round trip.
    if connection.closed or select([connection.fileno()], [], [], 0)[0]:
        raise InvalidatePoolError("the server hung up")
