"""The fidelity ledger: how sure we are of each thing a contract says, down to the bound of a member."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from mockserver.contract.document import JsonObject, follow
from mockserver.contract.supported import METHODS, check_level, check_statements
from mockserver.foundation.dataclass import dataclass

STATEMENTS = (
    *("required", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
    *("minItems", "maxItems", "pattern", "format", "enum", "const", "default", "description"),
)
"""The keywords of a schema that state something of their own, and so have a row of their own."""


class Fidelity(NamedTuple):
    """A level with its source; `stated` where it stands, and not where it is inherited."""

    level: str
    source: str
    stated: bool = True


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row tells how sure we are of `subject`. `operation` is empty for what concerns the whole provider."""

    provider: str
    operation: str
    thing: str
    """The operation, response, parameter, header, schema, member or variant, such as `schema Lead.type`."""
    part: str
    """Of that a keyword such as `maximum`, or a sentence; empty for the thing itself."""
    level: str
    source: str
    inherited: bool
    """Whether the level is that of what it stands in."""

    @property
    def subject(self) -> str:
        """The thing with its part: `schema Lead.type pattern`, `operation: the oldest lead comes first`."""
        if not self.part:
            return self.thing
        return f"{self.thing}: {self.part}" if is_sentence(self.part) else f"{self.thing} {self.part}"

    def as_dict(self) -> dict[str, str]:
        """Returns who says what of what, each as a text."""
        names = ("provider", "operation", "subject", "level", "source")
        return {name: getattr(self, name) for name in names}


_Row: TypeAlias = tuple[str, str, str, Fidelity]
"""Operation, thing, part and how sure it is."""


def ledger(provider: str, document: JsonObject) -> list[LedgerRow]:
    """Returns all rows of a contract, those of parts behind that of their thing."""
    rows = [*_of_provider(document), *_of_schemas(document)]
    for item in document["paths"].values():
        for method in METHODS:
            if method in item:
                rows += _of_operation(document, item, item[method])
    for item in document.get("webhooks", {}).values():
        rows += _of_operation(document, item, item["post"])
    unique = dict.fromkeys(rows)
    return [
        LedgerRow(provider, operation, thing, part, fidelity.level, fidelity.source, not fidelity.stated)
        for operation, thing, part, fidelity in unique
    ]


def check_fidelity(document: JsonObject) -> None:
    """Raises ContractError that names the first thing which must say how sure we are, and does not."""
    if "x-fidelity" in document:
        check_statements(document["x-fidelity"], document, "the document")
    for name, variant in document.get("x-variants", {}).items():
        _read(variant.get("x-fidelity"), f"variant {name}")
    for status, response in document.get("x-unrouted", {}).items():
        _read(follow(document, response).get("x-fidelity"), f"unrouted {status}")
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        _read(schema.get("x-fidelity") if isinstance(schema, dict) else None, f"schema {name}")
    checked: set[int] = set()
    for item in (*document["paths"].values(), *document.get("webhooks", {}).values()):
        for method in METHODS:
            if method in item:
                _check_operation(document, item, item[method], checked)


def is_sentence(part: str) -> bool:
    """Tells whether a part is a sentence, and not a keyword or `required` with the name of a member."""
    return " " in part and not part.startswith("required ")


def _check_operation(document: JsonObject, item: JsonObject, operation: JsonObject, checked: set[int]) -> None:
    """Checks what is stated in an operation; `checked` are the identities of what it shares with earlier ones."""
    # Nothing is inherited from above the operation: each one must say for itself how sure we are that it exists.
    name = operation["operationId"]
    _read(operation.get("x-fidelity"), f"{name} operation")
    responses = operation["responses"].values()
    things = [operation, *(follow(document, node) for node in responses)]
    for thing in things[1:]:
        things += [follow(document, header) for header in thing.get("headers", {}).values()]
    if "requestBody" in operation:
        things.append(follow(document, operation["requestBody"]))
    things += [follow(document, node) for node in (*item.get("parameters", ()), *operation.get("parameters", ()))]
    things += [node for node in responses if "$ref" in node]
    for thing in things:
        if "x-fidelity" in thing and id(thing) not in checked:
            checked.add(id(thing))
            keywords = {**follow(document, thing["schema"]), **thing} if "schema" in thing else thing
            check_statements(thing["x-fidelity"], keywords, f"{name} {thing.get('name', '')}".strip())


def _read(node: Any, where: str) -> Fidelity:
    check_level(node, where)
    return Fidelity(str(node["level"]), str(node["source"]))


