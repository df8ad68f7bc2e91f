"""Sandboxes that outlive the process and are shared: in SQLite or PostgreSQL. Imported only when one is asked for."""

from mockserver.sandbox.persistence.sql.opening import open_repository
from mockserver.sandbox.persistence.sql.repository import SqlRepository

__all__ = ["SqlRepository", "open_repository"]
