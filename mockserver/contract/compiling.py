"""A document is compiled to plain data: operations by id, and every schema once, ready to be kept in a file.

What the loader does not support is refused here, so that whatever was compiled can be served.
"""

from typing import Any

from mockserver.contract import supported
from mockserver.contract.document import JsonObject, follow
from mockserver.contract.enum_aliases import has_enum_aliases
from mockserver.contract.errors import ContractError
from mockserver.contract.ledger import check_fidelity
from mockserver.contract.member_names import member_names
from mockserver.contract.validator import SchemaLibrary, absolute
from mockserver.contract.variants import variants

_SCALARS = ("string", "integer", "number", "boolean")


def compile_document(document: JsonObject) -> JsonObject:
    """Returns what `Contract` is made of. ContractError names the first thing that is missing or not supported."""
    supported.check_document(document)
    compiler = _Compiler(document)
    compiled = {
        "operations": compiler.operations(),
        "unrouted": compiler.unrouted(),
        "webhooks": compiler.webhooks(),
        "variants": [[*variant] for variant in variants(document).values()],
        "also_below": document.get("x-also-below", {}),
        "has_enum_aliases": has_enum_aliases(document),
        "schemas": compiler.schemas,
        "shared": _without_fidelity(document.get("components", {}).get("schemas", {})),
    }
    check_fidelity(document)
    return compiled


