"""Turns pydantic's findings into paths in the document and sentences that say what would be right."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mockserver.foundation.mistakes import sentence_on
from mockserver.foundation.models import FrozenModel
from mockserver.foundation.suggestions import nearest_name
from mockserver.scenarios.errors import DocumentPath
from mockserver.scenarios.model import Scenario


def complaints(error: ValidationError, document: Any) -> Iterator[tuple[DocumentPath, str]]:
    """Yields the path and the sentence of each mistake, in the order of the document's members."""
    for mistake in error.errors(include_url=False):
        yield _within(document, mistake["loc"]), _sentence(mistake)


def _within(document: Any, location: DocumentPath) -> DocumentPath:
    """Returns the path without what pydantic puts in between; a member that is missing stays its last part."""
    path: list[str | int] = []
    for number, part in enumerate(location):
        is_there = (isinstance(document, dict) and part in document) or (
            isinstance(document, list) and isinstance(part, int) and part < len(document)
        )
        if is_there:
            path.append(part)
            document = document[part]
        elif number == len(location) - 1 and isinstance(document, dict):
            path.append(part)
    return tuple(path)


def _sentence(mistake: ErrorDetails) -> str:
    type, location = mistake["type"], mistake["loc"]
    if type == "missing":
        return "it is missing"
    if type == "extra_forbidden":
        members = _members(location[:-1])
        if (close := nearest_name(str(location[-1]), members)) is not None:
            return f"there is no such member; did you mean {close}?"
        return "there is no such member" + (f"; there is {', '.join(members)}" if members else "")
    if type in ("model_type", "dict_type"):
        examples = f" with members such as {', '.join(_members(location)[:3])}" if location == () else ""
        return "it is to be a mapping" + examples
    message = sentence_on(mistake)
    return message[:1].lower() + message[1:]


def _members(location: DocumentPath) -> list[str]:
    """Returns the members of the model that a path leads to."""
    model: Any = Scenario
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            model = _model(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model(annotation: Any) -> type[FrozenModel] | None:
    """Returns the first of our models inside an annotation such as `tuple[Step, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, FrozenModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model(part))), None)
