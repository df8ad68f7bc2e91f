"""How GSL writes what is whole, and what is not there: AVIV leaves out rather than send null (dossier gsl §6)."""

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.domain import Person
from mockserver.provider_api.view_context import ViewContext

NULL = object()
"""A member that is there and null, which None is not."""

Words = Callable[[Any], Any]


def told(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members in their order, without those that are None or have nothing left inside; lists stay as they are."""
    kept = {}
    for name, value in members.items():
        inner = told(value) if isinstance(value, dict) else value
        if inner is not None and inner != {}:
            kept[name] = None if inner is NULL else inner
    return kept


def words_of(person: Person, context: ViewContext) -> Words:
    """What to do with what a seeker said of themself: show it, or after an erasure leave it out or make it null."""
    if not person.erased:
        return lambda value: value
    left = NULL if context.variant("erased-contact") == "null" else None
    return lambda value: left


def number(value: float | None) -> float | None:
    """A whole number without decimals: 64 for 64.0."""
    return int(value) if value is not None and value == int(value) else value
