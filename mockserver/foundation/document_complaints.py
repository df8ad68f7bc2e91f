"""Turns pydantic's findings into paths in the document and sentences that say what would be right."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mockserver.foundation.document_errors import DocumentPath
from mockserver.foundation.mistakes import members_at, sentence_on
from mockserver.foundation.suggestions import nearest_name


def complaints(error: ValidationError, document: Any, model: type[Any]) -> Iterator[tuple[DocumentPath, str]]:
    """Yields the path and the sentence of each mistake, in the order of the members of the model."""
    mistakes = error.errors(include_url=False)
    for mistake in mistakes:
        location = mistake["loc"]
        if mistake["type"] == "too_short" and any(
            len(other["loc"]) > len(location) and other["loc"][: len(location)] == location for other in mistakes
        ):
            # The items are there, only none of them is right.
            continue
        yield _within(document, location), _sentence(mistake, model)


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


def _sentence(mistake: ErrorDetails, model: type[Any]) -> str:
    type, location = mistake["type"], mistake["loc"]
    if type == "missing":
        return "it is missing"
    if type in ("extra_forbidden", "unexpected_keyword_argument"):
        members = members_at(model, location[:-1])
        if (close := nearest_name(str(location[-1]), members)) is not None:
            return f"there is no such member; did you mean {close}?"
        return "there is no such member" + (f"; there is {', '.join(members)}" if members else "")
    if type in ("model_type", "dict_type", "dataclass_type"):
        examples = f" with members such as {', '.join(members_at(model, location)[:3])}" if location == () else ""
        return "it is to be a mapping" + examples
    message = sentence_on(mistake)
    return message[:1].lower() + message[1:]
