"""The loader supports a subset of OpenAPI 3.1. Anything else stops the start: a rule half understood is a lie."""

from typing import Any

from mockserver.contract.bodies import FORM
from mockserver.contract.document import JsonObject
from mockserver.contract.errors import ContractError

METHODS = ("get", "post", "put", "patch", "delete")
LEVELS = ("documented", "observed", "inferred", "assumed")

_DOCUMENT = {"openapi", "info", "servers", "security", "paths", "components", "tags", "x-fidelity", "x-variants"}
_DOCUMENT |= {"x-unrouted", "x-also-below", "webhooks", "externalDocs", "jsonSchemaDialect"}
_COMPONENTS = {"schemas", "responses", "parameters", "requestBodies", "securitySchemes", "headers", "examples"}
_PATH_ITEM = {*METHODS, "parameters", "summary", "description"}
_OPERATION = {"operationId", "summary", "description", "tags", "parameters", "requestBody", "responses", "security"}
_OPERATION |= {"x-fidelity", "x-query-from-body", "deprecated", "externalDocs"}
_PARAMETER = {"name", "in", "description", "required", "schema", "style", "explode", "allowEmptyValue", "example"}
_PARAMETER |= {"examples", "x-fidelity", "x-aliases", "x-clamp", "deprecated"}
_BODY = {"description", "required", "content", "x-fidelity"}
_RESPONSE = {"description", "headers", "content", "x-fidelity"}
_MEDIA = {"schema", "example", "examples"}
_SCHEMA = {
    *("$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "const", "format", "pattern"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
    *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "propertyNames", "patternProperties"),
    *("anyOf", "oneOf", "allOf", "not", "title", "description", "default", "example", "examples", "deprecated"),
    *("readOnly", "writeOnly", "$comment", "x-fidelity", "x-enum-aliases"),
}
_FIDELITY = {"level", "source", "parts"}
_NESTED = ("items", "additionalProperties", "propertyNames", "not")
_NESTED_LISTS = ("anyOf", "oneOf", "allOf")
MEDIA_TYPES = ("application/json", "application/problem+json", "application/json+problem")


def check_document(document: JsonObject) -> None:
    """Raises ContractError that names the first thing the loader does not support."""
    version = str(document.get("openapi", ""))
    if not version.startswith("3.1"):
        raise ContractError(f"openapi is {version or 'missing'!r}; this loader reads OpenAPI 3.1 only")
    only(document, _DOCUMENT, "the document")
    if not isinstance(document.get("paths"), dict) or not document["paths"]:
        raise ContractError("paths: at least one path is needed")
    check_also_below(document.get("x-also-below", {}))
    components = mapping(document.get("components", {}), "components")
    only(components, _COMPONENTS, "components")
    for name, schema in components.get("schemas", {}).items():
        check_schema(schema, f"components/schemas/{name}")
    for name, scheme in components.get("securitySchemes", {}).items():
        if scheme.get("type") != "http" or scheme.get("scheme") not in ("basic", "bearer"):
            raise ContractError(f"components/securitySchemes/{name}: only http basic and http bearer are supported")


def check_also_below(node: Any) -> None:
    """`x-also-below: {/start: [/other, …]}`: what is below `/start` is below `/other`, too."""
    for start, others in mapping(node, "x-also-below").items():
        ends = [start, *others] if isinstance(others, list) and others else [None]
        if not all(isinstance(end, str) and end.startswith("/") and not end.endswith("/") for end in ends):
            raise ContractError(
                f"x-also-below {start!r}: the beginning of a path must be mapped to a list of others, "
                "each with a slash before and none behind"
            )


def check_path_item(item: Any, path: str) -> None:
    """A path: its template, and the members of its item."""
    if not path.startswith("/"):
        raise ContractError(f"path {path!r}: a path begins with a slash")
    only(mapping(item, f"path {path}"), _PATH_ITEM, f"path {path}")


def check_operation(operation: JsonObject, where: str) -> None:
    """The members of an operation; it must have an `operationId` and at least one response."""
    only(mapping(operation, where), _OPERATION, where)
    if not isinstance(operation.get("operationId"), str):
        raise ContractError(f"{where}: an operationId is needed; handler, journal and tests are named after it")
    if not operation.get("responses"):
        raise ContractError(f"{operation['operationId']}: at least one response is needed")


def check_webhook(item: Any, name: str) -> JsonObject:
    """A webhook: one POST with a body; what is sent, and what a receiver may answer."""
    only(mapping(item, f"webhook {name}"), {"post", "summary", "description"}, f"webhook {name}")
    operation = mapping(item.get("post"), f"webhook {name} post")
    check_operation(operation, f"webhook {name}")
    if "requestBody" not in operation:
        raise ContractError(f"{operation['operationId']}: a requestBody is needed, it is what is sent")
    return operation


