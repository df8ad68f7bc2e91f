"""What is wrong with a scenario, and where."""

from collections.abc import Sequence
from typing import NamedTuple

Place = tuple[str | int, ...]
"""The way from the top of a document: names of members, and positions from 0."""
_MAX_SHOWN = 20


class ScenarioMistake(NamedTuple):
    """One thing that is wrong."""

    line: int | None
    """From 1; None for a document that did not come as text."""
    place: str
    """For example `steps[0].do[1].clock`; empty for the whole document."""
    message: str
    """What would be right."""


class ScenarioError(ValueError):
    """A scenario that cannot be used; the message has a line `source:line: place: what is wrong` for each finding."""

    def __init__(self, source: str, findings: Sequence[ScenarioMistake]) -> None:
        super().__init__("\n".join(_sentence(source, finding) for finding in findings[:_MAX_SHOWN]))
        self.source = source
        self.findings = tuple(findings)


def written(place: Place) -> str:
    """A place as people write it."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")


def _sentence(source: str, finding: ScenarioMistake) -> str:
    where = source if finding.line is None else f"{source}:{finding.line}"
    return ": ".join(part for part in (where, finding.place, finding.message) if part)
