"""Users who hold the provider's real document correct ours with OpenAPI Overlay 1.0 (and the `copy` of 1.1)."""

import re
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.contract.document import JsonObject, parse_yaml, read_bytes
from mockserver.contract.errors import ContractError
from mockserver.foundation.document_errors import DocumentError, DocumentPath, LineFinder, located, mistakes_text
from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.suggestions import hint, nearest_name

if TYPE_CHECKING:
    from jsonpath import JSONPathMatch

_STEP = late_pattern(r"""\.([A-Za-z_][\w-]*)|\['([^']+)'\]|\["([^"]+)"\]|.""", re.DOTALL)
"""A step of a JSONPath to a member by its name; or anything else, which has no group."""
_MOST_MEMBERS = 20
"""The most names that are listed where one was meant."""
_MEMBERS = {"target", "description", "update", "remove", "copy"}


def apply_overlay(document: JsonObject, path: Path, content: bytes | None = None) -> JsonObject:
    """The document with the overlay's actions carried out in order; the argument is left as it was.

    `content` is the content of the file, for callers that have read it already.

    Raises ContractError for a file that is not an overlay, and for an action that finds nothing: a correction that
    silently does nothing would be worse than none.
    """
    content = read_bytes(path) if content is None else content
    overlay = parse_yaml(path, content)
    if not str(overlay.get("overlay", "")).startswith("1."):
        raise ContractError(f"{path}: `overlay: 1.0.0` is needed at the top of an OpenAPI Overlay")
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        raise ContractError(f"{path}: `actions` must be a list with at least one action")
    result = deepcopy(document)
    mistakes: list[tuple[DocumentPath, str]] = []
    for number, action in enumerate(actions):
        try:
            _carry_out(result, action)
        except ContractError as error:
            mistakes.append((("actions", number), str(error)))
    if mistakes:
        raise ContractError(mistakes_text(str(path), located(mistakes, _line_finder(path, content))))
    return result


def _line_finder(path: Path, content: bytes) -> LineFinder:
    from mockserver.foundation.documents import read_document

    try:
        return read_document(str(path), content.decode(), "an overlay", strict=False)[1]
    except DocumentError:
        # It could be read before, by a reader that minds less.
        return lambda path: None


def _carry_out(document: JsonObject, action: Any) -> None:
    """Carries out an action. Raises ContractError without its place."""
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        raise ContractError("a mapping with a `target` (a JSONPath) is needed")
    if unknown := sorted(name for name in set(action) - _MEMBERS if not name.startswith("x-")):
        detail = hint(unknown[0], sorted(_MEMBERS), "an action has")
        raise ContractError(f"unknown member {unknown[0]!r}; {detail}")
    targets = _find(document, action["target"])
    if not targets:
        detail = _nearest_target(document, action["target"])
        raise ContractError(f"target {action['target']!r} matches nothing in the contract{detail}")
    if action.get("remove"):
        _remove(document, targets)
        return
    if "copy" in action:
        sources = _find(document, action["copy"])
        if len(sources) != 1:
            raise ContractError(f"copy {action['copy']!r} must match one place, not {len(sources)}")
        _merge_all(targets, deepcopy(sources[0].obj))
    if "update" in action:
        _merge_all(targets, action["update"])


def _nearest_target(document: JsonObject, expression: str) -> str:
    """Returns what the first name that is not there was probably meant to be; an empty text when nobody can tell."""
    node: Any = document
    for step in _STEP.finditer(expression.removeprefix("$")):
        name = next(filter(None, step.groups()), None)
        if name is None or not isinstance(node, dict):
            return ""
        if name not in node:
            members = sorted(map(str, node))
            detail = hint(name, members) if len(members) <= _MOST_MEMBERS else _near(name, members)
            return f": it has no {name!r} there" + (f"; {detail}" if detail else "")
        node = node[name]
    return ""


def _near(name: str, members: Sequence[str]) -> str:
    close = nearest_name(name, members)
    return "" if close is None else f"did you mean {close}?"


def _find(document: JsonObject, expression: str) -> "list[JSONPathMatch]":
    # Imported here: only users of overlays pay for the JSONPath library.
    from jsonpath import JSONPathEnvironment, JSONPathError

    try:
        return list(JSONPathEnvironment(strict=True).finditer(expression, document))
    except JSONPathError as error:
        # What follows its first line draws the place, which would not stay one sentence.
        sentence = str(error).partition("\n")[0]
        raise ContractError(f"{expression!r} is not a JSONPath (RFC 9535): {sentence}") from None


def _remove(document: JsonObject, targets: "list[JSONPathMatch]") -> None:
    # From the back, so that removing an array item does not move the ones still to go.
    for target in reversed(targets):
        if not target.parts:
            raise ContractError("the whole document cannot be removed")
        parent: Any = document
        for part in target.parts[:-1]:
            parent = parent[part]
        del parent[target.parts[-1]]


def _merge_all(targets: "list[JSONPathMatch]", update: Any) -> None:
    for target in targets:
        if isinstance(target.obj, list):
            target.obj.append(deepcopy(update))
        elif isinstance(target.obj, dict) and isinstance(update, dict):
            _merge(target.obj, update)
        else:
            raise ContractError("a target must be an object or an array; name its parent to change a value")


def _merge(into: JsonObject, update: JsonObject) -> None:
    for key, value in update.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        elif isinstance(value, list) and isinstance(into.get(key), list):
            into[key].extend(deepcopy(value))
        else:
            into[key] = deepcopy(value)
