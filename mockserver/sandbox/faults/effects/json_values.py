"""Responses as JSON values, taken apart and put together again: the list that one is about, a member by its path."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import orjson

from mockserver.contract import Operation, ResponseSpec
from mockserver.foundation.responses import EncodedResponse, media_type_of
from mockserver.sandbox.faults.effects.effect import Altered, Effect
from mockserver.sandbox.faults.hit import FaultHit

JsonPath: TypeAlias = tuple[str | int, ...]
"""The way to a value: names of members, and positions from 0."""
Allows: TypeAlias = Callable[[Any], bool]
"""Tells whether the contract has a response with that body."""


class JsonResponse:
    """A response as a JSON value, with the contract's word on it."""

    __slots__ = ("list_path", "media_type", "spec", "status", "value")

    def __init__(self, response: EncodedResponse, spec: ResponseSpec | None) -> None:
        self.value: Any = orjson.loads(response.body) if response.body else None
        self.status = response.status
        self.media_type = media_type_of(response)
        self.spec = spec
        self.list_path: Sequence[str] = spec.listing.path if spec and spec.listing else ()
        """The way to the list that the response is about; empty when it is a list itself, or has none."""

    def allows(self, value: Any) -> bool:
        """Tells whether the contract has the response with another value."""
        return self.spec is not None and not self.spec.check(self.media_type, value)


Change: TypeAlias = Callable[[FaultHit, JsonResponse], tuple[Any, str]]
"""Returns another value, or the same where nothing can be changed, and says so in words for the journal."""


def json_effect(change: Change) -> Effect:
    """Returns the effect of a kind that changes the value of a response."""

    def after(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
        answer = JsonResponse(response, operation.replies.get(response.status))
        value, note = change(hit, answer)
        if value is answer.value:
            return Altered(response, note)
        return Altered(response._replace(body=orjson.dumps(value)), note)

    return Effect(after)


def is_json(body: bytes) -> bool:
    """Tells whether a body can be read as JSON."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def items_of(body: Any, path: Sequence[str]) -> list[Any] | None:
    """Returns the list that a response is about: at the path that the contract tells, or the response itself."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, list) else None


def with_items(body: Any, path: Sequence[str], items: list[Any]) -> Any:
    """Returns the response with another list in the place of its own."""
    if not path:
        return items
    return {**body, path[0]: with_items(body[path[0]], path[1:], items)}


def parts_of(pointer: str) -> list[str]:
    """Returns the parts of a JSON pointer (RFC 6901)."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def replaced(body: Any, path: JsonPath, value: Any) -> Any:
    """Returns the response with another value at that path."""
    if not path:
        return value
    copy = body.copy()
    copy[path[0]] = replaced(body[path[0]], path[1:], value)
    return copy
