"""The tables under `fixtures/tables`: read once, when first asked for, and never written to."""

from typing import Any

from mockserver.foundation.resources import shipped_json


def table(name: str) -> Any:
    """The parsed table, for example `table("messages")["long"]`. Shared: callers only read."""
    return shipped_json("fixtures", "tables", f"{name}.json")
