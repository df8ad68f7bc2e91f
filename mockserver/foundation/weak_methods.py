"""Bound methods that do not keep their object alive: what is dropped is then freed at once, without a collection."""

from collections.abc import Callable
from typing import Any, ParamSpec, cast
from weakref import ref

P = ParamSpec("P")


def weakly(method: Callable[P, None]) -> Callable[P, None]:
    """Returns a function that calls a bound method as long as its object is alive, and does nothing afterwards.

    It is for a part that calls its owner back, where the method itself would make a cycle of the two. It takes no
    arguments by name.
    """
    bound: Any = method
    function, owner = bound.__func__, ref(bound.__self__)

    def call(*arguments: Any) -> None:
        alive = owner()
        if alive is not None:
            function(alive, *arguments)

    return cast("Callable[P, None]", call)