class _Compiler:
    """Compiles the operations of one document; they name schemas by their number in `schemas`."""

    def __init__(self, document: JsonObject) -> None:
        self._document = document
        self._numbers: dict[str, int] = {}
        self.schemas: list[Any] = []
        self._library = SchemaLibrary((), document.get("components", {}).get("schemas", {}))

    def operations(self) -> list[JsonObject]:
        """Returns the operations, each with an id of its own."""
        operations: dict[str, JsonObject] = {}
        for path, item in self._document["paths"].items():
            supported.check_path_item(item, path)
            for method in supported.METHODS:
                if method in item:
                    operation = self._operation(path, method, item)
                    if operation["id"] in operations:
                        raise ContractError(f"operationId {operation['id']!r} is used twice")
                    operations[operation["id"]] = operation
        return list(operations.values())

    def unrouted(self) -> JsonObject:
        """Returns the responses where no operation is, by status."""
        return {
            str(supported.status(status, "x-unrouted")): self._response(node, f"x-unrouted {status}")
            for status, node in self._document.get("x-unrouted", {}).items()
        }

    def webhooks(self) -> JsonObject:
        """Returns the bodies of webhooks by operationId."""
        bodies: JsonObject = {}
        for name, item in self._document.get("webhooks", {}).items():
            operation = supported.check_webhook(item, name)
            bodies[operation["operationId"]] = self._body(operation, operation["operationId"])
        return bodies

    def _operation(self, path: str, method: str, item: JsonObject) -> JsonObject:
        node = item[method]
        supported.check_operation(node, f"{method.upper()} {path}")
        name = node["operationId"]
        parameters = [
            (self._parameter(follow(self._document, raw), name), follow(self._document, raw).get("x-aliases", ()))
            for raw in [*item.get("parameters", ()), *node.get("parameters", ())]
        ]
        in_path = {parameter["name"]: parameter for parameter, _ in parameters if parameter["place"] == "path"}
        templated = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        if sorted(templated) != sorted(in_path):
            raise ContractError(f"{name}: path {path} and its path parameters {sorted(in_path)} do not agree")
        return {
            "id": name,
            "method": method.upper(),
            "path": path,
            "path_parameters": [in_path[part] for part in templated],
            "query_parameters": [[entry, [*aliases]] for entry, aliases in parameters if entry["place"] == "query"],
            "body": self._body(node, name),
            "replies": {
                str(supported.status(status, name)): self._response(response, f"{name} {status}")
                for status, response in node["responses"].items()
            },
            "query_from_body": bool(node.get("x-query-from-body")),
            "public": node.get("security", self._document.get("security")) in ([], None),
        }

    def _parameter(self, node: JsonObject, operation: str) -> JsonObject:
        supported.check_parameter(node, f"{operation}: parameter")
        schema = node.get("schema", {})
        supported.check_schema(schema, f"{operation}: parameter {node['name']}")
        resolved = follow(self._document, schema)
        many = resolved.get("type") == "array"
        scalar = (follow(self._document, resolved.get("items", {})) if many else resolved).get("type")
        if scalar not in _SCALARS:
            raise ContractError(
                f"{operation}: parameter {node['name']!r} has type {scalar!r}; one of {_SCALARS} is needed"
            )
        return {
            "name": node["name"],
            "place": node["in"],
            "type": scalar,
            "validator": self._number(schema),
            "required": bool(node.get("required")),
            "many": many,
            "default": resolved.get("default"),
            "empty_is_absent": bool(node.get("allowEmptyValue")),
            "clamp": node.get("x-clamp"),
        }

    def _body(self, operation: JsonObject, name: str) -> JsonObject | None:
        if "requestBody" not in operation:
            return None
        node = follow(self._document, operation["requestBody"])
        supported.check_body(node, f"{name}: requestBody")
        media = {media_type: self._number(entry["schema"]) for media_type, entry in node["content"].items()}
        members = member_names(self._document, [entry["schema"] for entry in node["content"].values()])
        return {"media": media, "required": bool(node.get("required")), "members": members.as_json()}

    def _response(self, raw: JsonObject, where: str) -> JsonObject:
        node = follow(self._document, raw)
        supported.check_response(node, where)
        content = node.get("content", {})
        media = {media_type: self._number(entry["schema"]) for media_type, entry in content.items()}
        schemas = [follow(self._document, entry["schema"]) for entry in content.values()]
        return {"media": media, "listing": self._listing(schemas[0]) if len(schemas) == 1 else None}

    def _listing(self, schema: JsonObject) -> JsonObject | None:
        """A closed object with exactly one array, at the top or in an object below, is a list; None for any other."""
        if "anyOf" in schema:
            # Several envelopes: the first that is such an object is meant for lists, the others are checked whole.
            branches = (self._listing(follow(self._document, branch)) for branch in schema["anyOf"])
            return next(filter(None, branches), None)
        array = self._array(schema, ())
        if array is None:
            return None
        path, items = array
        envelope = self._without_items(schema, path)
        return {"path": [*path], "item": self._number(items), "envelope": self._number(envelope)}

    def _array(self, schema: JsonObject, above: tuple[str, ...]) -> tuple[tuple[str, ...], JsonObject] | None:
        """Returns path and item schema of the one array; None when there is none, or more than one."""
        if schema.get("additionalProperties") is not False or len(above) > 1:
            return None
        arrays: list[tuple[tuple[str, ...], JsonObject]] = []
        for name, raw in schema.get("properties", {}).items():
            member = follow(self._document, raw)
            if member.get("type") == "array":
                if "items" not in member or set(member) - {"type", "items", "description", "x-fidelity", "title"}:
                    return None
                arrays.append(((*above, name), member["items"]))
            elif member.get("type") == "object" and (inner := self._array(member, (*above, name))):
                arrays.append(inner)
        return arrays[0] if len(arrays) == 1 else None

    def _without_items(self, schema: JsonObject, path: tuple[str, ...]) -> JsonObject:
        """The schema of the envelope: the same, with an empty array in the place of the list."""
        name, *below = path
        member = follow(self._document, schema["properties"][name])
        inner = self._without_items(member, tuple(below)) if below else {"type": "array", "maxItems": 0}
        return {**schema, "properties": {**schema["properties"], name: inner}}

    def _number(self, schema: JsonObject) -> int:
        """Returns the number of a schema, which can be compiled; one of the same text has only one."""
        key = repr(schema)
        if key not in self._numbers:
            follow(self._document, schema)
            plain = absolute(schema)
            self._library.compile(plain)
            self._numbers[key] = len(self.schemas)
            self.schemas.append(plain)
        return self._numbers[key]


def _without_fidelity(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_fidelity(value) for key, value in node.items() if key != "x-fidelity"}
    return [_without_fidelity(item) for item in node] if isinstance(node, list) else node
