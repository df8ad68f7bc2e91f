"""Addresses of databases are checked, and are shown without their passwords."""

from importlib.util import find_spec

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from mockserver.foundation.extras import missing_extra
from mockserver.foundation.settings import SettingsError

_KINDS = "`memory`, `sqlite:///FILE` or `postgresql+psycopg://USER:PASSWORD@HOST/DATABASE`"
_POSTGRESQL = ("postgresql", "postgresql+psycopg")
_SQLITE = ("sqlite", "sqlite+pysqlite")


def read_address(text: str) -> URL:
    """Reads the address that `--store` gives. Raises SettingsError, whose sentence never repeats a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # What cannot be taken apart may hold a password anywhere.
        raise SettingsError(f"the store is not an address that can be read; it is {_KINDS}") from None
    if url.drivername in _SQLITE:
        return _file(url)
    if url.drivername in _POSTGRESQL:
        return _server(url)
    raise SettingsError(f"there is no store of the kind {url.drivername!r}; the store is {_KINDS}")


def redacted(url: URL) -> str:
    """Returns the address for messages and logs, without user, password and options."""
    where = f"{url.host or ''}{f':{url.port}' if url.port else ''}"
    return f"{url.drivername}://{where}/{url.database or ''}"


def _file(url: URL) -> URL:
    if url.host or url.query:
        raise SettingsError("a SQLite store is `sqlite:///FILE`, with three slashes and nothing behind the file's name")
    if not url.database or url.database == ":memory:":
        raise SettingsError(
            "a SQLite store without a file neither lasts nor can be shared; name one, as in `sqlite:///mockserver.db`, "
            "or use `--store memory`"
        )
    return url.set(drivername="sqlite+pysqlite")


def _server(url: URL) -> URL:
    if find_spec("psycopg") is None:
        raise SettingsError(missing_extra("a PostgreSQL store", "postgresql"))
    if not url.database:
        raise SettingsError("the address of a PostgreSQL store ends with the name of its database: …@HOST/DATABASE")
    return url.set(drivername="postgresql+psycopg")
