"""Members that no contract names, in every object, under variant `additional-members`: clients must pass over them."""

from typing import Any


def add_unknown_members(value: Any, variant: str) -> Any:
    """The value as it is; with the variant on, with two more members in each of its objects."""
    return _with_extras(value) if variant == "on" else value


def _with_extras(value: Any) -> Any:
    if isinstance(value, dict):
        inner = {name: _with_extras(member) for name, member in value.items()}
        return {**inner, "mockExtraText": "a member of a later version", "mockExtraList": [1, None, {"deep": True}]}
    if isinstance(value, list):
        return [_with_extras(item) for item in value]
    return value
