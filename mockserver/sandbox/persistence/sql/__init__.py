"""Sandboxes that outlive the process and are shared: in SQLite or PostgreSQL. Imported only when one is asked for."""

from mockserver.sandbox.persistence.sql.opening import open_keeper
from mockserver.sandbox.persistence.sql.repository import SqlKeeper

__all__ = ["SqlKeeper", "open_keeper"]
