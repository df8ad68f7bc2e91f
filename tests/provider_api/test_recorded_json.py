from mockserver.provider_api.recorded_json import json_object, json_value, members, text_of


def test_a_text_that_is_cut_has_no_value() -> None:
    assert json_value('{"a": [1') is None
    assert json_value('{"a": [1]}') == {"a": [1]}
    assert json_value("") is None


def test_only_an_object_is_one() -> None:
    assert json_object('{"a": null}') == {"a": None}
    assert json_object("[]") is None
    assert json_object("{") is None


def test_members_and_texts_of_anything_else_are_empty() -> None:
    assert members({"a": 1}) == {"a": 1}
    assert members(None) == members([1]) == members("a") == {}
    assert text_of("a") == "a"
    assert text_of(None) == text_of(1) == text_of([]) == ""
