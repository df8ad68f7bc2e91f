"""Values are first checked by a narrower schema, which takes nothing that the schema itself would refuse."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.checks import violations
from mockserver.contract.formats import FORMATS, SURE_PATTERNS
from mockserver.contract.validator import SchemaLibrary, Validator

DIGITS = st.text("0123456789", min_size=1, max_size=4)
DATES = st.builds("{}-{}-{}{}".format, DIGITS, DIGITS, DIGITS, st.sampled_from(["", " 10:00:00", " 24:00:00", "\n"]))
TEXTS = st.text(max_size=8) | DATES | st.dates().map(str) | st.text("a@ \n\u00a0é.", max_size=6)


def validator_of(schema: Any, **shared: Any) -> Validator:
    """The validator of a schema, which may refer to `shared` ones."""
    return SchemaLibrary([schema], shared).validator(0)


def test_every_format_of_ours_has_a_sure_pattern() -> None:
    assert FORMATS.keys() == SURE_PATTERNS.keys()


@pytest.mark.parametrize("name", FORMATS)
@given(TEXTS)
def test_what_is_taken_at_once_has_the_format(name: str, text: str) -> None:
    validator = VALIDATORS[name]
    assert FORMATS[name](text) or not validator.is_valid(text)
    assert FORMATS[name](text) == (not violations(validator, text, "body"))


VALIDATORS = {name: validator_of({"type": "string", "format": name}) for name in FORMATS}


@pytest.mark.parametrize(
    ("text", "is_sure"),
    [("2025-02-28", True), ("2025-12-31 23:59:59", True), ("", True), ("2024-02-29", False), ("2025-02-29", False)],
)
def test_few_dates_need_the_second_look(text: str, is_sure: bool) -> None:
    assert VALIDATORS["mysql-datetime"].is_valid(text) is is_sure


def test_a_leap_day_is_good_in_a_leap_year_alone() -> None:
    schema = {"type": "object", "properties": {"on": {"$ref": "urn:contract#/components/schemas/Day"}}}
    validator = validator_of(schema, Day={"format": "mysql-datetime", "pattern": "^[0-9-]*$"})
    assert violations(validator, {"on": "2024-02-29"}, "body") == []
    assert [entry.pointer for entry in violations(validator, {"on": "2025-02-29"}, "body")] == ["/on"]
    assert [entry.rule for entry in violations(validator, {"on": "2025-02-28 10:00:00"}, "body")] == ["pattern"]


@pytest.mark.parametrize("keyword", ["not", "oneOf"])
def test_where_a_schema_is_turned_round_the_format_itself_decides(keyword: str) -> None:
    inner = {"type": "string", "format": "mysql-datetime"}
    validator = validator_of({"not": inner} if keyword == "not" else {"oneOf": [inner, {"maxLength": 10}]})
    assert not validator.is_valid("2024-02-29")


def test_members_and_values_that_are_called_format_stay_what_they_are() -> None:
    schema = {"properties": {"format": {"const": {"format": "mysql-datetime"}}}, "required": ["format"]}
    before = deepcopy(schema)
    assert validator_of(schema).is_valid({"format": {"format": "mysql-datetime"}})
    assert schema == before
