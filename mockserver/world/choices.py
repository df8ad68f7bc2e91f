"""Worlds as users choose them, and sentences about what is wrong with a world file."""

from typing import Annotated, Any

from pydantic import Discriminator, Tag, ValidationError

from mockserver.foundation.mistakes import sentence_on
from mockserver.world.files import WorldFile

WorldChoice = Annotated[
    Annotated[str, Tag("name")] | Annotated[WorldFile, Tag("file")],
    Discriminator(lambda value: "name" if isinstance(value, str) else "file"),
]
"""The name of a world, or the content of a world file; what is wrong with one is told of that one alone."""


def first_complaint(error: ValidationError, model: type[Any] | None = None) -> str:
    """The first mistake as `member.member: what would be right`; `model` tells the members that there are."""
    details = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in details["loc"])
    return f"{place}: {sentence_on(details, model)}" if place else sentence_on(details, model)
