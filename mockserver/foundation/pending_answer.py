"""Answers that are not there yet: what they say is made, but not stored."""

from collections.abc import Callable
from typing import TypeAlias

from starlette.types import ASGIApp

from mockserver.foundation.named_tuple import NamedTuple
from mockserver.foundation.responses import EncodedResponse

Answer: TypeAlias = EncodedResponse | ASGIApp
"""A response in its sent form, without Content-Length, or the application that goes on and sends it."""


class PendingAnswer(NamedTuple):
    """The answer to a call that others are committed with."""

    deliver: Callable[[Callable[[Answer], None]], None]
    """Calls a function with the answer once it is there, which may be now."""
