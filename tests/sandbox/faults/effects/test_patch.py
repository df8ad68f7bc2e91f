"""Members of an answer are changed where a pointer says, and nothing else is."""

import json
from copy import deepcopy
from typing import Any

import pytest

from mockserver.sandbox.faults import Fault
from mockserver.sandbox.faults.effects.patch import patched, retyped
from mockserver.sandbox.faults.member_patch import JsonType, MemberPatch

BODY: Any = {"a/b": 1, "items": [{"id": "1", "who": {"email": "x@y"}}, {"id": "2"}, 3], "none": None}


def changed(*changes: dict[str, Any]) -> tuple[Any, str]:
    before = deepcopy(BODY)
    result = patched(BODY, [MemberPatch.model_validate(change) for change in changes])
    assert before == BODY, "the answer itself is changed"
    return result


@pytest.mark.parametrize(
    ("change", "pointer", "expected"),
    [
        ({"pointer": "/a~1b", "set": None}, ["a/b"], None),
        ({"pointer": "/new", "set": {"x": [1]}}, ["new"], {"x": [1]}),
        ({"pointer": "/items/0/who/email", "set": "z"}, ["items", 0, "who", "email"], "z"),
        ({"pointer": "/items/2", "set": 4}, ["items", 2], 4),
        ({"pointer": "/a~1b", "retype": "string"}, ["a/b"], "1"),
        ({"pointer": "/items/1", "remove": True}, ["items"], [BODY["items"][0], 3]),
        ({"pointer": "/items/*", "remove": True}, ["items"], []),
        ({"pointer": "/items/*/id", "retype": "number"}, ["items", 1, "id"], 2),
        ({"pointer": "/items/0/who", "rename": "person"}, ["items", 0], {"id": "1", "person": {"email": "x@y"}}),
        ({"pointer": "/items/0/who", "rename": "id"}, ["items", 0], {"id": {"email": "x@y"}}),
        ({"pointer": "", "set": [1]}, [], [1]),
        ({"pointer": "", "retype": "array"}, [], [BODY]),
    ],
)
def test_a_member_is_changed_where_the_pointer_says(change: Any, pointer: list[Any], expected: Any) -> None:
    value, note = changed(change)
    for part in pointer:
        value = value[part]
    assert value == expected
    assert note.startswith(change["pointer"] or "the whole answer")


def test_a_member_that_is_removed_is_absent_and_the_others_are_in_their_order() -> None:
    value, note = changed({"pointer": "/a~1b", "remove": True}, {"pointer": "/none", "rename": "nothing"})
    assert list(value.items()) == [("items", BODY["items"]), ("nothing", None)]
    assert note == "/a~1b is left out; /none is called 'nothing'"


@pytest.mark.parametrize(
    "change",
    [
        {"pointer": "/x", "remove": True},
        {"pointer": "/x/y", "set": 1},
        {"pointer": "/items/3", "set": 1},
        {"pointer": "/items/-", "retype": "null"},
        {"pointer": "/items/0", "rename": "first"},
        {"pointer": "/none", "rename": "none"},
        {"pointer": "/a~1b/c", "retype": "string"},
    ],
)
def test_what_is_not_there_is_told_and_nothing_changes(change: Any) -> None:
    value, note = changed(change)
    assert value is BODY
    assert note == f"there is no {change['pointer']} in this answer"


def test_a_note_names_a_few_of_many_changes() -> None:
    _, note = changed(*[{"pointer": f"/m{number}", "set": number} for number in range(8)])
    assert note.endswith("/m4 has another value; and 3 changes more")


@pytest.mark.parametrize(
    ("value", "type", "expected"),
    [
        (3600, "string", "3600"),
        (True, "string", "true"),
        ("a", "string", "a"),
        ({"a": 1}, "string", '{"a":1}'),
        ("3600", "number", 3600),
        ("1.5", "number", 1.5),
        ("x", "number", 0),
        ("true", "number", 0),
        (True, "number", 1),
        (2, "number", 2),
        ([], "number", 0),
        (0, "boolean", False),
        ("no", "boolean", True),
        ("a", "null", None),
        ("a", "array", ["a"]),
        ([1], "array", [1]),
        (1, "object", {"value": 1}),
        ({}, "object", {}),
    ],
)
def test_a_value_of_another_type_is_as_like_as_that_can_be(value: Any, type: JsonType, expected: Any) -> None:
    # As JSON, where true is not 1.
    assert json.dumps(retyped(value, type)) == json.dumps(expected)


def test_changes_come_back_as_they_were() -> None:
    changes = [{"pointer": "/a", "set": None}, {"pointer": "/b", "remove": True}]
    fault = Fault.model_validate({"kind": "patch", "changes": changes})
    assert fault.as_dict() == {"kind": "patch", "changes": changes}
    assert Fault.model_validate(fault.as_dict()) == fault


def test_what_is_set_is_not_changed_by_a_later_change() -> None:
    change = MemberPatch.model_validate({"pointer": "/items/*", "set": {"a": 1}})
    later = MemberPatch.model_validate({"pointer": "/items/0/a", "set": 2})
    for _ in range(2):
        assert patched(BODY, [change, later])[0]["items"] == [{"a": 2}, {"a": 1}, {"a": 1}]


def test_the_members_that_are_changed_have_an_end() -> None:
    changes = [MemberPatch.model_validate({"pointer": f"/*/x{number}", "set": 1}) for number in range(7)]
    body, note = patched([{} for _ in range(1_000)], changes)
    assert sum(map(len, body)) == 5_000
    assert note.startswith("5000 members were looked at, the most of an answer; ")
