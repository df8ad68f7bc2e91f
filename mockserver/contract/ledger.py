"""The fidelity ledger: how sure we are of each thing a contract says, and the lint that keeps it complete."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from mockserver.contract.document import JsonObject, follow
from mockserver.contract.errors import ContractError
from mockserver.contract.supported import LEVELS, METHODS


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row tells how sure we are of `subject`. `operation` is empty for what concerns the whole provider."""

    provider: str
    operation: str
    subject: str
    level: str
    source: str

    def as_dict(self) -> dict[str, str]:
        """The form of `/__admin/fidelity`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Variant:
    """A question with more than one plausible answer. `values` maps each answer to a sentence."""

    name: str
    about: str
    default: str
    values: dict[str, str]


def variants(document: JsonObject) -> dict[str, Variant]:
    """The variants of a contract by name. ContractError for one without a valid default."""
    result = {}
    for name, node in document.get("x-variants", {}).items():
        where = f"x-variants/{name}"
        values = node.get("values") if isinstance(node, dict) else None
        if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
            raise ContractError(
                f"{where}: `values` must map each reading (quoted, if YAML would read it as a bool) to a sentence"
            )
        if node.get("default") not in values:
            raise ContractError(f"{where}: default {node.get('default')!r} is not one of {', '.join(values)}")
        result[name] = Variant(name, str(node.get("about", "")), node["default"], dict(values))
    return result


def ledger(provider: str, document: JsonObject) -> list[LedgerRow]:
    """Returns all rows of a contract. ContractError names the first thing without a fidelity."""
    return [
        LedgerRow(provider, operation, subject, *_fidelity(node, f"{operation} {subject}".strip()))
        for operation, subject, node in _subjects(document)
    ]


def _fidelity(node: Any, where: str) -> tuple[str, str]:
    if not isinstance(node, dict):
        raise ContractError(f"{where}: x-fidelity is missing; it needs a level ({', '.join(LEVELS)}) and a source")
    if node.get("level") not in LEVELS:
        raise ContractError(f"{where}: x-fidelity level is {node.get('level')!r}; one of {', '.join(LEVELS)} is needed")
    if not node.get("source"):
        raise ContractError(f"{where}: x-fidelity needs a source")
    return str(node["level"]), str(node["source"])


def _subjects(document: JsonObject) -> Iterator[tuple[str, str, Any]]:
    """(operation, subject, x-fidelity) of everything that must tell how sure we are."""
    for name, variant in document.get("x-variants", {}).items():
        yield "", f"variant {name}", variant.get("x-fidelity")
    for status, response in document.get("x-unrouted", {}).items():
        yield "", f"unrouted {status}", follow(document, response).get("x-fidelity")
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        yield from _exceptions(name, schema)
    for item in document["paths"].values():
        for method in METHODS:
            if method in item:
                yield from _operation_subjects(document, item, item[method])
    for item in document.get("webhooks", {}).values():
        yield from _operation_subjects(document, item, item["post"])


def _operation_subjects(
    document: JsonObject, item: JsonObject, operation: JsonObject
) -> Iterator[tuple[str, str, Any]]:
    name = operation["operationId"]
    # Nothing is inherited from above the operation: each one must say for itself how sure we are that it exists.
    fidelity = operation.get("x-fidelity")
    yield name, "operation", fidelity
    for node in [*item.get("parameters", ()), *operation.get("parameters", ())]:
        parameter = follow(document, node)
        yield name, f"parameter {parameter['name']}", parameter.get("x-fidelity", fidelity)
    if "requestBody" in operation:
        yield name, "body", follow(document, operation["requestBody"]).get("x-fidelity", fidelity)
    for status, node in operation["responses"].items():
        yield name, f"response {status}", follow(document, node).get("x-fidelity", fidelity)


def _exceptions(path: str, schema: Any) -> Iterator[tuple[str, str, Any]]:
    """Yields members with a fidelity of their own; the others are as sure as the operations that use them."""
    if not isinstance(schema, dict):
        return
    if "x-fidelity" in schema:
        yield "", f"schema {path}", schema["x-fidelity"]
    for name, member in schema.get("properties", {}).items():
        yield from _exceptions(f"{path}.{name}", member)
    if "items" in schema:
        yield from _exceptions(f"{path}[]", schema["items"])
