"""Where contracts and fixtures lie: beside the package in a checkout, inside it once installed."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(*parts: str) -> Path:
    """The path of a shipped file or folder, for example `resource("fixtures", "worlds")`."""
    shipped = _PACKAGE.joinpath("_data", *parts)
    return shipped if shipped.exists() else _PACKAGE.parent.joinpath(*parts)
