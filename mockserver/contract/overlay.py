"""Users who hold the provider's real document correct ours with OpenAPI Overlay 1.0 (and the `copy` of 1.1)."""

from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.contract.document import JsonObject, parse_yaml, read_bytes
from mockserver.contract.errors import ContractError

if TYPE_CHECKING:
    from jsonpath import JSONPathMatch

_MEMBERS = {"target", "description", "update", "remove", "copy"}


def apply_overlay(document: JsonObject, path: Path, content: bytes | None = None) -> JsonObject:
    """The document with the overlay's actions carried out in order; the argument is left as it was.

    `content` is the content of the file, for callers that have read it already.

    Raises ContractError for a file that is not an overlay, and for an action that finds nothing: a correction that
    silently does nothing would be worse than none.
    """
    overlay = parse_yaml(path, read_bytes(path) if content is None else content)
    if not str(overlay.get("overlay", "")).startswith("1."):
        raise ContractError(f"{path}: `overlay: 1.0.0` is needed at the top of an OpenAPI Overlay")
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        raise ContractError(f"{path}: `actions` must be a list with at least one action")
    result = deepcopy(document)
    for number, action in enumerate(actions):
        _carry_out(result, action, f"{path}: actions[{number}]")
    return result


def _carry_out(document: JsonObject, action: Any, where: str) -> None:
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        raise ContractError(f"{where}: a mapping with a `target` (a JSONPath) is needed")
    if unknown := sorted(set(action) - _MEMBERS):
        raise ContractError(f"{where}: unknown member {unknown[0]!r}; an action has {', '.join(sorted(_MEMBERS))}")
    targets = _find(document, action["target"], where)
    if not targets:
        raise ContractError(f"{where}: target {action['target']!r} matches nothing in the contract")
    if action.get("remove"):
        _remove(document, targets, where)
        return
    if "copy" in action:
        sources = _find(document, action["copy"], where)
        if len(sources) != 1:
            raise ContractError(f"{where}: copy {action['copy']!r} must match one place, not {len(sources)}")
        _merge_all(targets, deepcopy(sources[0].obj), where)
    if "update" in action:
        _merge_all(targets, action["update"], where)


def _find(document: JsonObject, expression: str, where: str) -> "list[JSONPathMatch]":
    # Imported here: only users of overlays pay for the JSONPath library.
    from jsonpath import JSONPathEnvironment, JSONPathError

    try:
        return list(JSONPathEnvironment(strict=True).finditer(expression, document))
    except JSONPathError as error:
        # What follows its first line draws the place, which would not stay one sentence.
        sentence = str(error).partition("\n")[0]
        raise ContractError(f"{where}: {expression!r} is not a JSONPath (RFC 9535): {sentence}") from None


def _remove(document: JsonObject, targets: "list[JSONPathMatch]", where: str) -> None:
    # From the back, so that removing an array item does not move the ones still to go.
    for target in reversed(targets):
        if not target.parts:
            raise ContractError(f"{where}: the whole document cannot be removed")
        parent: Any = document
        for part in target.parts[:-1]:
            parent = parent[part]
        del parent[target.parts[-1]]


def _merge_all(targets: "list[JSONPathMatch]", update: Any, where: str) -> None:
    for target in targets:
        if isinstance(target.obj, list):
            target.obj.append(deepcopy(update))
        elif isinstance(target.obj, dict) and isinstance(update, dict):
            _merge(target.obj, update)
        else:
            raise ContractError(f"{where}: a target must be an object or an array; name its parent to change a value")


def _merge(into: JsonObject, update: JsonObject) -> None:
    for key, value in update.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        elif isinstance(value, list) and isinstance(into.get(key), list):
            into[key].extend(deepcopy(value))
        else:
            into[key] = deepcopy(value)
