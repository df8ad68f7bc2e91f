"""Reads a baseline: the file of obligations that are known to be broken."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError, field_validator

from mockserver.foundation.document_errors import DocumentPath, format_path
from mockserver.foundation.models import FrozenModel
from mockserver.judge.catalogue import OBLIGATIONS
from mockserver.providers.contracts import provider_names

EVERY = "*"
"""The name that stands for every drill."""


class BaselineError(ValueError):
    """A baseline that cannot be used; the message names the file, the place, and what would be right."""


class BrokenObligation(FrozenModel):
    """An obligation that is known to be broken in a drill."""

    provider: str
    drill: str
    """The name of a drill, or `*` for all."""
    obligation: str
    why: str | None = None
    """A note for people who read the file."""

    @field_validator("provider")
    @classmethod
    def _is_a_provider(cls, name: str) -> str:
        return _checked_name(name, "provider", provider_names())

    @field_validator("obligation")
    @classmethod
    def _is_an_obligation(cls, name: str) -> str:
        return _checked_name(name, "obligation", OBLIGATIONS)


class Baseline(FrozenModel):
    """The obligations that are known to be broken."""

    version: Literal[1]
    broken: tuple[BrokenObligation, ...] = ()


def load_baseline(path: Path) -> Baseline:
    """Reads a YAML or JSON file. Raises BaselineError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BaselineError(f"{path}: it cannot be read as text in UTF-8: {_one_line(error)}") from None
    document, lines = _read(path, text)
    try:
        return Baseline.model_validate(document)
    except ValidationError as error:
        mistake = error.errors(include_url=False, include_context=False)[0]
        place: DocumentPath = mistake["loc"]
        row = place[1] if len(place) > 1 and isinstance(place[1], int) else -1
        where = f"{path}:{lines[row]}" if 0 <= row < len(lines) else str(path)
        message = _sentence(mistake["type"], mistake["msg"], place)
        raise BaselineError(": ".join(part for part in (where, format_path(place), message) if part)) from None


def _read(path: Path, text: str) -> tuple[Any, list[int]]:
    """Returns the document, and for YAML the line of each row."""
    import yaml

    if text.lstrip().startswith("{"):
        # JSON may be indented by tabs, which YAML does not take.
        try:
            return json.loads(text), []
        except json.JSONDecodeError as error:
            raise BaselineError(f"{path}:{error.lineno}: it cannot be read as JSON: {error.msg}") from None
    try:
        loader: Any = yaml.SafeLoader(text)
        node = loader.get_single_node()
        document = None if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        reason = getattr(error, "problem", None) or error
        raise BaselineError(f"{where}: it cannot be read as YAML: {_one_line(reason)}") from None
    members = node.value if isinstance(node, yaml.MappingNode) else []
    rows = next((value for key, value in members if key.value == "broken"), None)
    return document, [row.start_mark.line + 1 for row in rows.value] if isinstance(rows, yaml.SequenceNode) else []


def _checked_name(name: str, noun: str, names: Iterable[str]) -> str:
    if name in (names := list(names)):
        return name
    folded = {candidate.lower(): candidate for candidate in names}
    close = get_close_matches(name.lower(), folded, n=1, cutoff=0.4)
    hint = f"did you mean {folded[close[0]]}?" if close else f"there is {', '.join(names)}"
    raise ValueError(f"there is no {noun} {name!r}; {hint}")


def _sentence(type: str, message: str, place: DocumentPath) -> str:
    model = BrokenObligation if len(place) > 1 else Baseline
    if type == "missing":
        return "it is missing"
    if type == "extra_forbidden":
        return f"there is no such member; there is {', '.join(model.model_fields)}"
    if type == "model_type":
        return f"it is to be a mapping with {', '.join(model.model_fields)}"
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _one_line(error: object) -> str:
    return " ".join(str(error).split())
