"""Contracts: an OpenAPI 3.1 document as the wire truth of one provider."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from mockserver.contract.certainty import certainty
from mockserver.contract.checks import Validator
from mockserver.contract.compiling import Compiler
from mockserver.contract.document import JsonObject, inline_rated_responses, parse_yaml, read_bytes
from mockserver.contract.enum_aliases import has_enum_aliases, respell
from mockserver.contract.errors import ContractError
from mockserver.contract.ledger import Fidelity, LedgerRow, Variant, check_fidelity, ledger, variants
from mockserver.contract.operation import Body, ListEnvelope, Operation, Parameter, ResponseSpec
from mockserver.contract.overlay import apply_overlay
from mockserver.contract.routing import Match, Router, aliases
from mockserver.contract.supported import check_document
from mockserver.foundation.problems import Violation


class Contract:
    """A loaded contract has compiled operations, routes, variants and ledger, and the document they came from."""

    def __init__(self, name: str, document: JsonObject) -> None:
        """Compiles the document. ContractError names the first thing that is missing or not supported."""
        check_document(document)
        self.name = name
        self.document = document
        compiler = Compiler(document)
        self.operations, self.unrouted = compiler.compile()
        self.webhooks: dict[str, Body] = compiler.webhooks()
        self.variants: dict[str, Variant] = variants(document)
        check_fidelity(document)
        self.router = Router(self.operations.values(), document.get("x-also-below"))
        self._has_enum_aliases = has_enum_aliases(document)

    @cached_property
    def ledger(self) -> list[LedgerRow]:
        """Its rows. They are put together when somebody asks for them, since a server mostly does without."""
        return ledger(self.name, self.document)

    def paths_of(self, operation: Operation) -> list[str]:
        """Returns the paths of an operation: its own one, and those with another beginning."""
        return [operation.path, *aliases(operation.path, self.document.get("x-also-below") or {})]

    def certainty(self, operation: str, violation: Violation) -> Fidelity:
        """Returns how sure we are of the rule that a request to an operation broke."""
        return certainty(self.document, operation, violation)

    def respell(self, name: str, value: Any) -> Any:
        """The value with the enum aliases of `components/schemas/{name}`; the value itself when there are none."""
        if not self._has_enum_aliases:
            return value
        return respell(self.document, {"$ref": f"#/components/schemas/{name}"}, value)


def load_contract(name: str, path: Path, overlays: Sequence[Path] = ()) -> Contract:
    """Loads the contract in a YAML file, with overlays applied in order. ContractError names the file that is wrong.

    Files with the same content give the same contract, compiled once: nobody changes it.
    """
    return _compile(name, *((file, read_bytes(file)) for file in (path, *overlays)))


@lru_cache(32)
def _compile(name: str, main: tuple[Path, bytes], *overlays: tuple[Path, bytes]) -> Contract:
    document = parse_yaml(*main)
    for overlay in overlays:
        document = apply_overlay(document, *overlay)
    try:
        inline_rated_responses(document)
        return Contract(name, document)
    except ContractError as error:
        raise ContractError(f"contract {name}: {error}") from None


__all__ = [
    "Body",
    "Contract",
    "ContractError",
    "Fidelity",
    "JsonObject",
    "LedgerRow",
    "ListEnvelope",
    "Match",
    "Operation",
    "Parameter",
    "ResponseSpec",
    "Router",
    "Validator",
    "Variant",
    "load_contract",
]
