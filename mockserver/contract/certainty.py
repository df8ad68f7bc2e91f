"""The level of the rule that a request broke, looked up in the contract where the violation lies."""

from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.contract.document import JsonObject, follow
from mockserver.contract.ledger import Fidelity
from mockserver.contract.supported import METHODS
from mockserver.foundation.problems import Violation

_ADDRESSES = Fidelity("documented", "the addresses that there are")


def certainty(document: JsonObject, operation: str, violation: Violation) -> Fidelity:
    """Returns how sure we are of the rule that a request to this operation broke.

    Rules of the contract are keywords, and rules of handlers are sentences that begin with their name, as `period: …`.
    What is stated of `type` is about further types that are taken, so a value of a wrong one breaks what is as sure as
    the member itself. Where there is no operation, an address or a method is wrong, and these are documented.
    """
    for item in document["paths"].values():
        for node in (item[method] for method in METHODS if method in item):
            if node["operationId"] == operation:
                return _of_rule([[node], *_trail(document, item, node, violation)], violation)
    return _ADDRESSES


def _of_rule(trail: list[list[JsonObject]], violation: Violation) -> Fidelity:
    """Returns what the innermost thing of a trail states of the rule, else what the innermost one is itself."""
    name = violation.pointer.rpartition("/")[2]
    keywords = {violation.rule, f"required {name}" if violation.rule == "required" else ""} - {"type"}
    for thing in (thing for things in reversed(trail) for thing in things):
        for part, stated in thing.get("x-fidelity", {}).get("parts", {}).items():
            if part in keywords or part.startswith(f"{violation.rule}: "):
                return Fidelity(stated["level"], stated["source"])
    stated = (thing["x-fidelity"] for things in reversed(trail) for thing in things if "x-fidelity" in thing)
    level = next(node for node in stated if "level" in node)
    return Fidelity(level["level"], level["source"])


def _trail(
    document: JsonObject, item: JsonObject, operation: JsonObject, violation: Violation
) -> Iterator[list[JsonObject]]:
    """Yields what the violation lies in, from outside to inside, each with what it refers to."""
    if violation.place == "body" and "requestBody" in operation:
        body = follow(document, operation["requestBody"])
        things = [*_with_references(document, [next(iter(body["content"].values()))["schema"]])]
        yield [body]
        yield things
        path = violation.pointer.split("/")[1:]
        # A member that is missing is stated in the object that lacks it.
        for step in path[:-1] if violation.rule == "required" else path:
            things = [*_with_references(document, _below(things, step.replace("~1", "/").replace("~0", "~")))]
            yield things
    else:
        parameters = [follow(document, raw) for raw in (*item.get("parameters", ()), *operation.get("parameters", ()))]
        yield [parameter for parameter in parameters if violation.pointer == f"/{parameter['name']}"]


def _with_references(document: JsonObject, schemas: Iterable[Any]) -> Iterator[JsonObject]:
    """Yields schemas, those that they refer to, and their branches."""
    for schema in schemas:
        if isinstance(schema, dict):
            yield schema
            inner = [branch for keyword in ("anyOf", "oneOf", "allOf") for branch in schema.get(keyword, ())]
            if "$ref" in schema:
                inner.append(follow(document, {"$ref": schema["$ref"]}))
            yield from _with_references(document, inner)


def _below(schemas: Iterable[JsonObject], step: str) -> Iterator[Any]:
    """Yields the schemas of a member, or of an item, of a value."""
    for schema in schemas:
        if step in schema.get("properties", {}):
            yield schema["properties"][step]
        elif step.isdecimal() and "items" in schema:
            yield schema["items"]
