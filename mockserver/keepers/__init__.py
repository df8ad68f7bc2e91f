"""Sandboxes that outlive the process and are shared: in SQLite or PostgreSQL. Imported only when one is asked for."""

from mockserver.keepers.opening import open_keeper
from mockserver.keepers.sql import SqlKeeper

__all__ = ["SqlKeeper", "open_keeper"]
