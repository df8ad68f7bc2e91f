"""Measures how much of each contract the traffic of a sandbox exercised, and which assumptions it relied on."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract import Contract, Operation
from mockserver.contract.ledger import LedgerRow, is_sentence
from mockserver.provider_api.provider import Provider
from mockserver.sandbox.sandbox import Sandbox

_UNSURE = ("inferred", "assumed")


class Traffic:
    """Counts of one provider's calls by operation; the key "" is for calls that matched none."""

    def __init__(self, provider: str, sandbox: Sandbox) -> None:
        self.calls: Counter[str] = Counter()
        self.statuses: dict[str, Counter[int]] = {}
        self.parameters: dict[str, Counter[str]] = {}
        for seen, count in sandbox.usage.exercised():
            if seen.provider == provider:
                self.calls[seen.operation] += count
                self.statuses.setdefault(seen.operation, Counter())[seen.status] += count
                parameters = self.parameters.setdefault(seen.operation, Counter())
                parameters.update(dict.fromkeys(seen.parameters, count))


def cover(sandbox: Sandbox, providers: Mapping[str, Provider]) -> dict[str, Any]:
    """Returns, by provider, operations, statuses and parameters seen and not seen, and the ledger rows relied on."""
    return {name: _cover(provider.contract, sandbox, Traffic(name, sandbox)) for name, provider in providers.items()}


def _cover(contract: Contract, sandbox: Sandbox, traffic: Traffic) -> dict[str, Any]:
    schemas = _schemas_used(contract, traffic)
    return {
        "calls": traffic.calls.total(),
        "seen": sum(name in traffic.calls for name in contract.operations),
        "of": len(contract.operations),
        "operations": {name: _operation(operation, traffic) for name, operation in contract.operations.items()},
        "unrouted": _by_text(traffic.statuses.get("", Counter())),
        "relied_on": [
            {**row.as_dict(), "chosen": _chosen(row, sandbox)}
            for row in contract.ledger
            if row.level in _UNSURE and not row.inherited and _relies(row, traffic, schemas)
        ],
    }


def _operation(operation: Operation, traffic: Traffic) -> dict[str, Any]:
    statuses = traffic.statuses.get(operation.id, Counter())
    parameters = traffic.parameters.get(operation.id, Counter())
    names = _parameters(operation)
    return {
        "calls": traffic.calls[operation.id],
        "statuses": {
            "seen": _by_text(Counter({status: n for status, n in statuses.items() if status in operation.replies})),
            "not_seen": sorted(set(operation.replies) - set(statuses)),
            "undocumented": _by_text(Counter({s: n for s, n in statuses.items() if s not in operation.replies})),
        },
        "parameters": {
            "seen": {name: parameters[name] for name in names if name in parameters},
            "not_seen": [name for name in names if name not in parameters],
        },
    }


def _parameters(operation: Operation) -> list[str]:
    """Returns path parameters, then those of the query; one that has several names counts once."""
    query = {parameter.name: None for parameter in operation.query_parameters.values()}
    return [*(parameter.name for parameter in operation.path_parameters), *query]


def _by_text(counts: Counter[int]) -> dict[str, int]:
    return {str(status): counts[status] for status in sorted(counts)}


def _chosen(row: LedgerRow, sandbox: Sandbox) -> str | None:
    kind, _, name = row.thing.partition(" ")
    return sandbox.variants[row.provider].get(name) if kind == "variant" else None


def _relies(row: LedgerRow, traffic: Traffic, schemas: set[str]) -> bool:
    """Tells whether any call would have gone otherwise, had the row been wrong.

    A keyword such as `maximum` makes a difference only to a client that breaks it, and that is in the journal.
    """
    if row.part and not is_sentence(row.part):
        return False
    kind, _, name = row.thing.partition(" ")
    match kind:
        case "variant":
            return bool(traffic.calls)
        case "unrouted":
            return int(name) in traffic.statuses.get("", ())
        case "schema":
            return name.partition(".")[0].partition("[")[0] in schemas
        case "response":
            return int(name) in traffic.statuses.get(row.operation, ())
        case "parameter":
            return name in traffic.parameters.get(row.operation, ())
        case "header" | "provider":
            return False
        case _:
            return row.operation in traffic.calls


def _schemas_used(contract: Contract, traffic: Traffic) -> set[str]:
    """Returns the schemas of the bodies that were read and of the answers, and those that they refer to."""
    references: set[str] = set()
    todo = [
        reference
        for item in contract.document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("operationId") in traffic.calls
        for reference in _of_operation(operation, traffic.statuses[operation["operationId"]])
    ]
    while todo:
        reference = todo.pop()
        if reference not in references:
            references.add(reference)
            todo.extend(_references(_resolve(contract, reference)))
    prefix = "#/components/schemas/"
    return {reference.removeprefix(prefix) for reference in references if reference.startswith(prefix)}


def _of_operation(operation: Mapping[str, Any], statuses: Counter[int]) -> Iterator[str]:
    yield from _references(operation.get("requestBody", {}))
    for status in statuses:
        yield from _references(operation["responses"].get(str(status), {}))


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for name, value in node.items():
            if name not in ("example", "examples"):
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _resolve(contract: Contract, reference: str) -> Any:
    node: Any = contract.document
    for step in reference.removeprefix("#/").split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    return node
