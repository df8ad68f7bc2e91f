"""Worlds and scenarios as a server takes them: a name, or a document that is read and checked on this side."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from mockserver.client.connection import ClientError

Document: TypeAlias = str | Path | Mapping[str, Any]
"""The name of one that the server knows, a file of yours, or its content."""


def scenario_body(scenario: Document) -> Mapping[str, Any]:
    """The body that starts a scenario. Raises ScenarioError, with line and place, for a file that cannot be used."""
    if isinstance(scenario, str):
        return {"name": scenario}
    return scenario_document(scenario)


def scenario_field(scenario: Document) -> str | Mapping[str, Any]:
    """The member `scenario` of a new sandbox. Raises ScenarioError as `scenario_body` does."""
    return scenario if isinstance(scenario, str) else scenario_document(scenario)


def scenario_document(scenario: Path | Mapping[str, Any]) -> Mapping[str, Any]:
    """The content of a scenario, plain enough for JSON."""
    if isinstance(scenario, Path):
        with _reading(scenario):
            from mockserver.scenarios import load_scenario

        document: Mapping[str, Any] = load_scenario(str(scenario)).model_dump(mode="json", exclude_unset=True)
        return document
    return scenario


def world_document(world: Document) -> str | Mapping[str, Any]:
    """The name of a world, or its content. Raises WorldError for a file that cannot be used."""
    if isinstance(world, Path):
        with _reading(world):
            from mockserver.world import load_world_file

        return load_world_file(str(world)).as_document()
    return world


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Raises ClientError where the block imports what is not installed: everything but files works without it."""
    try:
        yield
    except ImportError as error:
        raise ClientError(
            f"{path} is read on this side, which needs libraries that are not installed here ({error}); "
            "give its content as a mapping, or install lead-mockserver with all that it needs"
        ) from error
