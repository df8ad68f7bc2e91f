"""Our dataclasses behave as those of the standard library do, whose methods are there from the beginning."""

import dataclasses
import pickle
from collections.abc import Callable
from copy import copy
from dataclasses import FrozenInstanceError, field
from typing import Any

import pytest

from mockserver.foundation.dataclass import dataclass

OPTIONS: list[dict[str, bool]] = [
    {},
    {"frozen": True},
    {"slots": True},
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "kw_only": True},
    {"frozen": True, "eq": False},
]


def made(decorator: Any, options: dict[str, bool]) -> Any:
    """A class with every kind of field that we use, and one derived from it."""

    @decorator(**options)
    class Base:
        """A value."""

        first: int
        second: str = "b"

    @decorator(**options)
    class Derived(Base):
        """Another value."""

        third: list[int] = field(default_factory=list, compare=False)
        fourth: str = field(default="secret", repr=False)
        fifth: int = field(default=0, kw_only=True)

        def __post_init__(self) -> None:
            if self.first < 0:
                raise ValueError("first is negative")

    return Derived


def result(action: Callable[[Any], Any], model: Any) -> Any:
    """The value that comes of it, or the error."""
    try:
        return action(model)
    except Exception as error:
        return type(error), str(error)


ACTIONS: list[Callable[[Any], Any]] = [
    lambda model: repr(model(first=1)),
    lambda model: repr(model(1, "x", [1], "y", fifth=2)),
    lambda model: model(first=1, third=[1]) == model(first=1, third=[2]),
    lambda model: model(first=1) == model(first=2),
    lambda model: model(first=1) == 1,
    lambda model: model(first=1) == model.__base__(first=1),
    lambda model: len(
        {hash(each) for each in [model(first=1), model(first=1)]}
    ),  # both alive: an address is not used twice
    lambda model: model(),
    lambda model: model(1, 2, 3, 4, 5),
    lambda model: model(first=1, sixth=6),
    lambda model: model(first=-1),
    lambda model: model.__base__(first=-1).first,
    lambda model: model(first=1).third is model(first=1).third,
    lambda model: dataclasses.asdict(dataclasses.replace(model(first=1), second="c")),
    lambda model: dataclasses.asdict(copy(model(first=1, third=[3]))),
    lambda model: hasattr(model(first=1), "__dict__"),
    lambda model: model.__match_args__,
    lambda model: model.__hash__ is None,
    lambda model: model.__init__.__qualname__,
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("action", range(len(ACTIONS)))
def test_it_does_what_the_standard_library_does(options: dict[str, bool], action: int) -> None:
    run = ACTIONS[action]
    expected, model = made(dataclasses.dataclass, options), made(dataclass, options)
    for _ in range(6):
        assert result(run, model) == result(run, expected)


@dataclass(frozen=True, slots=True)
class Point:
    """A value that can be pickled, since it has a module."""

    x: int
    y: int = 0


def test_a_frozen_one_stays_as_it_is() -> None:
    point: Any = Point(1)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 2
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del point.x
    assert pickle.loads(pickle.dumps(point)) == Point(1)


def test_methods_of_the_class_itself_stay() -> None:
    @dataclass(frozen=True, slots=True)
    class Loud:
        """A value with methods of its own."""

        name: str

        def __repr__(self) -> str:
            return self.name.upper()

        def __hash__(self) -> int:
            return 7

    assert (repr(Loud("a")), hash(Loud("a"))) == ("A", 7)


def test_a_method_is_generated_once() -> None:
    @dataclass(frozen=True)
    class Value:
        """A value."""

        x: int

    waiting = Value.__init__
    assert Value(1) == Value(1)
    assert Value.__init__ is waiting
    assert Value(1) == Value(1)
    generated = Value.__init__
    assert generated is not waiting
    assert Value(2).x == 2
    assert Value.__init__ is generated


def test_a_method_that_was_put_in_the_place_of_a_generated_one_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class Patched:
        number: int = 0

    init, seen = Patched.__init__, []

    def recorded(self: Patched, number: int = 0) -> None:
        init(self, number)
        seen.append(number)

    monkeypatch.setattr(Patched, "__init__", recorded)
    assert [Patched(number).number for number in range(9)] == seen == list(range(9))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wide:
    one: int
    two: int = 2
    three: int = 3
    four: int = 4
    five: list[int] = dataclasses.field(default_factory=list)


class _WiderStill(_Wide):
    """A subclass that is no dataclass of its own, with a place for anything."""


@pytest.mark.parametrize("model", [_Wide, _WiderStill])
def test_objects_with_many_fields_are_frozen_once_they_are_filled(model: type[_Wide]) -> None:
    made = [model(one=number) for number in range(10)]
    assert [value.one for value in made] == list(range(10))
    assert {type(value) for value in made} == {model}
    assert (made[9].two, made[9].five) == (2, [])
    assert made[8].five is not made[9].five
    with pytest.raises(dataclasses.FrozenInstanceError):
        made[9].one = 1  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del made[9].one
