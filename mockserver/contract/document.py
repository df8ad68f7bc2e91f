"""Contract files are read as data, and their local references are followed."""

from pathlib import Path
from typing import Any

import orjson

from mockserver.contract.errors import ContractError
from mockserver.foundation.document_errors import DocumentError
from mockserver.foundation.documents import check_depth

JsonObject = dict[str, Any]


def read_bytes(path: Path) -> bytes:
    """Reads a file. ContractError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ContractError(f"{path}: cannot be read ({error.strerror})") from None


def parse_yaml(path: Path, content: bytes) -> JsonObject:
    """The mapping in the content of a YAML or JSON file. ContractError says which line cannot be read."""
    import yaml

    try:
        text = content.decode()
        check_depth(str(path), text)
        document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except DocumentError as error:
        raise ContractError(str(error)) from None
    except UnicodeDecodeError as error:
        raise ContractError(f"{path}: it is not text in UTF-8: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = str(path) if mark is None else f"{path}:{mark.line + 1}"
        reason = getattr(error, "problem", None) or " ".join(str(error).split())
        raise ContractError(f"{where}: it cannot be read as YAML: {reason}") from None
    if not isinstance(document, dict):
        raise ContractError(f"{path}: a mapping is needed at the top, not {type(document).__name__}")
    try:
        # To JSON and back: YAML anchors become copies, so that an overlay changes the one place that it names, and
        # what JSON does not have (a date, a number as a key) becomes what it would be on the wire.
        clean: JsonObject = orjson.loads(orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS))
    except TypeError as error:
        raise ContractError(f"{path}: cannot be written as JSON: {error}") from None
    return clean


def resolve(document: JsonObject, reference: str) -> Any:
    """Returns the node that a local `$ref` names. ContractError when it points nowhere or out of the document."""
    if not reference.startswith("#/"):
        raise ContractError(f"$ref {reference!r}: only references into the same document (#/…) are supported")
    node: Any = document
    for part in reference[2:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or key not in node:
            raise ContractError(f"$ref {reference!r}: there is nothing at that place")
        node = node[key]
    return node


def follow(document: JsonObject, node: JsonObject) -> JsonObject:
    """Returns the node itself, or the one that its `$ref` leads to, however many steps away."""
    seen: set[str] = set()
    while "$ref" in node:
        reference = node["$ref"]
        if reference in seen:
            raise ContractError(f"$ref {reference!r}: leads back to itself")
        seen.add(reference)
        node = resolve(document, reference)
    return node


def inline_rated_responses(document: JsonObject) -> None:
    """Puts a response in place of a reference to it that states a level of its own, which OpenAPI has no place for."""
    for item in document.get("paths", {}).values():
        for operation in item.values() if isinstance(item, dict) else ():
            responses: Any = operation.get("responses") if isinstance(operation, dict) else None
            if isinstance(responses, dict):
                responses.update(_inlined(document, responses))


def _inlined(document: JsonObject, responses: JsonObject) -> JsonObject:
    rated = {
        status: node
        for status, node in responses.items()
        if isinstance(node, dict) and node.keys() == {"$ref", "x-fidelity"}
    }
    return {status: {**follow(document, node), "x-fidelity": node["x-fidelity"]} for status, node in rated.items()}
