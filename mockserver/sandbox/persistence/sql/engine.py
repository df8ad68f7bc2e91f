"""Connections to the database are set up so that what is committed is safe and nobody waits for ever."""

from select import select
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import InvalidatePoolError

PATIENCE = 10
"""Seconds to wait for a lock that another process holds; a transaction takes milliseconds."""

LOCKING = {"locking": True}
"""Execution option of a transaction that writes."""

_SQLITE = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", f"PRAGMA busy_timeout={PATIENCE * 1000}")
_POSTGRESQL = (
    f"SET lock_timeout = '{PATIENCE}s'",
    # A process that hangs inside a transaction must not hang all others.
    f"SET idle_in_transaction_session_timeout = '{3 * PATIENCE}s'",
)


def make_engine(url: URL) -> Engine:
    """Returns an engine that has not connected yet."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": PATIENCE}, paramstyle="named")
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        arguments = {} if "connect_timeout" in url.query else {"connect_timeout": 5}
        engine = create_engine(url, connect_args=arguments)
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "checkout", _need_alive)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:
    # Transactions begin where we say so, not where the driver guesses.
    connection.isolation_level = None
    for statement in _SQLITE:
        connection.execute(statement)


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
