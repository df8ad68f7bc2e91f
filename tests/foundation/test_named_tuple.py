"""Our named tuples behave as those of the standard library do."""

import pickle
import typing
from collections.abc import Callable
from copy import copy
from typing import Any

import pytest

from mockserver.foundation import named_tuple


def made(base: Any) -> Any:
    """A named tuple with a default, a method and a property."""

    class Point(base):  # type: ignore[misc]
        """A point."""

        x: int
        y: int = 2

        @property
        def total(self) -> int:
            return self.x + self.y

        def moved(self, by: int) -> Any:
            return self._replace(x=self.x + by)

    return Point


OURS, THEIRS = made(named_tuple.NamedTuple), made(typing.NamedTuple)

USES: list[Callable[[Any], Any]] = [
    lambda cls: cls(1),
    lambda cls: cls(1, y=3),
    lambda cls: cls(x=1, y=3),
    lambda cls: repr(cls(1)),
    lambda cls: cls(1).total,
    lambda cls: cls(1).moved(4),
    lambda cls: cls(1).x,
    lambda cls: [*cls(1)],
    lambda cls: {cls(1): "value"},
    lambda cls: cls._make([5, 6]),
    lambda cls: cls(1)._asdict(),
    lambda cls: copy(cls(1)),
    lambda cls: (cls._fields, cls._field_defaults, cls.__match_args__, cls.__doc__, cls.__annotations__),
    lambda cls: (cls.__name__, cls.__module__, isinstance(cls(1), tuple), hasattr(cls(1), "__dict__")),
]
MISTAKES: list[Callable[[Any], Any]] = [
    lambda cls: cls(),
    lambda cls: cls(1, 2, 3),
    lambda cls: cls(1, x=1),
    lambda cls: cls(1, z=1),
    lambda cls: cls._make([1]),
    lambda cls: setattr(cls(1), "x", 2),
    lambda cls: setattr(cls(1), "z", 2),
]


@pytest.mark.parametrize("use", USES)
def test_it_does_the_same(use: Callable[[Any], Any]) -> None:
    assert use(OURS) == use(THEIRS)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_it_refuses_the_same(mistake: Callable[[Any], Any]) -> None:
    for cls in (OURS, made(named_tuple.NamedTuple)):
        with pytest.raises((TypeError, AttributeError)) as theirs:
            mistake(THEIRS)
        with pytest.raises(theirs.type):
            mistake(cls)


def test_a_member_that_is_not_there_cannot_be_replaced() -> None:
    with pytest.raises(TypeError, match="unexpected field names: \\['z'\\]"):
        OURS(1)._replace(z=1)


def test_it_can_be_pickled() -> None:
    spot = Spot(1, "b")
    assert pickle.loads(pickle.dumps(spot)) == spot == Spot(1)
    match spot:
        case Spot(number, name):
            assert (number, name) == (1, "b")


class Spot(named_tuple.NamedTuple):
    """A named tuple that pickle finds."""

    number: int
    name: str = "b"
