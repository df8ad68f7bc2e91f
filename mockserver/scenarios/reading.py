"""Reads scenario files as YAML: the document, and the line of each part of it. No aliases."""

from typing import Any

from mockserver.foundation.document_errors import DocumentError, LineFinder
from mockserver.foundation.documents import read_document, whole
from mockserver.foundation.resources import with_dates_as_text
from mockserver.scenarios.errors import ScenarioError
from mockserver.scenarios.model import MAX_BYTES


def read_text(source: str, text: str) -> tuple[Any, LineFinder]:
    """Returns the document as plain JSON, and a finder of its lines. Raises ScenarioError."""
    check_size(source, len(text.encode()))
    try:
        return read_document(source, text, "a scenario", strict=True)
    except DocumentError as error:
        raise ScenarioError(source, error.mistakes) from None


def read_unchecked(text: str) -> Any:
    """Returns a document of the package, several times as fast: tests read it with every check. Raises ValueError."""
    import yaml

    try:
        return yaml.load(text, Loader=with_dates_as_text(getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


def check_size(source: str, size: int) -> None:
    """Raises ScenarioError for a document that is too large."""
    if size > MAX_BYTES:
        message = f"it has {size} bytes, a scenario has at most {MAX_BYTES}"
        raise ScenarioError(source, whole(source, message).mistakes)
