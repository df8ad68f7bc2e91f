"""The type of JSON documents, wherever they are handled as plain data."""

from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object."""
