"""Kind `patch`: members of an answer have other values, types or names, or are not there."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import islice
from typing import Any

import orjson

from mockserver.sandbox.faults.effects.json_values import JsonPath, JsonResponse, json_effect, parts_of
from mockserver.sandbox.faults.hit import FaultHit
from mockserver.sandbox.faults.member_patch import JsonType, MemberPatch

_EVERY = "*"
_MAX_NOTES = 5
_MAX_MEMBERS = 5_000
"""The most members of one answer that are changed: more would hold up other calls."""


def patched(body: Any, changes: Sequence[MemberPatch]) -> tuple[Any, str]:
    """Makes the changes in their order, in a copy; one that leads nowhere makes none, and is told.

    Those of an answer's members that are over `_MAX_MEMBERS` stay as they are, which is told as well.
    """
    notes, room, is_copy = [], _MAX_MEMBERS, False
    for change in changes:
        parts = parts_of(change.pointer)
        paths = list(islice(_paths(body, parts, may_add=change.change == "set"), room))
        room -= len(paths)
        if change.rename is not None:
            paths = [path for path in paths if isinstance(path[-1], str) and path[-1] != change.rename]
        # From the end, so that the positions of a list stay what they are.
        if paths and not is_copy:
            body, is_copy = orjson.loads(orjson.dumps(body)), True
        for path in reversed(paths):
            body = _edited(body, path, change)
        notes.append(_note(change, len(paths)))
        if not room:
            notes.insert(0, f"{_MAX_MEMBERS} members were looked at, the most of an answer")
            break
    more = f"; and {len(notes) - _MAX_NOTES} changes more" if len(notes) > _MAX_NOTES else ""
    return body, "; ".join(notes[:_MAX_NOTES]) + more


def _note(change: MemberPatch, count: int) -> str:
    place = change.pointer or "the whole answer"
    if not count:
        return f"there is no {place} in this answer"
    texts = {"set": "has another value", "remove": "is left out", "rename": f"is called {change.rename!r}"}
    return f"{place} {texts.get(change.change, f'is of type {change.retype}')}"


def _paths(value: Any, parts: Sequence[str], *, may_add: bool) -> Iterator[JsonPath]:
    """Yields the paths that a pointer names, in order; a member that is not there only where it may be added."""
    if not parts:
        yield ()
        return
    name, *rest = parts
    if isinstance(value, dict) and name in value:
        yield from ((name, *path) for path in _paths(value[name], rest, may_add=may_add))
    elif isinstance(value, dict) and may_add and not rest:
        yield (name,)
    elif isinstance(value, list):
        for position in _positions(name, len(value)):
            yield from ((position, *path) for path in _paths(value[position], rest, may_add=may_add))


def _positions(name: str, size: int) -> Sequence[int]:
    if name == _EVERY:
        return range(size)
    return [int(name)] if name.isascii() and name.isdecimal() and int(name) < size else []


def _edited(body: Any, path: JsonPath, change: MemberPatch) -> Any:
    if not path:
        return _changed(body, change)
    container, name = _value_at(body, path[:-1]), path[-1]
    if change.rename is not None:
        others = {other: value for other, value in container.items() if other != change.rename}
        container.clear()
        container.update({change.rename if other == name else other: value for other, value in others.items()})
    elif change.remove:
        del container[name]
    else:
        container[name] = _changed(container[name] if change.retype else None, change)
    return body


def _changed(value: Any, change: MemberPatch) -> Any:
    return deepcopy(change.set) if change.retype is None else retyped(value, change.retype)


def _value_at(body: Any, path: JsonPath) -> Any:
    for part in path:
        body = body[part]
    return body


def retyped(value: Any, type: JsonType) -> Any:
    """Returns a value as another type of JSON, as like as that can be."""
    if type == "string":
        return value if isinstance(value, str) else orjson.dumps(value).decode()
    if type == "number":
        return _number(value)
    if type == "boolean":
        return bool(value)
    if type == "array":
        return value if isinstance(value, list) else [value]
    if type == "object":
        return value if isinstance(value, dict) else {"value": value}
    return None


def _number(value: Any) -> int | float:
    if isinstance(value, int | float):
        return int(value) if isinstance(value, bool) else value
    try:
        number = orjson.loads(value) if isinstance(value, str) else 0
    except orjson.JSONDecodeError:
        return 0
    return number if isinstance(number, int | float) and not isinstance(number, bool) else 0


def _change(hit: FaultHit, answer: JsonResponse) -> tuple[Any, str]:
    if answer.value is None:
        return answer.value, "there is no JSON in this answer to be changed"
    return patched(answer.value, hit.fault.changes or ())


PATCH = json_effect(_change)
