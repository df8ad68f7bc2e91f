"""Mistakes in a document that somebody wrote, each with its place."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from mockserver.foundation.named_tuple import NamedTuple

DocumentPath: TypeAlias = tuple[str | int, ...]
"""The way from the top of a document to a part of it: names of members, and positions from 0."""
LineFinder = Callable[[DocumentPath], int | None]
"""Returns the line, from 1, of a path in a document, or of the last part of the path that there is; None where the
document did not come as text."""
_MAX_SHOWN = 20


class DocumentMistake(NamedTuple):
    """A mistake in a document."""

    line: int | None
    """From 1; None for a document that did not come as text."""
    place: str
    """For example `steps[0].do[1].clock`; empty for the whole document."""
    message: str
    """A sentence that says what would be right."""


class DocumentError(ValueError):
    """A document that cannot be used; the message has a line `source:line: place: what is wrong` for each mistake."""

    def __init__(self, source: str, mistakes: Sequence[DocumentMistake]) -> None:
        super().__init__(mistakes_text(source, mistakes))
        self.source = source
        self.mistakes = tuple(mistakes)


def mistakes_text(source: str, mistakes: Sequence[DocumentMistake]) -> str:
    """Returns a line for each mistake; of very many the first ones, and how many more there are."""
    lines = [_sentence(source, mistake) for mistake in mistakes[:_MAX_SHOWN]]
    if len(mistakes) > _MAX_SHOWN:
        lines.append(f"{source}: {len(mistakes) - _MAX_SHOWN} more mistakes are not shown")
    return "\n".join(lines)


def located(paths: Iterable[tuple[DocumentPath, str]], line: LineFinder) -> list[DocumentMistake]:
    """Returns the mistakes at some paths of a document, with their lines."""
    return [DocumentMistake(line(path), format_path(path), message) for path, message in paths]


def format_path(path: DocumentPath) -> str:
    """Returns a path as people write it, such as `steps[0].do[1].clock`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _sentence(source: str, mistake: DocumentMistake) -> str:
    where = source if mistake.line is None else f"{source}:{mistake.line}"
    return ": ".join(part for part in (where, mistake.place, mistake.message) if part)
