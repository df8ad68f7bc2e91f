"""An enumeration tells the type of its values as well, since generators of clients take no type from the values."""

from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import JsonObject
from mockserver.contract.errors import ContractError


def check_enum_types(document: JsonObject) -> None:
    """Raises ContractError that names every schema of the document with an `enum` or a `const` and without a `type`."""
    if places := list(_untyped(document, "#")):
        raise ContractError("an enum or a const needs a type beside it:\n" + "\n".join(places))


def _untyped(node: Any, path: str) -> Iterator[str]:
    if isinstance(node, dict):
        if (isinstance(node.get("enum"), list) or isinstance(node.get("const"), str)) and "type" not in node:
            yield path
        for name, inner in node.items():
            if name not in ("example", "examples"):
                yield from _untyped(inner, f"{path}/{name}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _untyped(inner, f"{path}/{index}")
