"""The loader: what it serves, and what it refuses by name."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.contract import Contract, ContractError, load_contract
from mockserver.contract.examples import check_examples

FIDELITY = {"level": "assumed", "source": "this test"}
MINIMAL: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/things/{id}": {
            "get": {
                "operationId": "getThing",
                "x-fidelity": FIDELITY,
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {"Thing": {"type": "object", "x-fidelity": FIDELITY, "properties": {"id": {"type": "integer"}}}}
    },
    "x-variants": {
        "mood": {"about": "a", "default": "good", "values": {"good": "g", "bad": "b"}, "x-fidelity": FIDELITY}
    },
}
OPERATION = ("paths", "/things/{id}", "get")


def changed(place: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The minimal document with one place changed; `...` removes it."""
    document = deepcopy(MINIMAL)
    node = document
    for part in place[:-1]:
        node = node[part]
    if value is ...:
        del node[place[-1]]
    else:
        node[place[-1]] = value
    return document


def test_what_is_below_one_beginning_of_a_path_is_below_the_others_too() -> None:
    contract = Contract("test", {**deepcopy(MINIMAL), "x-also-below": {"/things": ["/sandbox/things", "/t"]}})
    for path in ("/things/7", "/sandbox/things/7", "/t/7"):
        match = contract.router.match(path)
        assert match
        assert (match.operations["GET"].id, match.values) == ("getThing", ("7",))
    assert contract.router.match("/sandbox/7") is None
    assert contract.operations["getThing"].path == "/things/{id}"


@pytest.mark.parametrize("value", [[], {"/things": []}, {"/things": "/t"}, {"things": ["/t"]}, {"/things": ["/t/"]}])
def test_other_beginnings_that_cannot_be_read_are_refused(value: Any) -> None:
    with pytest.raises(ContractError, match="x-also-below"):
        Contract("test", {**deepcopy(MINIMAL), "x-also-below": value})


def test_another_beginning_must_not_lead_to_two_operations() -> None:
    document = deepcopy(MINIMAL)
    document["paths"]["/t/{id}"] = deepcopy(document["paths"]["/things/{id}"])
    document["paths"]["/t/{id}"]["get"]["operationId"] = "other"
    document["x-also-below"] = {"/things": ["/t"]}
    with pytest.raises(ContractError, match=r"already answers GET /t/\{id\}"):
        Contract("test", document)


WEBHOOK: dict[str, Any] = {
    "operationId": "newThing",
    "x-fidelity": FIDELITY,
    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
    "responses": {"200": {"description": "thanks"}},
}


