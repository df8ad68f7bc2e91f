"""Schemas of a contract become validators when a value is first checked by them: most never are in one process."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import jsonschema_rs
import orjson

from mockserver.contract.errors import ContractError
from mockserver.contract.formats import FORMATS, SURE_PATTERNS

_URI = "urn:contract"
"""The base of references between schemas that are compiled apart from their document."""
_REFERENCE = "#/components/schemas/"
_TURNING = (b'"not":', b'"oneOf":')
"""The keywords under which a schema that takes less makes the whole take more, as they are in JSON."""
_VALUES = ("enum", "const", "default", "example", "examples")
"""The keywords under which there is no schema."""

Compiled: TypeAlias = jsonschema_rs.Draft202012Validator


class SchemaLibrary:
    """The schemas of one contract by number, with those that they refer to."""

    def __init__(self, schemas: Sequence[Any], shared: Mapping[str, Any]) -> None:
        """References of `schemas` are absolute, into `shared`: the schemas of the document by name."""
        self._shared = shared
        self._schemas = schemas
        self._validators = tuple(Validator(self, schema) for schema in schemas)

    def validator(self, number: int) -> "Validator":
        """Returns the validator of a schema; whoever asks for the same one shares it."""
        return self._validators[number]

    def compile(self, schema: Any) -> Compiled:
        """Compiles a schema. Raises ContractError for one that is none."""
        return _compiled(schema, self._registry_for(schema), formats=FORMATS)

    def compile_narrowed(self, schema: Any) -> Compiled:
        """Compiles a schema that has patterns for our formats: what it takes, the schema itself takes for sure.

        It calls no Python, and refuses few values that the other takes. Raises ContractError as `compile` does.
        """
        has_formats, has_turning = self._traits
        if not has_formats:
            return _compiled(schema, self._registry_for(schema))
        if has_turning:
            return self.compile(schema)
        return _compiled(_narrowed(schema), self._registry_for(schema, _narrowed))

    def _registry_for(
        self, schema: Any, change: Callable[[Any], Any] = lambda schema: schema
    ) -> jsonschema_rs.Registry | None:
        """Returns the schemas that a schema refers to, and those that they refer to: few of all, and often none."""
        names = self._names_in(schema)
        new = names
        while new:
            new = {name for other in new for name in self._names_in(self._shared[other])} - names
            names |= new
        if not names:
            return None
        shared = {name: change(self._shared[name]) for name in sorted(names)}
        return jsonschema_rs.Registry([(_URI, {"components": {"schemas": shared}})])

    def _names_in(self, schema: Any) -> set[str]:
        text = orjson.dumps(schema).decode()
        if _REFERENCE not in text:
            return set()
        return {name for name in self._shared if f'{_REFERENCE}{name}"' in text or f"{_REFERENCE}{name}/" in text}

    @cached_property
    def _traits(self) -> tuple[bool, bool]:
        """Tells whether there are formats of ours, and whether anything turns what is within it round."""
        text = orjson.dumps([self._schemas, self._shared])
        return any(name.encode() in text for name in FORMATS), any(word in text for word in _TURNING)


class Validator:
    """A schema that values are checked by. It is compiled with the first of them."""

    def __init__(self, library: SchemaLibrary, schema: Any) -> None:
        self._library = library
        self._schema = schema

    @cached_property
    def compiled(self) -> Compiled:
        """The schema as the library of schemas has it."""
        return self._library.compile(self._schema)

    @cached_property
    def is_valid(self) -> Callable[[Any], bool]:
        """Tells whether a value is for sure as the schema wants it; `iter_errors` decides about the few others.

        It is the function of the library itself, without a detour.
        """
        return self._library.compile_narrowed(self._schema).is_valid

    def validate(self, value: Any) -> None:
        """Raises jsonschema_rs.ValidationError with the first mistake of a value."""
        self.compiled.validate(value)

    def iter_errors(self, value: Any) -> Iterator[jsonschema_rs.ValidationError]:
        """Yields the mistakes of a value."""
        return iter(self.compiled.iter_errors(value))


def _compiled(schema: Any, registry: jsonschema_rs.Registry | None, **formats: Any) -> Compiled:
    # Without formats of ours the library has no need to call Python, and checks faster for it.
    try:
        return Compiled(schema, registry=registry, validate_formats=True, **formats)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise ContractError(f"a schema cannot be compiled: {str(error).splitlines()[0]}") from None


def _narrowed(node: Any) -> Any:
    """The schema with a pattern for each format of ours: nothing that it takes would be refused by the format."""
    if isinstance(node, list):
        return [_narrowed(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {key: value if key in _VALUES else _narrowed(value) for key, value in node.items()}
    format = schema.get("format")
    if isinstance(format, str) and format in SURE_PATTERNS:
        del schema["format"]
        pattern = {"pattern": SURE_PATTERNS[format]}
        schema.update({"allOf": [*schema.get("allOf", ()), pattern]} if "pattern" in schema else pattern)
    return schema


def absolute(node: Any) -> Any:
    """The schema with its local references made absolute, so that it can be compiled apart from the document.

    What the ledger says of it is left out, since nothing is checked by that.
    """
    if isinstance(node, dict):
        return {
            key: _URI + value if key == "$ref" else absolute(value)
            for key, value in node.items()
            if key != "x-fidelity"
        }
    if isinstance(node, list):
        return [absolute(item) for item in node]
    return node
