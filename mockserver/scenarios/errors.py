"""Mistakes in a scenario document, each with its place."""

from collections.abc import Sequence
from typing import TypeAlias

from mockserver.foundation.named_tuple import NamedTuple

DocumentPath: TypeAlias = tuple[str | int, ...]
"""The way from the top of a document to a part of it: names of members, and positions from 0."""
_MAX_SHOWN = 20


class ScenarioMistake(NamedTuple):
    """A mistake in a scenario document."""

    line: int | None
    """From 1; None for a document that did not come as text."""
    place: str
    """For example `steps[0].do[1].clock`; empty for the whole document."""
    message: str
    """A sentence that says what would be right."""


class ScenarioError(ValueError):
    """A scenario that cannot be used; the message has a line `source:line: place: what is wrong` for each mistake."""

    def __init__(self, source: str, mistakes: Sequence[ScenarioMistake]) -> None:
        super().__init__("\n".join(_sentence(source, mistake) for mistake in mistakes[:_MAX_SHOWN]))
        self.source = source
        self.mistakes = tuple(mistakes)


def format_path(path: DocumentPath) -> str:
    """Returns a path as people write it, such as `steps[0].do[1].clock`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _sentence(source: str, mistake: ScenarioMistake) -> str:
    where = source if mistake.line is None else f"{source}:{mistake.line}"
    return ": ".join(part for part in (where, mistake.place, mistake.message) if part)