def test_what_a_webhook_sends_is_compiled_and_in_the_ledger() -> None:
    contract = Contract("test", {**deepcopy(MINIMAL), "webhooks": {"new": {"post": WEBHOOK}}})
    validator = contract.webhooks["newThing"].media["application/json"]
    assert validator.is_valid({"id": 1})
    assert not validator.is_valid({"id": "x"})
    assert {row.subject for row in contract.ledger if row.operation == "newThing"} == {
        "operation",
        "body",
        "response 200",
    }
    assert "newThing" not in contract.operations


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"get": WEBHOOK}, "'get' is not supported"),
        ({}, "a mapping is needed"),
        ({"post": {**WEBHOOK, "callbacks": {}}}, "'callbacks' is not supported"),
        ({"post": {name: WEBHOOK[name] for name in WEBHOOK if name != "requestBody"}}, "a requestBody is needed"),
        ({"post": {name: WEBHOOK[name] for name in WEBHOOK if name != "x-fidelity"}}, "x-fidelity is missing"),
    ],
)
def test_a_webhook_that_cannot_be_sent_is_refused(item: Any, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        Contract("test", {**deepcopy(MINIMAL), "webhooks": {"new": item}})


def test_of_several_envelopes_the_first_with_one_array_is_a_listing() -> None:
    document = deepcopy(MINIMAL)
    items = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    page = {"type": "object", "additionalProperties": False, "properties": {"items": items}}
    other = {"type": "object", "properties": {"data": items}}
    document["components"]["schemas"]["Page"] = {"anyOf": [other, page], "x-fidelity": FIDELITY}
    schema = {"$ref": "#/components/schemas/Page"}
    document["paths"]["/things/{id}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = schema
    reply = Contract("test", document).operations["getThing"].replies[200]
    assert reply.listing is not None
    assert reply.listing.path == ("items",)
    assert reply.check("application/json", {"data": [{"id": 1}]}) == []


def test_the_minimal_document_is_served() -> None:
    contract = Contract("test", deepcopy(MINIMAL))
    match = contract.router.match("/things/7")
    assert match
    assert match.operations["GET"].id == "getThing"
    assert match.values == ("7",)


REFUSED: list[tuple[str, tuple[str, ...], Any, str]] = [
    ("another version", ("openapi",), "3.0.3", "OpenAPI 3.1 only"),
    ("an unknown root member", ("x-magic",), 1, "'x-magic' is not supported"),
    ("no paths", ("paths",), {}, "at least one path"),
    ("a relative path", ("paths", "things"), {}, "begins with a slash"),
    ("an unknown method", ("paths", "/things/{id}", "trace"), {}, "'trace' is not supported"),
    ("no operationId", (*OPERATION, "operationId"), ..., "an operationId is needed"),
    ("no response", (*OPERATION, "responses"), {}, "getThing: at least one response"),
    ("a range of statuses", (*OPERATION, "responses", "4XX"), {"description": "d"}, "response '4XX' is not supported"),
    ("a nameless parameter", (*OPERATION, "parameters"), [{"in": "path"}], "a name is needed"),
    ("callbacks", (*OPERATION, "callbacks"), {}, "'callbacks' is not supported"),
    ("a header parameter", (*OPERATION, "parameters"), [{"name": "h", "in": "header", "schema": {}}], "'header'"),
    (
        "an object parameter",
        (*OPERATION, "parameters"),
        [{"name": "id", "in": "path", "schema": {"type": "object"}}],
        "has type 'object'",
    ),
    ("a path parameter that the path lacks", (*OPERATION, "parameters"), [], "do not agree"),
    (
        "an XML body",
        (*OPERATION, "requestBody"),
        {"content": {"application/xml": {"schema": {}}}},
        "'application/xml' is not supported",
    ),
    ("a dangling reference", ("components", "schemas"), {}, "'#/components/schemas/Thing': there is nothing"),
    (
        "a reference into another file",
        ("components", "schemas", "Thing"),
        {"$ref": "other.yaml#/Thing"},
        "only references into the same document",
    ),
    ("an unknown keyword", ("components", "schemas", "Thing", "properties", "id", "if"), {}, "'if' is not supported"),
    ("a broken pattern", ("components", "schemas", "Thing", "pattern"), "(", "cannot be compiled"),
    (
        "an oauth2 scheme",
        ("components", "securitySchemes"),
        {"o": {"type": "oauth2"}},
        "only http basic and http bearer",
    ),
    ("an operation without fidelity", (*OPERATION, "x-fidelity"), ..., "getThing operation: x-fidelity is missing"),
    ("an unknown level", (*OPERATION, "x-fidelity"), {"level": "sure", "source": "me"}, "level is 'sure'"),
    ("no source", (*OPERATION, "x-fidelity"), {"level": "assumed"}, "needs a source"),
    ("a variant without fidelity", ("x-variants", "mood", "x-fidelity"), ..., "variant mood: x-fidelity is missing"),
    ("a variant without its default", ("x-variants", "mood", "default"), "ugly", "default 'ugly' is not one of"),
    ("an unquoted variant value", ("x-variants", "mood", "values"), {False: "off"}, "quoted"),
]


@pytest.mark.parametrize(("place", "value", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_not_supported_is_refused_by_name(place: tuple[str, ...], value: Any, message: str) -> None:
    with pytest.raises(ContractError) as refusal:
        Contract("test", changed(place, value))
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_operation_id_is_used_once() -> None:
    document = deepcopy(MINIMAL)
    document["paths"]["/others/{id}"] = deepcopy(document["paths"]["/things/{id}"])
    with pytest.raises(ContractError, match="'getThing' is used twice"):
        Contract("test", document)


def test_one_address_has_one_operation_a_method() -> None:
    document = deepcopy(MINIMAL)
    other = deepcopy(document["paths"]["/things/{id}"])
    other["get"]["operationId"] = "getOther"
    other["get"]["parameters"][0]["name"] = "key"
    document["paths"]["/things/{key}"] = other
    with pytest.raises(ContractError, match="already answers GET"):
        Contract("test", document)


def test_fidelity_goes_down_to_parameters_and_responses() -> None:
    rows = {row.subject: row for row in Contract("test", deepcopy(MINIMAL)).ledger}
    assert set(rows) == {"operation", "parameter id", "response 200", "variant mood", "schema Thing", "schema Thing.id"}
    assert rows["parameter id"].level == "assumed"
    assert rows["variant mood"].operation == ""


def test_a_file_that_is_no_document_is_refused_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    for text, message in (("a: [1", "it cannot be read as YAML"), ("- a", "a mapping is needed"), ("\xff", "")):
        file.write_text(text, encoding="latin-1")
        with pytest.raises(ContractError) as refusal:
            load_contract("test", file)
        assert str(file) in str(refusal.value)
        assert message in str(refusal.value)
    with pytest.raises(ContractError, match="cannot be read"):
        load_contract("test", tmp_path / "missing.yaml")


def test_an_example_that_breaks_its_schema_is_named() -> None:
    document = deepcopy(MINIMAL)
    media = document["paths"]["/things/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    media["examples"] = {"published": {"value": {"id": "seven"}}}
    with pytest.raises(ContractError, match="getThing 200 published: /id"):
        check_examples(document)


def test_anchors_are_copies_so_that_a_change_reaches_one_place(tmp_path: Path) -> None:
    document = deepcopy(MINIMAL)
    shared = {"type": "string"}
    document["components"]["schemas"]["Thing"]["properties"] = {"a": shared, "b": shared}
    file, overlay = tmp_path / "contract.yaml", tmp_path / "overlay.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    assert "&id" in file.read_text(encoding="utf-8")
    action = {"target": "$.components.schemas.Thing.properties.a", "update": {"type": "integer"}}
    overlay.write_text(yaml.safe_dump({"overlay": "1.0.0", "actions": [action]}), encoding="utf-8")
    properties = load_contract("test", file, [overlay]).document["components"]["schemas"]["Thing"]["properties"]
    assert properties == {"a": {"type": "integer"}, "b": {"type": "string"}}
