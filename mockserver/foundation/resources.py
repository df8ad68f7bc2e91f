"""Where contracts and fixtures lie: beside the package in a checkout, inside it once installed; how they are read."""

from functools import lru_cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parents[1]


def resource(*parts: str) -> Path:
    """The path of a shipped file or folder, for example `resource("fixtures", "worlds")`."""
    shipped = _PACKAGE.joinpath("_data", *parts)
    return shipped if shipped.exists() else _PACKAGE.parent.joinpath(*parts)


@lru_cache
def with_dates_as_text(loader: Any) -> Any:
    """A loader class of PyYAML's for which a date stays text: one without a zone is not silently taken for UTC."""
    resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
        for first, rules in loader.yaml_implicit_resolvers.items()
    }
    return type("Loader", (loader,), {"yaml_implicit_resolvers": resolvers})
