"""The variants of a contract: questions that the documentation leaves open."""

from mockserver.contract.document import JsonObject
from mockserver.contract.errors import ContractError
from mockserver.foundation.named_tuple import NamedTuple


class Variant(NamedTuple):
    """A question with more than one plausible answer. `values` maps each answer to a sentence."""

    name: str
    about: str
    default: str
    values: dict[str, str]


def variants(document: JsonObject) -> dict[str, Variant]:
    """The variants of a contract by name. ContractError for one without a valid default."""
    result = {}
    for name, node in document.get("x-variants", {}).items():
        where = f"x-variants/{name}"
        values = node.get("values") if isinstance(node, dict) else None
        if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
            raise ContractError(
                f"{where}: `values` must map each reading (quoted, if YAML would read it as a bool) to a sentence"
            )
        if node.get("default") not in values:
            raise ContractError(f"{where}: default {node.get('default')!r} is not one of {', '.join(values)}")
        result[name] = Variant(name, str(node.get("about", "")), node["default"], dict(values))
    return result
