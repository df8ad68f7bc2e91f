"""`x-enum-aliases` lets an overlay give a value of an enumeration another spelling than ours."""

from typing import Any

from mockserver.contract.document import JsonObject, follow


def has_enum_aliases(document: JsonObject) -> bool:
    """Tells whether any schema of the document spells a value otherwise."""
    return any(_has_alias(schema) for schema in document.get("components", {}).get("schemas", {}).values())


def respell(document: JsonObject, schema: JsonObject, value: Any) -> Any:
    """The value in the spelling of the schema: `x-enum-aliases: {OURS: THEIRS}` beside an `enum`."""
    schema = {**follow(document, schema), **{key: rest for key, rest in schema.items() if key != "$ref"}}
    if isinstance(value, str):
        return schema.get("x-enum-aliases", {}).get(value, value)
    if isinstance(value, list):
        return [respell(document, schema["items"], item) for item in value] if "items" in schema else value
    if isinstance(value, dict):
        members = schema.get("properties", {})
        return {
            name: respell(document, members[name], item) if name in members else item for name, item in value.items()
        }
    return value


def _has_alias(node: Any) -> bool:
    if isinstance(node, dict):
        return "x-enum-aliases" in node or any(_has_alias(item) for item in node.values())
    return isinstance(node, list) and any(_has_alias(item) for item in node)
