"""The operations of a document are compiled for speed: every schema becomes a validator once, at the start."""

from typing import Any

import jsonschema_rs

from mockserver.contract import supported
from mockserver.contract.checks import Validator
from mockserver.contract.document import JsonObject, follow
from mockserver.contract.errors import ContractError
from mockserver.contract.formats import FORMATS
from mockserver.contract.member_names import member_names
from mockserver.contract.operation import Body, ListEnvelope, Operation, Parameter, ResponseSpec

_URI = "urn:contract"
_SCALARS = ("string", "integer", "number", "boolean")


class Compiler:
    """Compiles the operations of one document; a schema that is used in many places is compiled once."""

    def __init__(self, document: JsonObject) -> None:
        self._document = document
        schemas = document.get("components", {}).get("schemas", {})
        self._registry = jsonschema_rs.Registry([(_URI, {"components": {"schemas": schemas}})])
        self._validators: dict[str, Validator] = {}

    def compile(self) -> tuple[dict[str, Operation], dict[int, ResponseSpec]]:
        """Returns the operations by id, and the responses where no operation is, by status."""
        return self._operations(), self._unrouted()

    def webhooks(self) -> dict[str, Body]:
        """Returns the bodies of webhooks by operationId."""
        bodies: dict[str, Body] = {}
        for name, item in self._document.get("webhooks", {}).items():
            operation = supported.check_webhook(item, name)
            body = self._body(operation, operation["operationId"])
            assert body is not None
            bodies[operation["operationId"]] = body
        return bodies

    def _operations(self) -> dict[str, Operation]:
        operations: dict[str, Operation] = {}
        for path, item in self._document["paths"].items():
            supported.check_path_item(item, path)
            for method in supported.METHODS:
                if method in item:
                    operation = self._operation(path, method, item)
                    if operation.id in operations:
                        raise ContractError(f"operationId {operation.id!r} is used twice")
                    operations[operation.id] = operation
        return operations

    def _unrouted(self) -> dict[int, ResponseSpec]:
        return {
            supported.status(status, "x-unrouted"): self._response(node, f"x-unrouted {status}")
            for status, node in self._document.get("x-unrouted", {}).items()
        }

    def _operation(self, path: str, method: str, item: JsonObject) -> Operation:
        node = item[method]
        supported.check_operation(node, f"{method.upper()} {path}")
        name = node["operationId"]
        parameters = [
            (self._parameter(follow(self._document, raw), name), follow(self._document, raw).get("x-aliases", ()))
            for raw in [*item.get("parameters", ()), *node.get("parameters", ())]
        ]
        by_name = {parameter.name: parameter for parameter, _ in parameters if parameter.place == "path"}
        templated = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        if sorted(templated) != sorted(by_name):
            raise ContractError(f"{name}: path {path} and its path parameters {sorted(by_name)} do not agree")
        query = [(parameter, aliases) for parameter, aliases in parameters if parameter.place == "query"]
        return Operation(
            id=name,
            method=method.upper(),
            path=path,
            path_parameters=tuple(by_name[part] for part in templated),
            query_parameters={spelling: p for p, aliases in query for spelling in (p.name, *aliases)},
            defaults={p.name: p.default for p, _ in query if p.default is not None},
            body=self._body(node, name),
            replies={
                supported.status(status, name): self._response(response, f"{name} {status}")
                for status, response in node["responses"].items()
            },
            query_from_body=bool(node.get("x-query-from-body")),
            public=node.get("security", self._document.get("security")) in ([], None),
        )

    def _parameter(self, node: JsonObject, operation: str) -> Parameter:
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
        return Parameter(
            name=node["name"],
            place=node["in"],
            type=scalar,
            validator=self.validator(schema),
            required=bool(node.get("required")),
            many=many,
            default=resolved.get("default"),
            empty_is_absent=bool(node.get("allowEmptyValue")),
            clamp=node.get("x-clamp"),
        )

    def _body(self, operation: JsonObject, name: str) -> Body | None:
        if "requestBody" not in operation:
            return None
        node = follow(self._document, operation["requestBody"])
        supported.check_body(node, f"{name}: requestBody")
        members = member_names(self._document, [media["schema"] for media in node["content"].values()])
        media_types = {media_type: self.validator(media["schema"]) for media_type, media in node["content"].items()}
        return Body(media_types, bool(node.get("required")), members)

    def _response(self, raw: JsonObject, where: str) -> ResponseSpec:
        node = follow(self._document, raw)
        supported.check_response(node, where)
        content = node.get("content", {})
        media = {media_type: self.validator(entry["schema"]) for media_type, entry in content.items()}
        schemas = [follow(self._document, entry["schema"]) for entry in content.values()]
        return ResponseSpec(media, self._listing(schemas[0]) if len(schemas) == 1 else None)

    def _listing(self, schema: JsonObject) -> ListEnvelope | None:
        """A closed object with exactly one array, at the top or in an object below, is a list; None for any other."""
        if "anyOf" in schema:
            # Several envelopes: the first that is such an object is meant for lists, the others are checked whole.
            branches = (self._listing(follow(self._document, branch)) for branch in schema["anyOf"])
            return next(filter(None, branches), None)
        array = self._array(schema, ())
        if array is None:
            return None
        path, items = array
        return ListEnvelope(path, self.validator(items), self.validator(self._without_items(schema, path)))

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

    def validator(self, schema: JsonObject) -> Validator:
        """The schema compiled, its references followed into the document; a schema of the same text only once."""
        key = repr(schema)
        if key not in self._validators:
            follow(self._document, schema)
            try:
                self._validators[key] = jsonschema_rs.Draft202012Validator(
                    _absolute(schema), registry=self._registry, formats=FORMATS, validate_formats=True
                )
            except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
                raise ContractError(f"a schema cannot be compiled: {str(error).splitlines()[0]}") from None
        return self._validators[key]


def _absolute(node: Any) -> Any:
    """The schema with its local references made absolute, so that it can be compiled apart from the document.

    What the ledger says of it is left out, since nothing is checked by that.
    """
    if isinstance(node, dict):
        return {
            key: _URI + value if key == "$ref" else _absolute(value)
            for key, value in node.items()
            if key != "x-fidelity"
        }
    if isinstance(node, list):
        return [_absolute(item) for item in node]
    return node
