"""Schemas of a contract become validators when a value is first checked by them: most never are in one process."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import jsonschema_rs

from mockserver.contract.errors import ContractError
from mockserver.contract.formats import FORMATS

_URI = "urn:contract"
"""The base of references between schemas that are compiled apart from their document."""

Compiled: TypeAlias = jsonschema_rs.Draft202012Validator


class SchemaLibrary:
    """The schemas of one contract by number, with those that they refer to."""

    def __init__(self, schemas: Sequence[Any], shared: Mapping[str, Any]) -> None:
        """References of `schemas` are absolute, into `shared`: the schemas of the document by name."""
        self._shared = shared
        self._validators = tuple(Validator(self, schema) for schema in schemas)

    def validator(self, number: int) -> "Validator":
        """Returns the validator of a schema; whoever asks for the same one shares it."""
        return self._validators[number]

    def compile(self, schema: Any) -> Compiled:
        """Compiles a schema. Raises ContractError for one that is none."""
        try:
            return Compiled(schema, registry=self._registry, formats=FORMATS, validate_formats=True)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            raise ContractError(f"a schema cannot be compiled: {str(error).splitlines()[0]}") from None

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        return jsonschema_rs.Registry([(_URI, {"components": {"schemas": self._shared}})])


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
        """Tells whether a value is as the schema wants it: the function of the library itself, without a detour."""
        return self.compiled.is_valid

    def validate(self, value: Any) -> None:
        """Raises jsonschema_rs.ValidationError with the first mistake of a value."""
        self.compiled.validate(value)

    def iter_errors(self, value: Any) -> Iterator[jsonschema_rs.ValidationError]:
        """Yields the mistakes of a value."""
        return iter(self.compiled.iter_errors(value))


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
