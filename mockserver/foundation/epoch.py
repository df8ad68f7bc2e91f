"""The type of a moment."""

from typing import TypeAlias

Epoch: TypeAlias = int
"""Whole seconds since 1970-01-01T00:00:00Z."""
