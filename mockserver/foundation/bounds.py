"""Ends of numbers that come from outside, such that every part of the server can hold them."""

from typing import Annotated, Any

LARGEST_ID = 10**15 - 1
"""Fifteen digits, as many as the contracts let a client write."""
LARGEST = 2**53
"""JSON's whole numbers are exact as far as that in every language."""
MOST_CALLS = 10**9
"""The end of what counts calls: no server of a test answers so many."""
AN_HOUR_MS = 3_600_000
"""Milliseconds: the longest that an answer is held."""


class ValueBounds:
    """Bounds of a value, in the annotation of a member of a dataclass; pydantic is loaded when one is read by it."""

    __slots__ = ("_constraints",)

    def __init__(self, **constraints: Any) -> None:
        """Takes the constraints of pydantic's `Field`, such as `ge`, `max_length` and `pattern`."""
        self._constraints = constraints

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic import Field

        return handler.generate_schema(Annotated[source, Field(**self._constraints)])
