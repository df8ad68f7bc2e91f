"""Kind `wrong_type`: a member has a type that the contract does not allow there."""

from collections.abc import Iterator
from typing import Any

from mockserver.sandbox.faults.effects.json_values import Allows, JsonPath, json_effect, parts_of, replaced
from mockserver.world.rng import KeyedRandom

_TYPES: tuple[Any, ...] = ({"mock": True}, [True], True, "mock", 4.5, None)
"""Values that are put where another type belongs."""
_MAX_TRIED = 200


def wrong_type(body: Any, pointer: str | None, rng: KeyedRandom, allows: Allows) -> tuple[Any, str]:
    """Gives a member a type that the contract does not know there: the one at `pointer`, or any."""
    if pointer is not None:
        paths = [path] if (path := _path_to(body, pointer)) is not None else []
    else:
        paths = sorted(_members(body), key=lambda path: rng.uniform())[:_MAX_TRIED]
    for path in paths:
        for value in _TYPES:
            changed = replaced(body, path, value)
            if not allows(changed):
                return changed, f"{_pointer(path)} has a wrong type"
    if pointer is not None and not paths:
        return body, f"there is no {pointer} in this answer to get a wrong type"
    return body, "there is no member here that could have a wrong type"


def _members(value: Any, above: JsonPath = ()) -> Iterator[JsonPath]:
    """Yields the path of every member of every object."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield (*above, name)
            yield from _members(member, (*above, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _members(item, (*above, number))


def _path_to(body: Any, pointer: str) -> JsonPath | None:
    """Returns the path of an RFC 6901 pointer; None when it leads nowhere."""
    path: list[str | int] = []
    for name in parts_of(pointer):
        if isinstance(body, dict) and name in body:
            path.append(name)
            body = body[name]
        elif isinstance(body, list) and name.isdecimal() and int(name) < len(body):
            path.append(int(name))
            body = body[int(name)]
        else:
            return None
    return tuple(path)


def _pointer(path: JsonPath) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path) or "the whole answer"


WRONG_TYPE = json_effect(
    lambda hit, answer: wrong_type(answer.value, hit.fault.pointer, hit.rng("member"), answer.allows)
)
