"""Opens the database of a store, or says in one sentence why that cannot be."""

from sqlalchemy.exc import SQLAlchemyError

from mockserver.foundation.settings import SettingsError
from mockserver.sandbox.persistence.sql.engine import LOCKING, make_engine
from mockserver.sandbox.persistence.sql.repository import SqlRepository
from mockserver.sandbox.persistence.sql.schema import prepare
from mockserver.sandbox.persistence.sql.url import read_address, redacted


def open_repository(address: str) -> SqlRepository:
    """Returns the repository of that address, its tables created and up to date. Raises SettingsError."""
    url = read_address(address)
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            connection.execution_options(**LOCKING)
            with connection.begin():
                prepare(connection)
    except SQLAlchemyError as error:
        engine.dispose()
        raise SettingsError(f"the store {redacted(url)} cannot be used: {_reason(error, url.password)}") from None
    except SettingsError:
        engine.dispose()
        raise
    return SqlRepository(engine)


def _reason(error: SQLAlchemyError, password: object) -> str:
    """Returns the driver's words in one line."""
    words = " ".join(str(getattr(error, "orig", None) or error).split())
    return words.replace(str(password), "…") if password else words
