"""INSERTs that meet a row already there, and parts of a transaction that can be rolled back alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@contextmanager
def savepoint(connection: Connection) -> Iterator[Connection]:
    """Rolls back what was done in the block when that raises, and leaves the rest of the transaction as it is."""
    connection.exec_driver_sql("SAVEPOINT block")
    try:
        yield connection
    except BaseException:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT block")
        raise
    connection.exec_driver_sql("RELEASE SAVEPOINT block")


@lru_cache
def upsert(table: Table, dialect: str, leave: tuple[str, ...] = ()) -> Any:
    """Replaces the row of that key, but for the columns to leave."""
    statement = _INSERT[dialect](table)
    keys = [column.name for column in table.primary_key]
    rest = [column.name for column in table.columns if column.name not in (*keys, *leave)]
    return statement.on_conflict_do_update(index_elements=keys, set_={name: statement.excluded[name] for name in rest})


@lru_cache
def insert_new(table: Table, dialect: str) -> Any:
    """Leaves the row of that key as it is; returns the key of one that was not there."""
    return _INSERT[dialect](table).on_conflict_do_nothing().returning(*table.primary_key)
