"""A cache for what is derived from text that clients send: bounded by length as well as by number."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

_ShortText = TypeVar("_ShortText", str, bytes, str | None)
_Derived = TypeVar("_Derived")


def cached_when_short(
    number: int, length: int
) -> Callable[[Callable[[_ShortText], _Derived]], Callable[[_ShortText], _Derived]]:
    """Returns a decorator that keeps the results of a function for `number` texts of at most `length` characters.

    For a longer text the function is called each time, and nothing is kept.
    """

    def decorate(function: Callable[[_ShortText], _Derived]) -> Callable[[_ShortText], _Derived]:
        cached = lru_cache(number)(function)

        @wraps(function)
        def look_up(text: _ShortText) -> _Derived:
            return cached(text) if text is None or len(text) <= length else function(text)

        return look_up

    return decorate
