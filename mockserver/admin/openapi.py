"""The OpenAPI 3.1 document of the admin API, made from the rows that route it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from mockserver.admin.routes import BELOW_SANDBOX, EndpointSpec, by_path
from mockserver.admin.schemas import ProblemForm
from mockserver.foundation.version import __version__
from mockserver.registry.sandboxes import SLUG

_ABOUT = """The control side of lead-mockserver: sandboxes, clocks, faults, scenarios, leads, journals.
Whatever is below `/sandboxes/{sandbox}` is also there without that, for the sandbox `default`."""
_OPEN = ("/health/live", "/health/ready", "/version")
_REASONS: Mapping[int, str] = {
    400: "The query or the body cannot be read.",
    401: "The server wants its admin token.",
    403: "The request comes from elsewhere than this machine, by its Host or Origin.",
    404: "What the path names is not there.",
    413: "The body is larger than this server reads.",
    415: "The body is not `application/json`.",
    422: "The body can be read, but says something that cannot be.",
    500: "The server failed; its log says why.",
    503: "The store of the server cannot be reached.",
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

Json = dict[str, Any]


def make_document(rows: Iterable[EndpointSpec]) -> Json:
    """The whole document."""
    rows = tuple(rows)
    schemas, definitions = _schemas(rows)
    return {
        "openapi": "3.1.0",
        "info": {"title": "lead-mockserver admin API", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "/__admin"}],
        "security": [{}, {"adminToken": []}],
        "paths": {
            path: {method.lower(): _operation(path, row, schemas) for method, row in methods.items()}
            for path, methods in sorted(by_path(rows).items())
        },
        "components": {
            "schemas": definitions,
            "securitySchemes": {"adminToken": {"type": "http", "scheme": "bearer"}},
        },
    }


_Schemas = Mapping[Any, Json]
"""References to schemas by model and mode."""


def _schemas(rows: Iterable[EndpointSpec]) -> tuple[_Schemas, Json]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(ProblemForm, "serialization"): None}
    for row in rows:
        wanted.update({(model, "validation"): None for model in (row.body, row.query) if model})
        wanted.update({(row.answer, "serialization"): None} if row.answer else {})
    references, together = models_json_schema(list(wanted), ref_template="#/components/schemas/{model}")
    definitions: Json = _without_null_defaults(together["$defs"])
    return references, definitions


def _without_null_defaults(node: Any) -> Any:
    """A default of null only says that the member may be missing, which is said already."""
    if isinstance(node, dict):
        kept = {name: value for name, value in node.items() if name != "default" or value is not None}
        return {name: _without_null_defaults(value) for name, value in kept.items()}
    return [_without_null_defaults(value) for value in node] if isinstance(node, list) else node


def _operation(path: str, row: EndpointSpec, schemas: _Schemas) -> Json:
    of_default = row.of_sandbox and not path.startswith(BELOW_SANDBOX)
    operation: Json = {
        "operationId": row.id + ("OfDefault" if of_default else ""),
        "summary": row.summary,
        "tags": [path.removeprefix(BELOW_SANDBOX).split("/")[1] if path != BELOW_SANDBOX else "sandboxes"],
    }
    if parameters := [*_in_path(path), *_in_query(row)]:
        operation["parameters"] = parameters
    if row.body:
        operation["requestBody"] = {
            "required": _is_needed(row.body),
            "content": {"application/json": {"schema": schemas[row.body, "validation"]}},
        }
    operation["responses"] = _responses(path, row, schemas)
    return operation


def _in_path(path: str) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, **_PARAMETERS[name]} for name in re.findall(r"\{(\w+)\}", path)
    ]


def _in_query(row: EndpointSpec) -> list[Json]:
    if row.query is None:
        return []
    return [_parameter(name, schema) for name, schema in row.query.model_json_schema()["properties"].items()]


def _parameter(name: str, schema: Json) -> Json:
    """A member of a query model; that it may be missing is not said by a null."""
    kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
    schema = {**schema, **(kinds[0] if kinds else {})}
    if schema.get("default", 0) is None:
        del schema["default"]
    about = schema.pop("description", None)
    schema.pop("title", None)
    return {"name": name, "in": "query", **({"description": about} if about else {}), "schema": schema}


def _is_needed(model: type[BaseModel]) -> bool:
    """Whether an empty object will not do, which is what no body at all means."""
    return any(field.is_required() for field in model.model_fields.values())


def _responses(path: str, row: EndpointSpec, schemas: _Schemas) -> Json:
    problem = {"application/problem+json": {"schema": schemas[ProblemForm, "serialization"]}}
    refusals = {status: {"description": reason, "content": problem} for status, reason in _refusals(path, row).items()}
    good: Json = {"description": "No content." if row.status == 204 else row.summary + "."}
    if row.status != 204:
        schema = schemas[row.answer, "serialization"] if row.answer else {"type": "string"}
        good["content"] = {row.media: {"schema": schema}}
    if row.status == 201 and path == "/sandboxes":
        good["headers"] = {"Location": {"schema": {"type": "string"}, "required": True}}
    return {str(status): answer for status, answer in sorted({row.status: good, **refusals}.items())}


def _refusals(path: str, row: EndpointSpec) -> dict[int, str]:
    statuses = {400, 413, 500}
    if path not in _OPEN:
        statuses |= {401, 403}
    if "{" in path:
        statuses.add(404)
    if row.of_sandbox or path.startswith("/sandboxes"):
        statuses |= {404, 503}
    if row.body:
        statuses |= {415, 422}
    return {**{status: _REASONS[status] for status in sorted(statuses)}, **(row.refuses or {})}
