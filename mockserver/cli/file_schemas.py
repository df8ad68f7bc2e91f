"""JSON Schemas (draft 2020-12) of the files that users write, for their editors."""

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from textwrap import dedent
from types import MappingProxyType
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from mockserver.domain import Frozen
from mockserver.foundation.dataclass_fields import field_names
from mockserver.foundation.mistakes import models_below
from mockserver.foundation.settings import Settings
from mockserver.foundation.settings_model import settings_model
from mockserver.scenarios.model import Scenario
from mockserver.world.files import WorldFile
from mockserver.world.pins import FIXED, MODELS

FileSchema = dict[str, Any]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT_OR_LIST: FileSchema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


def world() -> FileSchema:
    """Returns the schema of world files, with the members that a pin may set by its kind."""
    schema = _described(WorldFile)
    pin = schema["$defs"]["Pin"]
    pin["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": str(kind)}}},
            "then": {"properties": {"set": {"properties": _pinnable(model), "additionalProperties": False}}},
        }
        for kind, model in MODELS.items()
    ]
    pin["properties"]["set"].pop("additionalProperties", None)
    return {**schema, "title": "World file", "description": "The size of a world, its agencies, and pinned values."}


def scenario() -> FileSchema:
    """Returns the schema of scenario files."""
    schema = _described(Scenario)
    when = schema["$defs"]["When"]
    # In a file the trigger `start` is that one word.
    when["properties"].pop("start")
    about = when.pop("description")
    schema["$defs"]["When"] = {"description": about, "anyOf": [{"const": "start"}, when]}
    return {**schema, "title": "Scenario", "description": "Changes and faults over successive calls."}


def configuration() -> FileSchema:
    """Returns the schema of TOML files for `--config`: the options of `serve`, with hyphens or underscores."""
    by_field = settings_model().model_json_schema()["properties"]
    properties: FileSchema = {"watch": {"type": "boolean", "description": "Whether files are followed while it runs."}}
    for field, (setting, _, default) in Settings.described().items():
        if not setting.is_option:
            continue
        schema = _FORMS.get(field) or _of_value(by_field[field])
        described = {**schema, "description": setting.about}
        if default is not None and type(default) in (str, int, bool, float):
            described["default"] = default
        name = setting.name or field
        properties[name.replace("_", "-")] = properties[name] = described
    return {
        "$schema": _DRAFT,
        "title": "Settings of mockserver serve",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def overlay() -> FileSchema:
    """Returns the schema of OpenAPI Overlays 1.0, with the `copy` of 1.1, as contracts can be corrected with."""
    extensions = {"^x-": True}
    path = {"type": "string", "pattern": r"^\$", "description": "A JSONPath (RFC 9535)."}
    action = {
        "type": "object",
        "properties": {
            "target": path,
            "description": {"type": "string"},
            "update": {"description": "Merged into what the target names; appended, where that is a list."},
            "remove": {"type": "boolean", "description": "Whether what the target names is removed."},
            "copy": {**path, "description": "A JSONPath to the one place that is merged into the target."},
        },
        "required": ["target"],
        "patternProperties": extensions,
        "additionalProperties": False,
    }
    info = {"type": "object", "properties": {"title": {"type": "string"}, "version": {"type": "string"}}}
    return {
        "$schema": _DRAFT,
        "title": "OpenAPI Overlay",
        "type": "object",
        "properties": {
            "overlay": {"type": "string", "pattern": r"^1\.\d+(\.\d+)?$"},
            "info": {**info, "required": ["title", "version"], "patternProperties": extensions},
            "extends": {"type": "string"},
            "actions": {"type": "array", "minItems": 1, "items": action},
        },
        "required": ["overlay", "actions"],
        "patternProperties": extensions,
        "additionalProperties": False,
    }


def capsule() -> FileSchema:
    """Returns the schema of the JSON in capsules, which programs write."""
    from mockserver.registry.capsules.document import capsule_schema

    return capsule_schema()


SCHEMAS: Mapping[str, Callable[[], FileSchema]] = MappingProxyType(
    {"world": world, "scenario": scenario, "configuration": configuration, "overlay": overlay, "capsule": capsule}
)
"""The makers of schemas by the name of the kind of file."""

_TABLES: Mapping[str, FileSchema] = MappingProxyType(
    {
        "ports": {"type": "integer", "minimum": 0, "maximum": 65535},
        "overlays": {"type": "string"},
        "variants": {"type": "object", "additionalProperties": {"type": "string"}},
        "host_routes": {"type": "string"},
    }
)
"""The values in the tables of settings that may be written as tables, beside the form of the command line."""
_FORMS: Mapping[str, FileSchema] = MappingProxyType(
    {
        **{
            name: {"anyOf": [*_TEXT_OR_LIST["anyOf"], {"type": "object", "additionalProperties": value}]}
            for name, value in _TABLES.items()
        },
        "now": {"type": ["string", "integer"]},
        "webhook_retries": _TEXT_OR_LIST,
    }
)
"""Settings that are written otherwise than they are used."""


def _of_value(schema: FileSchema) -> FileSchema:
    """Returns the schema of a value that is there: a TOML file has no null."""
    plain = {name: part for name, part in schema.items() if name not in ("title", "default", "description")}
    choices = [choice for choice in plain.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {name: part for name, part in choices[0].items() if name != "format"}
    if plain.get("type") == "array":
        return _TEXT_OR_LIST
    return plain


def _described(model: type[Any]) -> FileSchema:
    """Returns the schema of a model, with what its code says about each member."""
    schema = {"$schema": _DRAFT, **TypeAdapter(model).json_schema()}
    for part in {model, *models_below(model)}:
        place = schema if part is model else schema["$defs"].get(part.__name__, {})
        for name, text in _member_docs(part):
            if name in place.get("properties", ()):
                place["properties"][name].setdefault("description", text)
    return schema


def _member_docs(model: type[Any]) -> Iterator[tuple[str, str]]:
    """Yields the members of a class that have a text below them, with that text."""
    (definition,) = ast.parse(dedent(inspect.getsource(model))).body
    assert isinstance(definition, ast.ClassDef)
    for member, text in zip(definition.body, definition.body[1:], strict=False):
        match member, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                yield name, " ".join(said.split())


def _pinnable(model: type[Frozen]) -> FileSchema:
    """Returns the members that a pin may set; words of a list are listed, all else is checked when it is loaded."""
    hints = get_type_hints(model)
    return {name: _words(hints[name]) for name in field_names(model) if name not in FIXED}


def _words(annotation: Any) -> Any:
    schema = TypeAdapter(annotation).json_schema()
    parts: Iterable[FileSchema] = schema.get("anyOf", [schema])
    words: list[Any] = []
    for part in parts:
        part = schema.get("$defs", {}).get(str(part.get("$ref", "")).rpartition("/")[2], part)
        if part == {"type": "null"}:
            words.append(None)
        elif "enum" in part and part.get("type") == "string":
            words += part["enum"]
        else:
            return True
    return {"enum": words}
