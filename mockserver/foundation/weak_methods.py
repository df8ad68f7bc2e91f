"""Bound methods that do not keep their object alive: what is dropped is then freed at once, without a collection."""

from collections.abc import Callable
from typing import ParamSpec
from weakref import WeakMethod

P = ParamSpec("P")


def weakly(method: Callable[P, None]) -> Callable[P, None]:
    """Returns a function that calls a bound method as long as its object is alive, and does nothing afterwards.

    It is for a part that calls its owner back, where the method itself would make a cycle of the two.
    """
    reference = WeakMethod(method)

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        bound = reference()
        if bound is not None:
            bound(*args, **kwargs)

    return call
