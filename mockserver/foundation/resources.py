"""Paths of contracts and fixtures, which are beside the package in a checkout and inside it once installed."""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson

_PACKAGE = Path(__file__).parents[1]


def resource(*parts: str) -> Path:
    """Returns the path of a shipped file or folder, for example `resource("fixtures", "worlds")`."""
    shipped = _PACKAGE.joinpath("_data", *parts)
    return shipped if shipped.exists() else _PACKAGE.parent.joinpath(*parts)


@cache
def shipped_json(*parts: str) -> Any:
    """Returns what a shipped file of JSON says, read once; callers share it, and only read."""
    return orjson.loads(resource(*parts).read_bytes())


@lru_cache
def with_dates_as_text(loader: Any) -> Any:
    """Returns a subclass of a PyYAML loader that reads dates as text, since PyYAML takes one without a zone for UTC."""
    resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
        for first, rules in loader.yaml_implicit_resolvers.items()
    }
    return type("Loader", (loader,), {"yaml_implicit_resolvers": resolvers})
