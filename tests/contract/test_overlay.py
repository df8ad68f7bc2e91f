"""OpenAPI overlays: corrections by who holds the real document, paths included."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.contract import ContractError
from mockserver.contract.overlay import apply_overlay
from tests.support.gsl import ROUTES, Gsl
from tests.support.in_process import TestClient

Write = Callable[..., Path]
WORDS = {"AGENCY": "CONTACT", "PROPERTY_SEARCH": "SEARCH"}


@pytest.fixture
def overlay(tmp_path: Path) -> Write:
    """Writes an overlay with the given actions."""

    def write(*actions: Any, version: str = "1.0.0") -> Path:
        path = tmp_path / "overlay.yaml"
        document = {"overlay": version, "info": {"title": "t", "version": "1"}, "actions": list(actions)}
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        return path

    return write


def test_an_update_merges_objects_and_extends_arrays(overlay: Write) -> None:
    document = {"a": {"b": {"c": 1}, "list": [1]}}
    path = overlay({"target": "$.a", "update": {"b": {"d": 2}, "list": [2], "e": 3}})
    assert apply_overlay(document, path) == {"a": {"b": {"c": 1, "d": 2}, "list": [1, 2], "e": 3}}
    assert document == {"a": {"b": {"c": 1}, "list": [1]}}, "the argument is left alone"


def test_an_update_of_an_array_appends(overlay: Write) -> None:
    assert apply_overlay({"a": [1]}, overlay({"target": "$.a", "update": {"x": 1}})) == {"a": [1, {"x": 1}]}


def test_a_removal_takes_every_match(overlay: Write) -> None:
    assert apply_overlay({"a": [1, 2, 3, 4]}, overlay({"target": "$.a[1:3]", "remove": True})) == {"a": [1, 4]}


def test_a_copy_takes_one_place_to_another(overlay: Write) -> None:
    path = overlay({"target": "$.to", "copy": "$.from"}, {"target": "$.from", "remove": True}, version="1.1.0")
    assert apply_overlay({"from": {"x": 1}, "to": {}}, path) == {"to": {"x": 1}}


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ({"update": {}}, "a mapping with a `target`"),
        ({"target": "$.nothing", "update": {}}, "matches nothing"),
        ({"target": "a b", "update": {}}, "is not a JSONPath"),
        ({"target": "$.a", "upgrade": {}}, "unknown member 'upgrade'"),
        ({"target": "$.a.b", "update": {"x": 1}}, "must be an object or an array"),
        ({"target": "$", "remove": True}, "the whole document"),
        ({"target": "$.a", "copy": "$.list[*]"}, "must match one place, not 2"),
    ],
)
def test_an_action_that_cannot_be_carried_out_is_refused_by_number(
    overlay: Write, action: dict[str, Any], message: str
) -> None:
    with pytest.raises(ContractError) as refusal:
        apply_overlay({"a": {"b": 1}, "list": [1, 2]}, overlay(action))
    assert message in str(refusal.value)
    assert "actions[0]" in str(refusal.value)


def test_a_file_that_is_no_overlay_is_refused(overlay: Write, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="overlay: 1"):
        apply_overlay({}, overlay({"target": "$"}, version="2"))
    with pytest.raises(ContractError, match="at least one action"):
        apply_overlay({}, overlay())


def test_a_moved_operation_takes_handler_document_and_journal_with_it(
    overlay: Write, make_client: Callable[..., TestClient]
) -> None:
    old, new = "/agencies/{agency_id}/leads", "/v2/agencies/{agency_id}/prospects"
    path = overlay(
        {"target": "$.paths", "update": {new: {}}},
        {"target": f"$.paths['{new}']", "copy": f"$.paths['{old}']"},
        {"target": f"$.paths['{old}']", "remove": True},
        version="1.1.0",
    )
    client = make_client(overlays={"apimo": (path,)})
    assert client.get("/apimo/v2/agencies/101/prospects?limit=1").json()["total_items"] == 25
    assert client.get("/apimo/agencies/101/leads").status_code == 404
    assert new in client.get("/__admin/contracts/apimo").json()["paths"]
    calls = client.get("/__admin/journal").json()["entries"]
    assert [(call["operation"], call["status"]) for call in calls] == [("listLeads", 200), (None, 404)]


def test_a_corrected_rule_is_the_rule(overlay: Write, make_client: Callable[..., TestClient]) -> None:
    target = "$.components.parameters.limit.schema"
    client = make_client(overlays={"apimo": (overlay({"target": target, "update": {"maximum": 5}}),)})
    assert client.get("/apimo/agencies/101/leads?limit=6").status_code == 422
    assert len(client.get("/apimo/agencies/101/leads?limit=5").json()["leads"]) == 5


def test_an_overlay_that_makes_our_answers_wrong_turns_them_into_500_with_pointers(
    overlay: Write, make_client: Callable[..., TestClient]
) -> None:
    change = {"target": "$.components.schemas.Lead.properties.email", "update": {"maxLength": 1}}
    client = make_client(overlays={"apimo": (overlay(change),)})
    reply = client.get("/apimo/agencies/101/leads")
    assert reply.status_code == 500
    assert reply.headers["content-type"] == "application/problem+json"
    (call,) = client.get("/__admin/journal?violations=true").json()["entries"]
    assert call["violations"][0]["pointer"] == "/leads/-/email"
    assert call["violations"][0]["in"] == "reply"


def test_a_word_of_an_enumeration_can_be_spelt_otherwise(
    overlay: Write, make_client: Callable[..., TestClient]
) -> None:
    category = "$.components.schemas.LeadCategory"
    path = overlay(
        {"target": f"{category}.enum", "remove": True},
        {
            "target": category,
            "update": {"enum": ["CLASSIFIED", "CONTACT", "ESTIMATION", "SEARCH"], "x-enum-aliases": WORDS},
        },
    )
    gsl = Gsl(make_client(overlays={"gsl": (path,)}))
    said = {lead["leadMetaInfos"]["leadCategory"] for route, _ in ROUTES.values() for lead in gsl.walk(route)}
    assert said == {"CLASSIFIED", "CONTACT", "ESTIMATION", "SEARCH"}
