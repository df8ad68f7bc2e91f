"""The tables under `fixtures/tables`: read once, when first asked for, and never written to."""

import json
from functools import cache
from typing import Any

from mockserver.foundation.resources import resource


@cache
def table(name: str) -> Any:
    """The parsed table, for example `table("messages")["long"]`. Shared: callers only read."""
    return json.loads(resource("fixtures", "tables", f"{name}.json").read_bytes())
