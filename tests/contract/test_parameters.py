"""Bodies and parameters: from bytes to typed values, or to a sentence that helps."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.bodies import read_json
from mockserver.contract.checks import violations
from mockserver.contract.parameters import ParsedParameters, read_query
from mockserver.contract.validator import SchemaLibrary
from mockserver.foundation.problems import Problem
from mockserver.foundation.settings import Settings
from mockserver.server.app import read_contracts

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.booleans())
def test_what_json_can_say_is_read_as_it_was_meant(value: Any, spaced: bool) -> None:
    raw = json.dumps(value, ensure_ascii=False, separators=(" , ", " : ") if spaced else (",", ":"))
    assert read_json(raw.encode("utf-8", "surrogatepass")) == value


@given(st.dictionaries(st.text(max_size=5), JSON, min_size=1, max_size=4), st.data())
def test_a_member_named_twice_is_refused_wherever_it_is(members: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(members)))
    inside = json.dumps(members)[:-1] + f", {json.dumps(name)}: 1}}"
    with pytest.raises(Problem) as refusal:
        read_json(f'{{"a": [{inside}]}}'.encode())
    assert refusal.value.status == 400
    assert "twice" in refusal.value.detail


def test_a_body_is_refused_before_it_is_too_deep_for_its_check() -> None:
    validator = SchemaLibrary([{"properties": {"a": {"type": "string"}}}], {}).validator(0)
    for depth in (250, 251, 300, 1_000):
        raw = b'{"a":%b1%b}' % (b"[" * depth, b"]" * depth)
        if depth == 250:
            assert [entry.rule for entry in violations(validator, read_json(raw), "body")] == ["type"]
            continue
        with pytest.raises(Problem, match="nested too deeply"):
            read_json(raw)


@pytest.mark.parametrize("text", ['{"a": "\\":"}', '{"a": "b\\\\", "c": "\\": "}', '{"a:": ":\\":", "b": {"a": 1}}'])
def test_a_colon_in_a_text_is_not_a_member(text: str) -> None:
    assert read_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    "raw", [b"", b"  ", b"{", b"NaN", b'{"a": Infinity}', b"1e400", b'"\xff"', b'"\\ud800"', b"[" * 3000]
)
def test_what_is_not_json_is_a_400(raw: bytes) -> None:
    with pytest.raises(Problem) as refusal:
        read_json(raw)
    assert refusal.value.status == 400
    assert refusal.value.name in ("missing_body", "unreadable_body")


@pytest.mark.parametrize(
    ("text", "value"),
    [("10", 10), ("10.0", 10), ("-3.00", -3), ("10.5", None), ("1e1", None), (".0", None), ("", None)],
)
def test_a_whole_number_may_be_written_with_a_fraction_of_zero(text: str, value: int | None) -> None:
    operation, reading = read_contracts(Settings())["apimo"].operations["listLeads"], ParsedParameters({})
    read_query(operation, f"timestamp={text}".encode(), reading)
    assert reading.values.get("timestamp") == (value if value is None or value >= 0 else None)


@pytest.mark.parametrize(("text", "words"), [("-1", "-1"), ("soon", "'soon'")])
def test_a_required_parameter_with_a_bad_value_is_not_missing_as_well(text: str, words: str) -> None:
    operation, reading = read_contracts(Settings())["seeker"].operations["getLeads"], ParsedParameters({})
    read_query(operation, f"minDate={text}&maxDate=1".encode(), reading)
    (violation,) = reading.violations
    assert words in violation.message
    absent = ParsedParameters({})
    read_query(operation, b"maxDate=1", absent)
    assert [violation.message for violation in absent.violations] == ["`minDate` is missing; it is required"]
