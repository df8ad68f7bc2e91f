"""Sentences on what a model refuses: they say what would be right, in words that need no library to be understood."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from mockserver.foundation.suggestions import nearest_name

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "finite": "a finite number",
    "bool": "true or false",
    "string": "text",
    "list": "an array",
    "tuple": "an array",
    "set": "an array",
    "frozen": "an array",
    "dict": "an object",
    "mapping": "an object",
    "model": "an object",
    "dataclass": "an object",
    "none": "null",
}
"""The kinds of values, by the first word of the type of a mistake; more exact ones are in `_SENTENCES`."""

FORMS = {
    r"^[/*?\[]": "a path that begins with `/`, or a glob such as `*/leads`",
    r"^[A-Za-z]{1,20}$": "the name of a method, such as GET",
    r"^[A-Z]{2}$": "a country of two capital letters, such as FR",
    r"^[a-z]{2,3}_[A-Z]{2}$": "a locale such as de_DE",
    r"^[a-z]{2}$": "a language of two small letters, such as fr",
    r"^[^@\s]+@[^@\s]+$": "an e-mail address",
    r"^\+[1-9][0-9]{3,14}$": "a number with its country, such as +33639980001",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "a date such as 2026-01-31",
    r"^[!-~]+$": "printable ASCII without blanks",
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$": "a name of letters, digits, dots, hyphens and underscores, at most 64,",
    r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$": "the name of a header, such as X-Trace",
    r"^[\t\x20-\x7e\xa1-\xff]{0,2000}$": "the value of a header, without line ends and at most 2000 characters,",
    r"^(https?://|/)[\x21-\x7e]*$": "an http or https address, or a path that begins with `/`,",
    r"^(/([^~/]|~[01])*)*$": "a JSON pointer, such as /items/0/email,",
    "^-P": "a negative ISO 8601 duration, such as -PT1H,",
}
"""The forms of texts in words, by their pattern."""


def sentence_on(mistake: ErrorDetails, model: type[Any] | None = None) -> str:
    """Returns what would be right, such as `a whole number is needed`; `model` tells the members that there are."""
    kind, context = mistake["type"], mistake.get("ctx", {})
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return _unknown_member(str(mistake["loc"][-1]), members_at(model, mistake["loc"][:-1]) if model else [])
    if kind in ("enum", "literal_error", "union_tag_invalid"):
        return _one_of(str(context.get("expected", context.get("expected_tags", ""))), mistake.get("input"))
    if kind in _SENTENCES:
        return _SENTENCES[kind](context)
    message = mistake["msg"].removeprefix("Value error, ")
    needed = _KINDS.get(kind.partition("_")[0])
    return (
        f"{needed} is needed" if needed and kind.endswith(("_type", "_parsing", "_from_float", "_number")) else message
    )


def members_at(model: type[Any], location: Sequence[int | str]) -> list[str]:
    """Returns the members of the models that a path leads to; parts that are no members are passed over."""
    models = [model]
    for part in location:
        found_models = [
            inner
            for outer in models
            if isinstance(part, str) and part in (members := _members(outer))
            for inner in _models_in(members[part])
        ]
        models = found_models or models
    return list(dict.fromkeys(name for owner in models for name in _members(owner)))


def models_below(model: type[Any]) -> set[type[Any]]:
    """Returns the models and dataclasses that the members of a model have, and theirs."""
    below: set[type[Any]] = set()
    waiting = [model]
    while waiting:
        inner_models = {inner for annotation in _members(waiting.pop()).values() for inner in _models_in(annotation)}
        waiting.extend(inner_models - below)
        below |= inner_models
    return below


def _members(model: type[Any]) -> Mapping[str, Any]:
    """Returns the annotations of the members of a model or a dataclass by name."""
    if issubclass(model, BaseModel):
        return {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    return {field.name: field.type for field in fields(model)}


def _models_in(annotation: Any) -> Iterator[type[Any]]:
    """Yields the models inside an annotation such as `tuple[Step, ...] | None`."""
    if isinstance(annotation, type) and (issubclass(annotation, BaseModel) or is_dataclass(annotation)):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _unknown_member(name: str, names: Sequence[str]) -> str:
    if (close := nearest_name(name, names)) is not None:
        return f"is not known here; did you mean `{close}`?"
    return "is not known here" + (f"; known are {', '.join(names)}" if names else "")


def _one_of(expected: str, value: Any) -> str:
    """Returns the sentence on a value that is not in a list; `expected` is written as `'a', 'b' or 'c'`."""
    names = re.findall("'([^']*)'", expected)
    close = nearest_name(value, names) if isinstance(value, str) else None
    return f"{expected} is needed" + (f"; did you mean `{close}`?" if close else "")


def _form(context: Mapping[str, Any]) -> str:
    pattern = str(context["pattern"])
    return f"{FORMS.get(pattern, f'text of the form {pattern}')} is needed"


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "is missing; it is required",
    "string_pattern_mismatch": _form,
    "greater_than": lambda context: f"more than {context['gt']} is needed",
    "greater_than_equal": lambda context: f"{context['ge']} is the least",
    "less_than": lambda context: f"less than {context['lt']} is needed",
    "less_than_equal": lambda context: f"{context['le']} is the most",
    "string_too_short": lambda context: f"the least number of characters is {context['min_length']}",
    "string_too_long": lambda context: f"the most characters are {context['max_length']}",
    "int_parsing_size": lambda _: "a whole number that is less long is needed",
    "too_short": lambda context: f"the least number of items is {context['min_length']}",
    "too_long": lambda context: f"the most items are {context['max_length']}",
}
