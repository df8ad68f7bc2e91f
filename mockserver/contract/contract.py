"""A contract is what a server knows of an OpenAPI document: operations, routes, variants, and how sure each is."""

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from mockserver.contract.document import JsonObject
from mockserver.contract.operation import Body, Operation, OperationReader, ResponseSpec
from mockserver.contract.routing import Router, aliases
from mockserver.contract.validator import SchemaLibrary
from mockserver.contract.variants import Variant
from mockserver.foundation.problems import Violation

if TYPE_CHECKING:
    from mockserver.contract.ledger import Fidelity, LedgerRow


class AppliedOverlay(NamedTuple):
    """An overlay that corrected a contract."""

    name: str
    """The name of its file, without the folder."""
    sha256: str
    """The digest of its content, as `sha256sum` tells it."""


class Contract:
    """A loaded contract has operations, routes, variants and ledger, and the document they came from."""

    def __init__(
        self,
        name: str,
        document: JsonObject | bytes,
        compiled: JsonObject | None = None,
        digest: str = "",
        overlays: Sequence[AppliedOverlay] = (),
    ) -> None:
        """Takes what was made of the document before, or compiles it; bytes are JSON, read when they are needed.

        `digest` tells all that it was made of from anything else. Raises ContractError that names the first thing that
        is missing or not supported.
        """
        self.name = name
        self.digest = digest
        self.overlays = overlays
        """The overlays that the document was corrected with, in order."""
        self.is_new = compiled is None
        """Whether it was compiled now, and not before."""
        self._document = document
        self._compiled = compiled = self.compile() if compiled is None else compiled
        self.operation_ids: tuple[str, ...] = tuple(value["id"] for value in compiled["operations"])
        self.variants: dict[str, Variant] = {value[0]: Variant(*value) for value in compiled["variants"]}
        self.webhook_ids = frozenset(compiled["webhooks"])
        self._also_below = compiled["also_below"]
        self._has_enum_aliases = compiled["has_enum_aliases"]
        if self.is_new:
            # It raises what is wrong with the routes; those that were kept before are fine.
            _ = self.router, self.unrouted, self.webhooks

    def compile(self) -> JsonObject:
        """Returns all that a contract has as plain data. Raises ContractError."""
        from mockserver.contract.compiling import compile_document

        return compile_document(self.document)

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """Its operations by operationId. They are made with the first call, as most servers serve one provider only."""
        operations = map(self._reader.operation, self._compiled["operations"])
        return {operation.id: operation for operation in operations}

    @cached_property
    def router(self) -> Router:
        """The router to its operations."""
        return Router(self.operations.values(), self._also_below)

    @cached_property
    def unrouted(self) -> dict[int, ResponseSpec]:
        """The answers by status to calls that lead to no operation."""
        return {int(status): self._reader.response(value) for status, value in self._compiled["unrouted"].items()}

    @cached_property
    def webhooks(self) -> dict[str, Body]:
        """The bodies of its webhooks by operationId."""
        return {operation: self._reader.body(value) for operation, value in self._compiled["webhooks"].items()}

    @cached_property
    def _reader(self) -> OperationReader:
        return OperationReader(SchemaLibrary(self._compiled["schemas"], self._compiled["shared"]))

    @cached_property
    def document(self) -> JsonObject:
        """The document with its overlays applied. It is read when somebody asks for it, since most calls do without."""
        document: JsonObject = orjson.loads(self._document) if isinstance(self._document, bytes) else self._document
        return document

    @cached_property
    def document_digest(self) -> str:
        """The digest of the document with its overlays applied, which is the same wherever that is served."""
        return sha256(orjson.dumps(self.document, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @property
    def version(self) -> str:
        """The version that the document states."""
        return str(self.document["info"]["version"])

    @cached_property
    def ledger(self) -> "list[LedgerRow]":
        """Its rows. They are put together when somebody asks for them, since a server mostly does without."""
        from mockserver.contract.ledger import ledger

        return ledger(self.name, self.document)

    def paths_of(self, operation: Operation) -> list[str]:
        """Returns the paths of an operation: its own one, and those with another beginning."""
        return [operation.path, *aliases(operation.path, self._also_below)]

    def certainty(self, operation: str, violation: Violation) -> "Fidelity":
        """Returns how sure we are of the rule that a request to an operation broke."""
        from mockserver.contract.certainty import certainty

        return certainty(self.document, operation, violation)

    def respell(self, name: str, value: Any) -> Any:
        """The value with the enum aliases of `components/schemas/{name}`; the value itself when there are none."""
        if not self._has_enum_aliases:
            return value
        from mockserver.contract.enum_aliases import respell

        return respell(self.document, {"$ref": f"#/components/schemas/{name}"}, value)