def check_parameter(parameter: JsonObject, where: str) -> None:
    """Path or query, scalar or array of scalars, in the default style."""
    only(mapping(parameter, where), _PARAMETER, where)
    if not isinstance(parameter.get("name"), str):
        raise ContractError(f"{where}: a name is needed")
    where = f"{where} {parameter['name']!r}"
    if parameter.get("in") not in ("path", "query"):
        raise ContractError(f"{where}: a parameter in {parameter.get('in')!r} is not supported, only path and query")
    if parameter.get("style", "form" if parameter["in"] == "query" else "simple") not in ("form", "simple"):
        raise ContractError(f"{where}: style {parameter['style']!r} is not supported")
    if parameter.get("explode", parameter["in"] == "query") is not (parameter["in"] == "query"):
        raise ContractError(f"{where}: only the default `explode` is supported")


def check_body(body: JsonObject, where: str) -> None:
    """A request body: JSON, or a form."""
    only(mapping(body, where), _BODY, where)
    check_content(body.get("content"), where, (*MEDIA_TYPES, FORM))


def check_response(response: JsonObject, where: str) -> None:
    """A response: JSON, with a description as OpenAPI demands."""
    only(mapping(response, where), _RESPONSE, where)
    if "content" in response:
        check_content(response["content"], where)


def check_content(content: Any, where: str, media_types: tuple[str, ...] = MEDIA_TYPES) -> None:
    """Media types that we can read and write, each with a schema."""
    for media_type, media in mapping(content, f"{where} content").items():
        if media_type not in media_types:
            raise ContractError(f"{where}: media type {media_type!r} is not supported, only {', '.join(media_types)}")
        only(mapping(media, where), _MEDIA, f"{where} {media_type}")
        if "schema" not in media:
            raise ContractError(f"{where} {media_type}: a schema is needed")
        check_schema(media["schema"], where)


def check_schema(schema: Any, where: str) -> None:
    """Only keywords that are checked, or that say nothing about validity."""
    if isinstance(schema, bool):
        return
    only(mapping(schema, where), _SCHEMA, where)
    if "x-fidelity" in schema:
        check_statements(schema["x-fidelity"], schema, where)
    for keyword in ("properties", "patternProperties"):
        for name, member in schema.get(keyword, {}).items():
            check_schema(member, f"{where}/{name}")
    for keyword in _NESTED:
        if keyword in schema:
            check_schema(schema[keyword], f"{where} {keyword}")
    for keyword in _NESTED_LISTS:
        for branch in schema.get(keyword, ()):
            check_schema(branch, f"{where} {keyword}")


def check_statements(node: Any, thing: JsonObject, where: str) -> None:
    """An `x-fidelity`: a level with its source, and `parts`, each a keyword of the thing or a sentence about it.

    A level may be left out where it is that of what the thing stands in.
    """
    only(mapping(node, f"{where} x-fidelity"), _FIDELITY, f"{where} x-fidelity")
    if "level" in node or not node.get("parts"):
        check_level(node, where)
    for part, stated in mapping(node.get("parts", {}), f"{where} x-fidelity parts").items():
        keyword, _, member = part.partition(" ")
        if not (member and keyword != "required") and keyword not in thing:
            raise ContractError(f"{where}: x-fidelity is about {keyword!r}, which is not there")
        if keyword == "required" and member and member not in thing.get("required", ()):
            raise ContractError(f"{where}: x-fidelity says how sure it is that {member!r} is required, and it is not")
        check_level(stated, f"{where} {part}")


def check_level(node: Any, where: str) -> None:
    """A level of certainty with its source."""
    if not isinstance(node, dict):
        raise ContractError(f"{where}: x-fidelity is missing; it needs a level ({', '.join(LEVELS)}) and a source")
    if node.get("level") not in LEVELS:
        raise ContractError(f"{where}: x-fidelity level is {node.get('level')!r}; one of {', '.join(LEVELS)} is needed")
    if not node.get("source"):
        raise ContractError(f"{where}: x-fidelity needs a source")


def status(text: str, where: str) -> int:
    """A response's key as a status. Ranges and `default` would leave open what is really answered."""
    if not (text.isdecimal() and len(text) == 3):
        raise ContractError(f"{where}: response {text!r} is not supported, only single statuses such as '404'")
    return int(text)


def mapping(node: Any, where: str) -> JsonObject:
    """The node, if it is a mapping."""
    if not isinstance(node, dict):
        raise ContractError(f"{where}: a mapping is needed, not {type(node).__name__}")
    return node


def only(node: JsonObject, allowed: set[str], where: str) -> None:
    """Refuses a member that is not allowed."""
    if unknown := sorted(str(key) for key in node if key not in allowed):
        raise ContractError(f"{where}: {unknown[0]!r} is not supported by this loader")
