"""Effects by themselves: values in another order, twice, added, unknown, of a wrong type, and no JSON at all."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from mockserver.contract import Contract
from mockserver.contract.checks import violations
from mockserver.sandbox.faults.effects.duplicate_items import duplicate_items
from mockserver.sandbox.faults.effects.extra_members import extra_members
from mockserver.sandbox.faults.effects.malformed import malformed
from mockserver.sandbox.faults.effects.redirect import other_name
from mockserver.sandbox.faults.effects.reorder_items import reorder_items
from mockserver.sandbox.faults.effects.unknown_values import NUMBER, WORD, unknown_values
from mockserver.sandbox.faults.effects.wrong_type import wrong_type
from mockserver.world.rng import KeyedRandom
from tests.contract.test_compiling import MINIMAL

LISTS = st.lists(st.integers(0, 3), max_size=8)


@given(items=LISTS, seed=st.integers(0, 1000))
def test_another_order_is_really_another_and_has_the_same_items(items: list[int], seed: int) -> None:
    body = {"a": {"b": items, "c": 1}}
    changed, _ = reorder_items(body, ("a", "b"), KeyedRandom(seed))
    assert sorted(changed["a"]["b"]) == sorted(items)
    assert changed["a"]["c"] == 1
    assert (changed["a"]["b"] != items) == (len(set(items)) > 1)
    assert body == {"a": {"b": items, "c": 1}}


@given(items=LISTS, seed=st.integers(0, 1000))
def test_one_item_comes_twice(items: list[int], seed: int) -> None:
    changed, _ = duplicate_items(items, (), KeyedRandom(seed))
    assert changed[: len(items)] == items
    assert len(changed) == len(items) + bool(items)
    assert not items or changed[-1] in items


def test_members_are_added_where_the_contract_lets_them() -> None:
    body = {"items": [{"a": {"b": 1}}], "n": {}}
    everywhere, _ = extra_members(body, ("items",), lambda value: True)
    assert {"mockExtraFault"} <= everywhere.keys() & everywhere["n"].keys() & everywhere["items"][0]["a"].keys()
    closed, _ = extra_members(body, ("items",), lambda value: "mockExtraFault" not in value)
    assert closed.keys() == body.keys()
    assert "mockExtraFault" in closed["items"][0]["a"]
    assert extra_members([1, 2], (), lambda value: True)[0] == [1, 2]


ENUMERATIONS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "anyOf": [
                    {
                        "properties": {
                            "kind": {"enum": ["A", "B"]},
                            "gender": {"anyOf": [{"enum": ["MALE"]}, {"type": "null"}]},
                            "tags": {"type": "array", "items": {"enum": ["x", "y"]}},
                            "step": {"type": "string", "pattern": r"^\d+$"},
                            "agency": {"type": "string", "pattern": r"^\d+$"},
                            "leadId": {"type": "string", "pattern": r"^\d+$"},
                            "code": {"type": "string", "pattern": "^[A-Z]$"},
                            "name": {"type": "string"},
                        }
                    },
                    {"required": ["other"], "properties": {"kind": {"enum": ["C"]}}},
                ]
            },
        },
        "Bearer": {"const": "Bearer"},
    },
}


def renewed(body: Any, *path: str) -> tuple[Any, str]:
    return unknown_values(body, path, Draft202012Validator(ENUMERATIONS).iter_errors)


def test_every_enumeration_of_every_item_has_another_word_and_nothing_else_has() -> None:
    item = {"agency": "7", "leadId": "8", "code": "A", "name": "MALE", "other": None}
    known = {"kind": "A", "gender": "MALE", "tags": ["x", "y"], "step": "1"}
    body: Any = {"items": [{**item, **known}, {**item, "kind": "C", "gender": None, "tags": []}], "Bearer": "Bearer"}
    changed, said = renewed(body, "items")
    assert changed["items"] == [
        {**item, "kind": WORD, "gender": WORD, "tags": [WORD, WORD], "step": NUMBER},
        {**item, "kind": WORD, "gender": None, "tags": []},
    ]
    assert changed["Bearer"] == "Bearer"
    assert said == "values that no document names in kind, gender, tags, step"
    assert body["items"][0]["kind"] == "A"
    assert renewed(body)[0] == changed, "also where nothing says that it is a list"


@pytest.mark.parametrize("body", [None, [], {}, {"items": []}, {"items": [{"name": "A", "gender": None}]}])
def test_where_no_enumeration_is_nothing_gets_another_value(body: Any) -> None:
    changed, said = renewed(body, "items")
    assert changed is body
    assert said == "there is no enumeration here that could have a value more"


@given(seed=st.integers(0, 1000))
def test_a_wrong_type_is_one_that_the_schema_refuses(seed: int) -> None:
    spec = Contract("test", json.loads(json.dumps(MINIMAL))).operations["getThing"].replies[200]
    validator = spec.media["application/json"]
    body = {"id": 1, "free": [{"anything": 2}]}
    changed, said = wrong_type(body, None, KeyedRandom(seed), lambda value: not violations(validator, value, "reply"))
    assert violations(validator, changed, "reply")
    assert said == "/id has a wrong type"
    assert body["id"] == 1


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [("/a~1b/1/c", {"a/b": [0, {"c": {"mock": True}}]}), ("/a~1b/0", {"a/b": [{"mock": True}, {"c": 1}]})],
)
def test_a_pointer_says_which_member_gets_a_wrong_type(pointer: str, expected: Any) -> None:
    assert wrong_type({"a/b": [0, {"c": 1}]}, pointer, KeyedRandom(1), lambda value: False)[0] == expected


@pytest.mark.parametrize("pointer", ["/x", "/a~1b/2", "/a~1b/-", "/a~1b/1/c/d"])
def test_a_pointer_that_leads_nowhere_changes_nothing_and_says_so(pointer: str) -> None:
    body = {"a/b": [0, {"c": 1}]}
    changed, said = wrong_type(body, pointer, KeyedRandom(1), lambda value: False)
    assert changed is body
    assert said.startswith(f"there is no {pointer}")


@given(
    value=st.recursive(st.none() | st.booleans() | st.text(), lambda of: st.lists(of) | st.dictionaries(st.text(), of))
)
def test_malformed_is_never_json(value: Any) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(malformed(json.dumps(value, separators=(",", ":")).encode()))


@pytest.mark.parametrize(
    ("origin", "server", "expected"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1", "http://localhost:8080"),
        ("http://localhost:8080", "127.0.0.1", "http://127.0.0.1:8080"),
        ("http://localhost", None, "http://127.0.0.1"),
        ("http://mock:8080", "10.0.0.3", "http://10.0.0.3:8080"),
        ("https://mock", None, "https://localhost"),
        ("http://[::1]:8080", "::1", "http://localhost:8080"),
        ("http://[::1]", "::1", "http://localhost"),
    ],
)
def test_this_machine_has_another_name(origin: str, server: str | None, expected: str) -> None:
    assert other_name(origin, server) == expected
