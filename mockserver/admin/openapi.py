"""The OpenAPI 3.1 document of the admin API, made from the endpoints that it has."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from mockserver.admin.routes import BELOW_SANDBOX, EndpointSpec, by_path
from mockserver.admin.schemas import ProblemSchema
from mockserver.contract import JsonObject
from mockserver.foundation.version import __version__
from mockserver.registry.sandboxes import SLUG

_ABOUT = """The control side of lead-mockserver: sandboxes, clocks, faults, scenarios, leads, journals.
Whatever is below `/sandboxes/{sandbox}` is also there without that, for the sandbox `default`."""
_WITHOUT_TOKEN = ("/health/live", "/health/ready", "/version")
_REASONS: Mapping[int, str] = {
    400: "The query or the body cannot be read.",
    401: "The server wants its admin token.",
    403: "The request comes from elsewhere than this machine, by its Host or Origin.",
    404: "What the path names is not there.",
    413: "The body is larger than this server reads.",
    415: "The body is not `application/json`.",
    422: "The body can be read, but says something that cannot be.",
    500: "The server failed; its log says why.",
    503: "The store of the server cannot be used.",
}
_PARAMETERS: Mapping[str, dict[str, Any]] = {
    "sandbox": {"schema": {"type": "string", "pattern": SLUG}, "description": "The id of a sandbox."},
    "provider": {"schema": {"type": "string"}, "description": "The name of a provider."},
    "fault": {"schema": {"type": "string"}, "description": "The id of a fault: `f1`, `f2`…"},
    "delivery_fault": {"schema": {"type": "string"}, "description": "The id of a delivery fault: `w1`, `w2`…"},
    "lead": {
        "schema": {"type": "string"},
        "description": "A lead by its own id, its UUID or any provider's id, or `newest`, `oldest`, `newest:101`.",
    },
    "seeker": {"schema": {"type": "integer", "minimum": 1}, "description": "The id of a lead's seeker."},
    "agency": {"schema": {"type": "integer", "minimum": 1}, "description": "The id of an agency."},
}


def make_document(endpoints: tuple[EndpointSpec, ...]) -> JsonObject:
    """The OpenAPI document of those endpoints."""
    schemas, definitions = _schemas(endpoints)
    return {
        "openapi": "3.1.0",
        "info": {"title": "lead-mockserver admin API", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "/__admin"}],
        "security": [{}, {"adminToken": []}],
        "paths": {
            path: {method.lower(): _operation(path, endpoint, schemas) for method, endpoint in methods.items()}
            for path, methods in sorted(by_path(endpoints).items())
        },
        "components": {
            "schemas": definitions,
            "securitySchemes": {"adminToken": {"type": "http", "scheme": "bearer"}},
        },
    }


_FILE: JsonObject = {"type": "string", "format": "binary"}
_Schemas = Mapping[Any, JsonObject]
"""References to schemas by model and mode."""


def _schemas(endpoints: Iterable[EndpointSpec]) -> tuple[_Schemas, JsonObject]:
    models: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(ProblemSchema, "serialization"): None}
    for endpoint in endpoints:
        models.update({(model, "validation"): None for model in (endpoint.body, endpoint.query) if model})
        models.update({(endpoint.answer, "serialization"): None} if endpoint.answer else {})
    references, together = models_json_schema(list(models), ref_template="#/components/schemas/{model}")
    definitions: JsonObject = _without_null_defaults(together["$defs"])
    return references, definitions


def _without_null_defaults(node: Any) -> Any:
    """A default of null only says that the member may be missing, which is said already."""
    if isinstance(node, dict):
        members = {name: value for name, value in node.items() if name != "default" or value is not None}
        return {name: _without_null_defaults(value) for name, value in members.items()}
    return [_without_null_defaults(value) for value in node] if isinstance(node, list) else node


def _operation(path: str, endpoint: EndpointSpec, schemas: _Schemas) -> JsonObject:
    of_default = endpoint.of_sandbox and not path.startswith(BELOW_SANDBOX)
    operation: JsonObject = {
        "operationId": endpoint.id + ("OfDefault" if of_default else ""),
        "summary": endpoint.summary,
        "tags": [path.removeprefix(BELOW_SANDBOX).split("/")[1] if path != BELOW_SANDBOX else "sandboxes"],
    }
    if parameters := [*_in_path(path), *_in_query(endpoint), *_in_headers(endpoint)]:
        operation["parameters"] = parameters
    if endpoint.body:
        operation["requestBody"] = {
            "required": _is_needed(endpoint.body),
            "content": {"application/json": {"schema": schemas[endpoint.body, "validation"]}},
        }
    if endpoint.file_limit:
        operation["requestBody"] = {"required": True, "content": {"application/gzip": {"schema": _FILE}}}
    operation["responses"] = _responses(path, endpoint, schemas)
    return operation


def _in_path(path: str) -> list[JsonObject]:
    return [
        {"name": name, "in": "path", "required": True, **_PARAMETERS[name]} for name in re.findall(r"\{(\w+)\}", path)
    ]


def _in_query(endpoint: EndpointSpec) -> list[JsonObject]:
    if endpoint.query is None:
        return []
    return [_parameter(name, schema) for name, schema in endpoint.query.model_json_schema()["properties"].items()]


def _in_headers(endpoint: EndpointSpec) -> list[JsonObject]:
    return [
        {"name": name, "in": "header", "description": about, "schema": {"type": "string"}}
        for name, about in (endpoint.headers or {}).items()
    ]


def _parameter(name: str, schema: JsonObject) -> JsonObject:
    """A member of a query model; that it may be missing is not said by a null."""
    kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
    schema = {**schema, **(kinds[0] if kinds else {})}
    if schema.get("default", 0) is None:
        del schema["default"]
    about = schema.pop("description", None)
    schema.pop("title", None)
    return {"name": name, "in": "query", **({"description": about} if about else {}), "schema": schema}


def _is_needed(model: type[BaseModel]) -> bool:
    """Tells whether an empty object, which no body at all stands for, will not do."""
    return any(field.is_required() for field in model.model_fields.values())


def _responses(path: str, endpoint: EndpointSpec, schemas: _Schemas) -> JsonObject:
    problem = {"application/problem+json": {"schema": schemas[ProblemSchema, "serialization"]}}
    refusals = {
        status: {"description": reason, "content": problem} for status, reason in _errors(path, endpoint).items()
    }
    good: JsonObject = {"description": "No content." if endpoint.status == 204 else endpoint.summary + "."}
    if endpoint.status != 204:
        text = _FILE if endpoint.media == "application/gzip" else {"type": "string"}
        schema = schemas[endpoint.answer, "serialization"] if endpoint.answer else text
        good["content"] = {endpoint.media: {"schema": schema}}
    if endpoint.status == 201 and path in ("/sandboxes", "/capsules"):
        good["headers"] = {"Location": {"schema": {"type": "string"}, "required": True}}
    return {str(status): answer for status, answer in sorted({endpoint.status: good, **refusals}.items())}


def _errors(path: str, endpoint: EndpointSpec) -> dict[int, str]:
    statuses = {400, 413, 500}
    if path not in _WITHOUT_TOKEN:
        statuses |= {401, 403}
    if "{" in path:
        statuses.add(404)
    if endpoint.of_sandbox or path.startswith(("/sandboxes", "/capsules")):
        statuses |= {404, 503}
    if endpoint.body or endpoint.file_limit:
        statuses |= {415, 422}
    return {**{status: _REASONS[status] for status in sorted(statuses)}, **(endpoint.errors or {})}
