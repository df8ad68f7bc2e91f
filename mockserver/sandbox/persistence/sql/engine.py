"""Engines open connections that are kept, and that are set up so that what is committed is safe."""

from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, event
from sqlalchemy.engine import URL

from mockserver.sandbox.persistence.sql.connection import StoreConnection
from mockserver.sandbox.persistence.sql.sqlite_connection import SqliteConnection, open_file

_PATIENCE_WITH_SERVER = {
    "connect_timeout": "2",
    # A server that is there no more, and never said so, is noticed.
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
    "tcp_user_timeout": "5000",
}
"""Parameters of libpq, where the address has not its own."""


def make_engine(url: URL) -> Engine:
    """Returns an engine that has not connected yet. Transactions begin where we say so, not where it guesses."""
    if url.get_backend_name() == "sqlite":
        path = _path(url)
        # Made here once, if it is not there; a file that goes away later is missed, never made anew.
        return create_engine(url, creator=lambda: open_file(path), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    from mockserver.sandbox.persistence.sql.postgresql_connection import prepare_driver

    arguments = {name: value for name, value in _PATIENCE_WITH_SERVER.items() if name not in url.query}
    engine = create_engine(url, connect_args=arguments, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    event.listen(engine, "connect", lambda driver, record: prepare_driver(driver))
    return engine


def make_file(url: URL) -> None:
    """Makes the file of a SQLite database, if it is not there. Raises OSError."""
    if url.get_backend_name() == "sqlite":
        _path(url).open("ab").close()


def connect(engine: Engine) -> StoreConnection:
    """Returns a new connection. Raises SQLAlchemyError."""
    alchemy = engine.connect()
    try:
        return connection_class(engine)(alchemy)
    except BaseException:
        alchemy.close()
        raise


def connection_class(engine: Engine) -> type[StoreConnection]:
    """Returns the class of the connections of a database."""
    if engine.dialect.name == "sqlite":
        return SqliteConnection
    from mockserver.sandbox.persistence.sql.postgresql_connection import PostgresqlConnection

    return PostgresqlConnection


def _path(url: URL) -> Path:
    return Path(url.database or "").absolute()