def _of(node: JsonObject, above: Fidelity) -> Fidelity:
    """Returns the fidelity of a node, which is that of what it stands in unless it states its own."""
    stated = node.get("x-fidelity", {})
    return _read(stated, "x-fidelity") if "level" in stated else above._replace(stated=False)


def _rows(operation: str, thing: str, node: JsonObject, fidelity: Fidelity, keywords: Iterable[str] = ()) -> list[_Row]:
    """Returns the rows of a thing: its own, and one for each part that it states or has."""
    parts = node.get("x-fidelity", {}).get("parts", {})
    stated_words = {part.partition(" ")[0] if not is_sentence(part) else part for part in parts}
    rows: list[_Row] = [(operation, thing, "", fidelity)]
    rows += [(operation, thing, word, fidelity._replace(stated=False)) for word in keywords if word not in stated_words]
    rows += [(operation, thing, part, _read(stated, f"{thing} {part}")) for part, stated in parts.items()]
    return rows


def _of_provider(document: JsonObject) -> Iterator[_Row]:
    for part, stated in document.get("x-fidelity", {}).get("parts", {}).items():
        yield "", "provider", part, _read(stated, part)
    for name, variant in document.get("x-variants", {}).items():
        yield from _rows("", f"variant {name}", variant, _read(variant["x-fidelity"], name))
    for status, node in document.get("x-unrouted", {}).items():
        response = follow(document, node)
        yield from _of_response(document, "", f"unrouted {status}", response, _read(response["x-fidelity"], status))


def _of_operation(document: JsonObject, item: JsonObject, operation: JsonObject) -> Iterator[_Row]:
    name, fidelity = operation["operationId"], _read(operation["x-fidelity"], operation["operationId"])
    yield from _rows(name, "operation", operation, fidelity)
    for node in [*item.get("parameters", ()), *operation.get("parameters", ())]:
        parameter = follow(document, node)
        keywords = [keyword for keyword in STATEMENTS if keyword in follow(document, parameter.get("schema", {}))]
        yield from _rows(name, f"parameter {parameter['name']}", parameter, _of(parameter, fidelity), keywords)
    if "requestBody" in operation:
        body = follow(document, operation["requestBody"])
        yield from _rows(name, "body", body, _of(body, fidelity))
    for status, node in operation["responses"].items():
        # A reference may state a level of its own, since what is shared need not be as sure in each operation.
        response = {**follow(document, node), **{key: value for key, value in node.items() if key != "$ref"}}
        yield from _of_response(document, name, f"response {status}", response, _of(response, fidelity))


def _of_response(
    document: JsonObject, operation: str, thing: str, response: JsonObject, fidelity: Fidelity
) -> Iterator[_Row]:
    yield from _rows(operation, thing, response, fidelity)
    for name, node in response.get("headers", {}).items():
        header = follow(document, node)
        # A header is the same everywhere: a row of the provider, and not of each response.
        yield from _rows("", f"header {name}", header, _of(header, fidelity))


def _of_schemas(document: JsonObject) -> Iterator[_Row]:
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        yield from _of_schema(f"schema {name}", schema, _read(schema["x-fidelity"], name), None)


def _of_schema(path: str, schema: Any, above: Fidelity, required: Fidelity | None) -> Iterator[_Row]:
    """Yields the rows of a schema and of what is in it, which is as sure as the schema unless it states more.

    What a schema states of its list of required members, `required`, holds for the objects in it as well.
    """
    if not isinstance(schema, dict):
        return
    fidelity = _of(schema, above)
    stated = schema.get("x-fidelity", {}).get("parts", {}).get("required")
    for row in _rows("", path, schema, fidelity, [keyword for keyword in STATEMENTS if keyword in schema]):
        yield (*row[:3], required) if row[2] == "required" and required and not row[3].stated else row
    required = _read(stated, path)._replace(stated=False) if stated else required
    for name, member in schema.get("properties", {}).items():
        yield from _of_schema(f"{path}.{name}", member, fidelity, required)
    yield from _inside(f"{path}[]", schema.get("items"), fidelity, required)
    yield from _inside(f"{path}.*", schema.get("additionalProperties"), fidelity, required)
    for keyword in ("anyOf", "oneOf", "allOf"):
        for branch in schema.get(keyword, ()):
            yield from _inside(path, branch, fidelity, required)


def _inside(path: str, schema: Any, fidelity: Fidelity, required: Fidelity | None) -> Iterator[_Row]:
    """Yields what an item or a branch states; a mere reference or type says no more than what it stands in."""
    if isinstance(schema, dict):
        rows = list(_of_schema(path, schema, fidelity, required))
        yield from rows[0 if rows[0][3].stated else 1 :]
