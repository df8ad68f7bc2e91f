"""Opens the database of a store, or says in one sentence why that cannot be."""

from threading import Event

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.settings import SettingsError
from mockserver.sandbox.persistence.sql.engine import connect, make_engine, make_file
from mockserver.sandbox.persistence.sql.repository import SqlRepository
from mockserver.sandbox.persistence.sql.schema import prepare
from mockserver.sandbox.persistence.sql.trouble import errors_of, is_locked
from mockserver.sandbox.persistence.sql.url import read_address, redacted
from mockserver.sandbox.unit_of_work import LONGEST_PAUSE, STORE_PATIENCE


def open_repository(address: str) -> SqlRepository:
    """Returns the repository of that address, its tables created and up to date. Raises SettingsError."""
    url = read_address(address)
    engine = make_engine(url)
    try:
        make_file(url)
        _prepare(engine)
    except (SQLAlchemyError, OSError, engine.dialect.loaded_dbapi.Error) as error:
        engine.dispose()
        raise SettingsError(f"the store {redacted(url)} cannot be used: {_reason(error, url.password)}") from None
    except SettingsError:
        engine.dispose()
        raise
    return SqlRepository(engine)


def _prepare(engine: Engine) -> None:
    """Prepares the tables, and waits for another process that does the same."""
    begun = stopwatch()
    while True:
        try:
            store = connect(engine)
            try:
                store.begin()
                prepare(store.alchemy)
                store.finish([])
            finally:
                store.close()
            return
        except errors_of(engine) as error:
            if not is_locked(error) or stopwatch() - begun >= STORE_PATIENCE:
                raise
        Event().wait(LONGEST_PAUSE)


def _reason(error: Exception, password: object) -> str:
    """Returns the driver's words in one line."""
    words = " ".join(str(getattr(error, "orig", None) or error).split())
    return words.replace(str(password), "…") if password else words
