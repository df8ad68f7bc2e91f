"""Base classes of the models that pydantic reads and checks: what people write, and what is shown to them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema


class FrozenModel(BaseModel):
    """An immutable, checked value; `model_copy(update=...)` returns a changed copy."""

    # defer_build: a process that never touches a model never pays for its validator.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Given(FrozenModel):
    """A value that somebody wrote, in a file or a call: true and false are no numbers there, as 1 and 0 would be."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema: CoreSchema = without_booleans(handler(source))
        return schema


def without_booleans(schema: Any) -> Any:
    """Returns the schema of a validator whose numbers refuse true and false, at all depths."""
    if isinstance(schema, list | tuple):
        return type(schema)(without_booleans(part) for part in schema)
    if not isinstance(schema, dict):
        return schema
    if schema.get("function") == _NO_BOOLEAN:
        return schema
    if schema.get("type") in ("int", "float"):
        return {"type": "function-before", "function": _NO_BOOLEAN, "schema": schema}
    return {name: part if name == "metadata" else without_booleans(part) for name, part in schema.items()}


def _check_no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is no number")
    return value


_NO_BOOLEAN = {"type": "no-info", "function": _check_no_boolean}
