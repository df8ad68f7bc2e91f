"""What pydantic finds wrong, as places in the document and sentences that say what would be right."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ValidationError

from mockserver.domain import Frozen
from mockserver.scenarios.errors import Place
from mockserver.scenarios.model import Scenario


def complaints(error: ValidationError, document: Any) -> Iterator[tuple[Place, str]]:
    """Place and sentence of each finding, in the order of the document's members."""
    for found in error.errors(include_url=False, include_context=False):
        yield _within(document, found["loc"]), _sentence(found["type"], found["msg"], found["loc"])


def _within(document: Any, loc: Place) -> Place:
    """The place without what pydantic puts in between; a member that is missing stays its last part."""
    place: list[str | int] = []
    for at, part in enumerate(loc):
        is_there = (isinstance(document, dict) and part in document) or (
            isinstance(document, list) and isinstance(part, int) and part < len(document)
        )
        if is_there:
            place.append(part)
            document = document[part]
        elif at == len(loc) - 1 and isinstance(document, dict):
            place.append(part)
    return tuple(place)


def _sentence(type: str, message: str, loc: Place) -> str:
    if type == "missing":
        return "it is missing"
    if type == "extra_forbidden":
        members = _members(loc[:-1])
        return "there is no such member" + (f"; there is {', '.join(members)}" if members else "")
    if type in ("model_type", "dict_type"):
        return "it is to be a mapping" + (f" with members such as {', '.join(_members(loc)[:3])}" if loc == () else "")
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _members(loc: Place) -> list[str]:
    """The members of the model that a place leads to."""
    model: Any = Scenario
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            model = _model(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model(annotation: Any) -> type[Frozen] | None:
    """The first of our models inside an annotation such as `tuple[Step, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, Frozen):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model(part))), None)
