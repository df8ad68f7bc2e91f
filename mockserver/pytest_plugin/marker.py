"""`@pytest.mark.mockserver(…)` describes the sandbox of a test."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import pytest

NAME = "mockserver"
_MADE_BY_CAPSULE = {"world", "scenario", "variants", "now", "seed"}


class MarkerError(Exception):
    """A marker that cannot be understood; the message names the test and says what would be right."""


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """The markers of a test, read. None where they say nothing."""

    world: Any = None
    scenario: Any = None
    variants: Mapping[str, Mapping[str, str]] | None = None
    now: Any = None
    seed: int | None = None
    credentials: Mapping[str, Mapping[str, Any]] | None = None
    strict: bool | None = None
    capsule: Any = None


def read_marker(item: pytest.Item) -> SandboxOptions:
    """The markers of a test, its class and its module together, the closest first. Raises MarkerError."""
    arguments: dict[str, Any] = {}
    names = [field.name for field in fields(SandboxOptions)]
    for marker in item.iter_markers(NAME):
        if marker.args:
            raise MarkerError(_complain(item, f"{marker.args[0]!r} has no name", names))
        if unknown := sorted(set(marker.kwargs) - set(names)):
            raise MarkerError(_complain(item, f"there is no argument {unknown[0]!r}", names))
        arguments = {**marker.kwargs, **arguments}
    if arguments.get("capsule") is not None and (clash := sorted(arguments.keys() & _MADE_BY_CAPSULE)):
        raise MarkerError(f"{item.nodeid}: @pytest.mark.{NAME}: a capsule brings its own {clash[0]}; leave it out")
    return SandboxOptions(**arguments)


def _complain(item: pytest.Item, what: str, names: list[str]) -> str:
    return f"{item.nodeid}: @pytest.mark.{NAME}: {what}; write {', '.join(f'{name}=…' for name in names)}"
