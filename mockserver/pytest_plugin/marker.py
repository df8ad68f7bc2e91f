"""`@pytest.mark.mockserver(…)`: what a test wants its sandbox to be."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import pytest

NAME = "mockserver"


class MarkerError(Exception):
    """A marker that cannot be understood; the message names the test and says what would be right."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the markers of a test say. None where they say nothing."""

    world: Any = None
    scenario: Any = None
    variants: Mapping[str, Mapping[str, str]] | None = None
    now: Any = None
    seed: int | None = None
    credentials: Mapping[str, Mapping[str, Any]] | None = None
    strict: bool | None = None


def read_marker(item: pytest.Item) -> Wanted:
    """The markers of a test, its class and its module together, the closest first. Raises MarkerError."""
    said: dict[str, Any] = {}
    known = [field.name for field in fields(Wanted)]
    for marker in item.iter_markers(NAME):
        if marker.args:
            raise MarkerError(_complain(item, f"{marker.args[0]!r} has no name", known))
        if unknown := sorted(set(marker.kwargs) - set(known)):
            raise MarkerError(_complain(item, f"there is no argument {unknown[0]!r}", known))
        said = {**marker.kwargs, **said}
    return Wanted(**said)


def _complain(item: pytest.Item, what: str, known: list[str]) -> str:
    return f"{item.nodeid}: @pytest.mark.{NAME}: {what}; write {', '.join(f'{name}=…' for name in known)}"
