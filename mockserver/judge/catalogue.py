"""The obligations of clients, and for each provider the reasons for which its clients owe them: both are data."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from mockserver.foundation.resources import resource
from mockserver.judge.reasons import ObligationReason, effective_severity
from mockserver.judge.rulings import Obligation, Severity

READINGS = "TOLERANCE-05"
"""The obligation to work with every reading: the drills of other readings aim at it."""
_Entry = TypeVar("_Entry", bound=BaseModel)


class CatalogueError(ValueError):
    """A file of obligations or reasons that cannot be used; the message names the file, the id and the mistake."""


def read_obligations(path: Path) -> dict[str, Obligation]:
    """The obligations in a file, by id. Raises CatalogueError."""
    return {id: read_entry(path, id, Obligation, {**members, "id": id}) for id, members in read_entries(path).items()}


def read_reasons(path: Path, obligations: Mapping[str, Obligation]) -> dict[str, ObligationReason]:
    """The reasons in a file, by the id of an obligation that must be among these. Raises CatalogueError."""
    entries = read_entries(path)
    for id in entries:
        if id not in obligations:
            raise CatalogueError(f"{path}: {id}: there is no such obligation")
    return {id: read_entry(path, id, ObligationReason, members) for id, members in entries.items()}


def read_entry(path: Path, id: str, model: type[_Entry], members: Mapping[str, Any]) -> _Entry:
    """An entry of a file as a model. Raises CatalogueError."""
    try:
        return model.model_validate(members)
    except ValidationError as error:
        mistake = error.errors(include_url=False, include_context=False)[0]
        place = "".join(f"{part}: " for part in mistake["loc"])
        raise CatalogueError(f"{path}: {id}: {place}{mistake['msg'].removeprefix('Value error, ')}") from None


def read_entries(path: Path) -> dict[str, dict[str, Any]]:
    """The members of each entry of a file, by its id. Raises CatalogueError."""
    try:
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=_CatalogueLoader)
    except OSError as error:
        raise CatalogueError(f"{path}: it cannot be read: {error.strerror}") from None
    except _Twice as error:
        raise CatalogueError(f"{path}:{error}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: it is not YAML in UTF-8: {' '.join(str(error).split())}") from None
    if not isinstance(entries, dict):
        raise CatalogueError(f"{path}: it is to be a mapping from ids to their members")
    for id, members in entries.items():
        if not isinstance(members, dict):
            raise CatalogueError(f"{path}: {id}: it is to be a mapping")
    return entries


class _Twice(yaml.YAMLError):
    """A member that stands in a mapping twice, of which YAML would silently take the last."""


class _CatalogueLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the one in C, where there is one
    """Reads plain data, and no mapping with a member twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        names: set[str] = set()
        for key, _ in node.value:
            if key.value in names:
                raise _Twice(f"{key.start_mark.line + 1}: {key.value} stands there twice")
            names.add(key.value)
        return super().construct_mapping(node, deep)


OBLIGATIONS: Mapping[str, Obligation] = read_obligations(resource("fixtures", "obligations.yaml"))
"""The obligations by id, in the order of reports."""


@lru_cache
def reasons_of(provider: str) -> Mapping[str, ObligationReason]:
    """The reasons for which clients of a provider owe obligations, by the id of the obligation. Read once."""
    return read_reasons(resource("fixtures", "obligations", f"{provider}.yaml"), OBLIGATIONS)


def severity_of(provider: str, id: str, *, strict: bool = False) -> Severity:
    """Returns the severity of an obligation of a provider's clients: no more than the level of its reason allows.

    `strict` takes the other readings for the provider's own, so that they count in full.
    """
    return counted_severity(id, reasons_of(provider)[id], strict=strict)


def counted_severity(id: str, reason: ObligationReason, *, strict: bool = False) -> Severity:
    """Returns the severity of an obligation that is owed for this reason."""
    return OBLIGATIONS[id].severity if strict and id == READINGS else effective_severity(OBLIGATIONS[id], reason)
