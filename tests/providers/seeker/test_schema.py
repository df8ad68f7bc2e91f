"""The published schema tables of Seeker Leads as data: the contract agrees with them member by member (seed 003)."""

from typing import Any

import pytest

from mockserver.contract import load_contract
from mockserver.contract.document import follow
from mockserver.foundation.resources import resource

CONTRACT = load_contract("seeker", resource("contracts", "seeker.yaml"))
SCHEMAS: dict[str, Any] = CONTRACT.document["components"]["schemas"]
PORTALS = (
    *("BDS-FRA", "IMN-DEU", "IWB-BEL", "IWT-DEU", "IWT-AUT", "LCI-FRA", "LIM-FRA", "LIC-FRA", "LIN-FRA", "LUX-FRA"),
    *("MAG-FRA", "SLG-FRA", "BCM-FRA", "SLC-FRA", "SLN-FRA", "YSQ-DEU", "SIG-DEU", "SIG-FRA"),
)
GENDERS = ("MALE", "FEMALE", "OTHER", "PREFER_NOT_TO_DISCLOSE")
LANGUAGES = ("DE", "EN", "ES", "FR", "HE", "IT", "NL", "PT", "RU")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01"
COMMON: dict[str, dict[str, Any]] = {
    "leadId": {"type": "string", "required": True},
    "ingestionDate": {"type": "number", "required": True},
    "portal": {"enum": PORTALS, "required": True},
    "TTL": {"type": "number", "required": True},
}
TABLES: dict[str, dict[str, dict[str, Any]]] = {
    "errorResponse": {
        "type": {"type": "string", "required": True, "minLength": 1},
        "title": {"type": "string", "required": True, "minLength": 1},
        "detail": {"type": "string", "required": True, "minLength": 1},
        "instance": {"type": "string", "required": True, "minLength": 1, "example": TRACE},
        "status": {"type": "number", "required": True, "example": 400},
    },
    "paginatedResultSet": {
        "metadata": {"type": "object"},
        "links": {"type": "object"},
        "items": {"type": "array"},
    },
    "contactRequest": {
        "firstName": {"type": "string", "maxLength": 100, "erased": True},
        "lastName": {"type": "string", "maxLength": 100, "erased": True},
        "gender": {"enum": GENDERS, "erased": True},
        "email": {"type": "string"},
        "language": {"enum": LANGUAGES, "erased": True},
        "phoneNumbers": {"type": "array"},
        "message": {"type": "string", "required": True, "erased": True},
        "isOwner": {"type": "boolean"},
    },
    "leadMetadataCommon": COMMON,
    "classifiedLeadMetadata": {**COMMON, "leadCategory": {"enum": ("CLASSIFIED",), "required": True}},
}
"""Every row of the page. `erased`: the words of the page say that it becomes null, its table does not."""

NOT_IN_THE_TABLES = {
    "errorResponse": {"errors", "errorSource", "mockReason"},
    "contactRequest": {"name"},
}
"""Members that other sources have; of an error additional ones are allowed by the page."""
NULLABLE_BY_VARIANT = {"email", "isOwner"}


def facts(schema: dict[str, Any]) -> dict[str, Any]:
    """What a schema says, with its references followed: type, enum and bounds; whether null is allowed."""
    schema = {**follow(CONTRACT.document, schema), **{name: rest for name, rest in schema.items() if name != "$ref"}}
    branches = [follow(CONTRACT.document, branch) for branch in schema.get("anyOf", [schema])]
    merged: dict[str, Any] = {}
    for branch in branches:
        types = branch.get("type", [])
        merged.setdefault("types", []).extend([types] if isinstance(types, str) else types)
        merged.update({name: value for name, value in branch.items() if name not in ("type", "description")})
    return {**merged, "null": "null" in merged["types"], "types": [type for type in merged["types"] if type != "null"]}


@pytest.mark.parametrize("name", TABLES)
def test_a_published_table_is_in_the_contract_member_by_member(name: str) -> None:
    table, schema = TABLES[name], SCHEMAS[name]
    assert set(schema["properties"]) - NOT_IN_THE_TABLES.get(name, set()) == set(table)
    assert set(schema.get("required", ())) == {member for member, row in table.items() if row.get("required")}
    for member, row in table.items():
        found = facts(schema["properties"][member])
        for fact in ("minLength", "maxLength", "example"):
            assert found.get(fact) == row.get(fact), (member, fact)
        assert tuple(found.get("enum", ())) == row.get("enum", ()), member
        if "type" in row:
            assert found["types"] == [row["type"]], member
        assert found["null"] is (row.get("erased", False) or (name, member) in nullable()), member


def nullable() -> set[tuple[str, str]]:
    """Members that are only null under a variant."""
    return {("contactRequest", member) for member in NULLABLE_BY_VARIANT}


def test_additional_members_of_an_error_are_allowed_as_published() -> None:
    assert SCHEMAS["errorResponse"]["additionalProperties"] is True


def test_the_ledger_explains_that_the_page_contradicts_itself_about_the_message() -> None:
    (row,) = [row for row in CONTRACT.ledger if row.subject == "schema contactRequest.message"]
    assert row.level == "documented"
    assert "contradicts itself" in row.source
    assert SCHEMAS["contactRequest"]["required"] == ["message"]


def test_a_page_mixes_the_categories_in_one_array() -> None:
    item = follow(CONTRACT.document, SCHEMAS["paginatedResultSet"]["properties"]["items"]["items"])
    kinds = [branch["$ref"].rpartition("/")[2] for branch in item["anyOf"]]
    assert kinds[:3] == ["classifiedLead", "agencyLead", "propertysearchLead"]


def test_the_delivered_body_is_a_lead_and_is_checked_like_one() -> None:
    (webhook,) = CONTRACT.webhooks.items()
    assert webhook[0] == "newLead"
    validator = webhook[1].media["application/json"]
    metadata = {"leadId": "x", "ingestionDate": 1, "portal": "SLG-FRA", "TTL": 2, "leadCategory": "AGENCY"}
    assert validator.is_valid({"metadata": metadata, "contactRequest": {"message": None}})
    assert not validator.is_valid({"metadata": {**metadata, "portal": "X"}, "contactRequest": {"message": ""}})
    assert not validator.is_valid({"leadId": "x"})
    assert {row.thing for row in CONTRACT.ledger if row.operation == "newLead"} == {
        "operation",
        "body",
        "response 200",
    }
