"""The fields of dataclasses, by name: of a class, of a value, and their defaults."""

from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import cache
from operator import attrgetter
from typing import Any


def _field_names(model: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(model))


field_names: Callable[[Any], tuple[str, ...]] = cache(_field_names)
"""Returns the names of the fields of a class, those of base classes first."""


def _make_getter(model: Any) -> Callable[[Any], tuple[Any, ...]]:
    names = field_names(model)
    # Two names at least, since one alone would be no tuple.
    get = attrgetter(*names, "__class__", "__class__")
    return lambda value: get(value)[:-2]


_getter: Callable[[Any], Callable[[Any], tuple[Any, ...]]] = cache(_make_getter)


def field_tuple(value: Any) -> tuple[Any, ...]:
    """Returns the values in the order of `field_names`."""
    return _getter(type(value))(value)


def field_values(value: Any) -> dict[str, Any]:
    """Returns the values by name; parts that are dataclasses stay what they are."""
    return {name: getattr(value, name) for name in field_names(type(value))}


def field_defaults(model: Any) -> dict[str, Any]:
    """Returns the defaults by name, of the fields that have one."""
    made = {field.name: field.default_factory() for field in fields(model) if field.default_factory is not MISSING}
    return {field.name: field.default for field in fields(model) if field.default is not MISSING} | made
