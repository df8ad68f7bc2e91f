"""Repositories keep sandboxes: in memory, or in a database."""
