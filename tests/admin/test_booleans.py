"""True and false are no numbers, wherever somebody writes one for a model."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from mockserver.sandbox.changes.models import Arrival
from mockserver.sandbox.faults.model import Fault
from mockserver.scenarios.model import Scenario
from mockserver.verification.expectation import Expectation
from mockserver.world.files import WorldError, WorldFile, read_world_file
from mockserver.world.pins import PinBoard
from tests.conftest import MakeClient

_MODELS: list[tuple[type[Any], Mapping[str, Any]]] = [
    (Scenario, {"name": "a", "steps": [{"when": {"calls": True}, "do": ["erase"]}]}),
    (Scenario, {"name": "a", "steps": [{"when": {"start": True}, "do": [{"fill": {"to_multiple_of": True}}]}]}),
    (Arrival, {"agency": 101, "count": True}),
    (Arrival, {"agency": True}),
    (Fault, {"kind": "delay", "delay_ms": True}),
    (Fault, {"kind": "status", "status": 503, "times": True}),
    (Expectation, {"operation": "a", "count": True}),
    (Expectation, {"operation": "a", "count": {"min": False}}),
    (WorldFile, {"name": "a", "seed": True}),
    (WorldFile, {"name": "a", "size": {"agents": True}}),
]


@pytest.mark.parametrize(("model", "document"), _MODELS)
def test_a_boolean_is_no_number(model: type[Any], document: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"(true|false) is no number"):
        TypeAdapter(model).validate_python(document)


def test_a_boolean_is_told_to_who_sent_it(make_client: MakeClient) -> None:
    answer = make_client().post("/__admin/leads", json={"agency": 101, "count": True})
    assert answer.status_code == 422
    assert "/count" in answer.text
    assert "true is no number" in answer.text


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("price", True, "price is true, which is no number"),
        ("area", False, "area is false, which is no number"),
        ("price", -1, "price is -1; 0 to"),
        ("fees", "-1", "fees is -1; 0 to"),
        ("rooms", -2, "rooms is -2; 0 to"),
        ("floor", -21, "floor is -21; -20 to"),
    ],
)
def test_a_pinned_number_is_one_and_no_less_than_nothing(name: str, value: Any, why: str) -> None:
    pin = {"kind": "estate", "agency": 101, "position": 0, "why": "a test", "set": {name: value}}
    file = read_world_file({"name": "a", "agencies": [{"id": 101}], "pins": [pin]})
    with pytest.raises(WorldError, match=why):
        PinBoard(file).check()
