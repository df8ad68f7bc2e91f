"""`x-words`: how an overlay gives a word of an enumeration another spelling than ours."""

from typing import Any

from mockserver.contract.document import follow
from mockserver.foundation.json_types import JsonObject


def has_words(document: JsonObject) -> bool:
    """Whether any schema of the document spells a word otherwise."""
    return any(_mentions(schema) for schema in document.get("components", {}).get("schemas", {}).values())


def spell(document: JsonObject, schema: JsonObject, value: Any) -> Any:
    """The value with its words in the spelling of the schema: `x-words: {OURS: THEIRS}` beside an `enum`."""
    schema = {**follow(document, schema), **{key: rest for key, rest in schema.items() if key != "$ref"}}
    if isinstance(value, str):
        return schema.get("x-words", {}).get(value, value)
    if isinstance(value, list):
        return [spell(document, schema["items"], item) for item in value] if "items" in schema else value
    if isinstance(value, dict):
        members = schema.get("properties", {})
        return {name: spell(document, members[name], item) if name in members else item for name, item in value.items()}
    return value


def _mentions(node: Any) -> bool:
    if isinstance(node, dict):
        return "x-words" in node or any(_mentions(item) for item in node.values())
    return isinstance(node, list) and any(_mentions(item) for item in node)
