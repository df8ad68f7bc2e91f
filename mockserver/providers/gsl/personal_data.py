"""GSL erases personal data by leaving members out, or by making them null (dossier gsl §6)."""

from collections.abc import Callable
from typing import Any, TypeAlias

from mockserver.domain import Person
from mockserver.provider_api.json_members import EXPLICIT_NULL
from mockserver.provider_api.view_context import ViewContext

PersonalDataFilter: TypeAlias = Callable[[Any], Any]
"""Takes a value that is about a seeker, and returns what a lead shows of it."""


def personal_data_filter(person: Person, context: ViewContext) -> PersonalDataFilter:
    """Returns a filter that lets everything pass, and for an erased person nothing."""
    if not person.erased:
        return lambda value: value
    rest = EXPLICIT_NULL if context.variant("erased-contact") == "null" else None
    return lambda value: rest
