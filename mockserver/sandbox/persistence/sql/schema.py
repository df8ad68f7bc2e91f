"""The tables, their version, and how a database of an older version becomes one of ours."""

import logging
from collections.abc import Callable, Mapping

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
    update,
)

from mockserver.foundation.settings import SettingsError
from mockserver.foundation.version import __version__

log = logging.getLogger("mockserver.store")

VERSION = 3
"""The version of the tables below, and of the forms of their records that an earlier release cannot read.

A change of either is a new version, and a function in `MIGRATIONS`.
"""


def _name_the_specification(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE mockserver_sandboxes RENAME COLUMN birth TO spec"))


def _keep_writes_as_they_came(connection: Connection) -> None:
    """Leaves the tables as they are: new records may be in the words of a provider, all others stay."""


MIGRATIONS: Mapping[int, Callable[[Connection], None]] = {1: _name_the_specification, 2: _keep_writes_as_they_came}
"""Functions by version: each turns the tables of that version into those of the next."""

tables = MetaData()

meta = Table(
    "mockserver_meta",
    tables,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
sandboxes = Table(
    "mockserver_sandboxes",
    tables,
    Column("id", Text, primary_key=True),
    # Tells a sandbox from a later one of the same id.
    Column("incarnation", Text, nullable=False),
    Column("spec", Text, nullable=False),
    Column("made_at", Float(53), nullable=False),
    Column("touched_at", Float(53), nullable=False),
    # Counts the transactions that changed a record.
    Column("revision", BigInteger, nullable=False),
    # Tombstones up to this revision are swept away; who has seen less reads everything anew.
    Column("swept", BigInteger, nullable=False),
    # How many entries the journal got.
    Column("total", BigInteger, nullable=False),
)
users = Table(
    "mockserver_users",
    tables,
    Column("provider", Text, primary_key=True),
    Column("user_name", Text, primary_key=True),
    Column("sandbox", Text, nullable=False, index=True),
)
records = Table(
    "mockserver_records",
    tables,
    Column("sandbox", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("record", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    # JSON; NULL is a tombstone: the record is as at the start again.
    Column("value", Text),
    Index("mockserver_records_revision", "sandbox", "revision"),
)
journal = Table(
    "mockserver_journal",
    tables,
    Column("sandbox", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("entry", LargeBinary, nullable=False),
)
snapshots = Table(
    "mockserver_snapshots",
    tables,
    Column("sandbox", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("dump", LargeBinary, nullable=False),
)
OF_A_SANDBOX = (users, records, journal, snapshots)
"""The tables whose rows belong to single sandboxes."""

_ADVISORY_LOCK = 7_246_118_305
"""Held on PostgreSQL while the tables are made: two processes that start at once must not both do it."""


def prepare(connection: Connection) -> None:
    """Creates the tables, or brings older ones up to date, in a locking transaction. Raises SettingsError."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
    if not inspect(connection).has_table(meta.name):
        tables.create_all(connection)
        connection.execute(
            insert(meta), [{"name": "schema", "value": str(VERSION)}, {"name": "package", "value": __version__}]
        )
        return
    stored = {row.name: row.value for row in connection.execute(select(meta.c.name, meta.c.value))}
    _migrate(connection, int(stored["schema"]))
    if stored["package"] != __version__:
        log.warning(
            "the store was made by version %s of this package, this is %s; its worlds may differ",
            stored["package"],
            __version__,
        )


def _migrate(connection: Connection, version: int) -> None:
    if version > VERSION:
        raise SettingsError(
            f"the store has tables of version {version}, this is version {VERSION}: it was made by a newer release; "
            "upgrade to that, or start with another store"
        )
    for old in range(version, VERSION):
        MIGRATIONS[old](connection)
    if version < VERSION:
        connection.execute(update(meta).where(meta.c.name == "schema").values(value=str(VERSION)))
        log.info("the tables of the store were of version %d and are of version %d now", version, VERSION)
