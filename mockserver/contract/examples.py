"""Published payloads in a contract must be valid against their own schemas."""

from collections.abc import Iterator
from typing import Any

from mockserver.contract.checks import violations
from mockserver.contract.document import JsonObject, follow
from mockserver.contract.errors import ContractError
from mockserver.contract.supported import METHODS
from mockserver.contract.validator import SchemaLibrary, Validator, absolute


def check_examples(document: JsonObject) -> int:
    """Checks and counts the examples. ContractError names the first one that breaks its schema."""
    library = SchemaLibrary((), document.get("components", {}).get("schemas", {}))
    count = 0
    for where, schema, value in examples(document):
        count += 1
        if wrong := violations(Validator(library, absolute(schema)), value, "body"):
            raise ContractError(f"example {where}: {wrong[0].pointer}: {wrong[0].message}")
    return count


def examples(document: JsonObject) -> Iterator[tuple[str, JsonObject, Any]]:
    """(name, schema, value) of every example of a request or a response."""
    for item in document["paths"].values():
        for operation in (item[method] for method in METHODS if method in item):
            name = operation["operationId"]
            if "requestBody" in operation:
                yield from _of_content(f"{name} request", follow(document, operation["requestBody"]))
            for status, response in operation["responses"].items():
                yield from _of_content(f"{name} {status}", follow(document, response))


def _of_content(where: str, node: JsonObject) -> Iterator[tuple[str, JsonObject, Any]]:
    for media in node.get("content", {}).values():
        if "example" in media:
            yield where, media["schema"], media["example"]
        for name, example in media.get("examples", {}).items():
            yield f"{where} {name}", media["schema"], example["value"]
