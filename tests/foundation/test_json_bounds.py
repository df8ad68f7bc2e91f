"""The values of a JSON text are counted before they are made."""

import json
from typing import Any

import pytest

from mockserver.foundation.json_bounds import MAX_VALUES, has_too_many_values


@pytest.mark.parametrize(
    ("value", "indent"),
    [(1, None), ("a, [b", None), ('\\"[{,', None), ([], None), ({}, 2), ([], 2), (None, 1)],
    ids=["numbers", "texts with marks", "escaped quotes", "lists", "objects", "lists in lines", "lines"],
)
def test_the_number_of_values_has_an_end(value: Any, indent: int | None) -> None:
    assert not has_too_many_values(json.dumps([value] * (MAX_VALUES - 1), indent=indent).encode())
    assert has_too_many_values(json.dumps([value] * MAX_VALUES, indent=indent).encode())


def test_objects_and_their_members_count() -> None:
    most = (MAX_VALUES - 1) // 3
    assert not has_too_many_values(json.dumps([{"a": 1, "b": 2}] * most).encode())
    assert has_too_many_values(json.dumps([{"a": 1, "b": 2}] * (most + 1)).encode())


@pytest.mark.parametrize("raw", [b'"' + b"," * 50_000, b'{"a":"' + b"[" * 50_000 + b'"}', b'"\\'])
def test_marks_in_texts_do_not_count_also_where_one_has_no_end(raw: bytes) -> None:
    assert not has_too_many_values(raw)
