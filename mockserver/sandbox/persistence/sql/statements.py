"""Statements that are run often, compiled once for each kind of database; and INSERTs that meet a row already there."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Prepared:
    """A statement whose parameters are bound by name. What it costs is then the database's time, and little else."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        self._make = make
        """Returns the statement for a kind of database."""
        self._texts: dict[str, str] = {}

    def __call__(
        self, connection: Connection, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    ) -> CursorResult[Any]:
        """Runs it once, or once for each of a list of parameters."""
        dialect = connection.dialect
        text = self._texts.get(dialect.name) or self._compile(dialect)
        return connection.exec_driver_sql(text, parameters)

    def _compile(self, dialect: Dialect) -> str:
        text = self._texts[dialect.name] = str(self._make(dialect.name).compile(dialect=dialect))
        return text


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
