"""Answers that are changed in what they say: items twice or in another order, members added or of a wrong type."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mockserver.world.rng import KeyedRandom

Fits = Callable[[Any], bool]
"""Whether the contract has an answer with that body."""

_EXTRA = {"mockExtraFault": "a member of a later version"}
_TYPES: tuple[Any, ...] = ({"mock": True}, [True], True, "mock", 4.5, None)
"""What is put where another type belongs."""
_MAX_TRIED = 200


def duplicate_items(body: Any, path: Sequence[str], rng: KeyedRandom) -> tuple[Any, str]:
    """One of the items comes once more, at the end; the envelope stays what it is."""
    items = items_of(body, path)
    if not items:
        return body, "there is no item to come twice"
    place = rng.between(0, len(items) - 1)
    return with_items(body, path, [*items, items[place]]), f"item {place} comes once more, at the end"


def reorder_items(body: Any, path: Sequence[str], rng: KeyedRandom) -> tuple[Any, str]:
    """The items in another order, when there are two that differ."""
    items = items_of(body, path)
    if not items or all(item == items[0] for item in items):
        return body, "there are no two items to change places"
    mixed = sorted(items, key=lambda item: rng.uniform())
    turns = 1
    while mixed == items:
        mixed = items[turns:] + items[:turns]
        turns += 1
    return with_items(body, path, mixed), f"{len(items)} items in another order"


def extra_members(body: Any, path: Sequence[str], fits: Fits) -> tuple[Any, str]:
    """A member more in every object; in fewer of them when the contract knows some that are closed."""
    everywhere = _sprinkled(body)
    items = items_of(body, path)
    choices = [everywhere]
    if items is not None:
        choices.append(with_items(body, path, [_sprinkled(item) for item in items]))
        choices.append(with_items(body, path, [_added(item) for item in items]))
    choices.append(_added(body))
    chosen = next((choice for choice in choices if fits(choice)), everywhere)
    if chosen == body:
        return body, "there is no object to get a member more"
    return chosen, f"objects have a member more, {next(iter(_EXTRA))}"


def wrong_type(body: Any, pointer: str | None, rng: KeyedRandom, fits: Fits) -> tuple[Any, str]:
    """A member gets a type that the contract does not know there; the one at `pointer`, or any."""
    if pointer is not None:
        places = [place] if (place := _place(body, pointer)) is not None else []
    else:
        places = sorted(_members(body), key=lambda place: rng.uniform())[:_MAX_TRIED]
    for place in places:
        for value in _TYPES:
            changed = replaced(body, place, value)
            if not fits(changed):
                return changed, f"{_pointer(place)} has a wrong type"
    if pointer is not None and not places:
        return body, f"there is no {pointer} in this answer to get a wrong type"
    return body, "there is no member here that could have a wrong type"


def items_of(body: Any, path: Sequence[str]) -> list[Any] | None:
    """The list that an answer is about: at the path that the contract tells, or the answer itself."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, list) else None


def with_items(body: Any, path: Sequence[str], items: list[Any]) -> Any:
    """The answer with another list in its place."""
    if not path:
        return items
    return {**body, path[0]: with_items(body[path[0]], path[1:], items)}


def _added(value: Any) -> Any:
    return {**value, **_EXTRA} if isinstance(value, dict) else value


def _sprinkled(value: Any) -> Any:
    if isinstance(value, dict):
        return _added({name: _sprinkled(member) for name, member in value.items()})
    if isinstance(value, list):
        return [_sprinkled(item) for item in value]
    return value


Place = tuple[str | int, ...]
"""The way to a value: names of members, and positions from 0."""


def _members(value: Any, above: Place = ()) -> Iterator[Place]:
    """The place of every member of every object."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield (*above, name)
            yield from _members(member, (*above, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _members(item, (*above, number))


def _place(body: Any, pointer: str) -> Place | None:
    """Where an RFC 6901 pointer leads; None when it leads nowhere."""
    place: list[str | int] = []
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(body, dict) and name in body:
            place.append(name)
            body = body[name]
        elif isinstance(body, list) and name.isdecimal() and int(name) < len(body):
            place.append(int(name))
            body = body[int(name)]
        else:
            return None
    return tuple(place)


def replaced(body: Any, place: Place, value: Any) -> Any:
    """The answer with another value at that place."""
    if not place:
        return value
    copy = body.copy()
    copy[place[0]] = replaced(body[place[0]], place[1:], value)
    return copy


def _pointer(place: Place) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place) or "the whole answer"
