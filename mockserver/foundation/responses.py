"""An HTTP response in bytes, as every step behind the handler passes it on."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from mockserver.foundation.named_tuple import NamedTuple

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]


class EncodedResponse(NamedTuple):
    """Status, headers and body of one response. The header Content-Length is added where it is sent."""

    status: int
    """0 when nothing is sent at all: the connection ends before a response begins."""
    headers: Headers
    body: bytes


encoded_response: Callable[[tuple[int, Headers, bytes]], EncodedResponse] = partial(tuple.__new__, EncodedResponse)
"""Makes an `EncodedResponse` of its three parts; the constructor itself takes longer, since it is Python's."""

NOTHING = EncodedResponse(0, (), b"")
"""Stands for a response that never begins."""


def media_type_of(response: EncodedResponse) -> str:
    """Returns the value of Content-Type, or an empty text."""
    return next((value.decode("latin-1") for name, value in response.headers if name == b"content-type"), "")
