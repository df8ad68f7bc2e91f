"""Answers questions for the addresses of names (DNS) in a network without any other machine."""

import asyncio
from typing import Any

from mockserver.server.hosts.hosting import Hosting

_HEAD = 12
"""Bytes before the question (RFC 1035 §4.1.1)."""
_ANSWER, _NO_SUCH_NAME = 0x8180, 0x8183
"""Flags of an answer: a response, with recursion, without or with an error."""
_ADDRESS = 1
"""The type of a question for an IPv4 address; whoever asks for one of IPv6 asks for this, too."""
_LOOPBACK = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04\x7f\x00\x00\x01"
"""A record for the name of the question: the address 127.0.0.1, for no time at all."""


class NameServer(asyncio.DatagramProtocol):
    """Knows the real hosts as this machine, and no other name; those that are asked for are noted as refused."""

    def __init__(self, hosting: Hosting) -> None:
        self._hosting = hosting
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """It begins to listen."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """A question; what is none gets no answer."""
        answer = self.answer(data)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)

    def answer(self, query: bytes) -> bytes | None:
        """Returns the answer to a question; None for what is none."""
        question = _question(query)
        if question is None:
            return None
        name, kind, end = question
        is_answered = self._hosting.routes.find(name) is not None
        if not is_answered and kind == _ADDRESS:
            self._hosting.refused.refuse("CONNECT", name)
        records = is_answered and kind == _ADDRESS
        flags = _ANSWER if is_answered else _NO_SUCH_NAME
        counts = (1, int(records), 0, 0)
        head = query[:2] + b"".join(number.to_bytes(2, "big") for number in (flags, *counts))
        return head + query[_HEAD:end] + (_LOOPBACK if records else b"")


def _question(query: bytes) -> tuple[str, int, int] | None:
    """Returns the name that is asked for, the type of the question and its end; None for what is no question."""
    if len(query) < _HEAD or query[2] & 0x80 or query[4:6] != b"\x00\x01":
        return None
    labels, at = [], _HEAD
    while at < len(query) and (length := query[at]):
        if length > 63:
            return None
        labels.append(query[at + 1 : at + 1 + length].decode("latin-1"))
        at += 1 + length
    if at + 5 > len(query) or not labels:
        return None
    return ".".join(labels).lower(), int.from_bytes(query[at + 1 : at + 3], "big"), at + 5
