"""Who follows a journal: open server-sent event streams, bounded in number, woken when there is something to send."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import orjson

from mockserver.foundation.connection import Connection
from mockserver.foundation.problems import Problem
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import SandboxGone

if TYPE_CHECKING:
    from mockserver.registry.sandboxes import SandboxRegistry
    from mockserver.sandbox.sandbox import Sandbox

MAX_STREAMS = 100
"""How many may be open at once."""
HEARTBEAT = 15.0
"""Real seconds of silence after which a comment is sent, so that nobody in between hangs up."""
_MAX_AT_ONCE = 200
"""How many calls are read before they are sent, so that a slow client makes nothing pile up."""
_LOOK = 0.5
"""Real seconds between two looks at a journal to which other processes add."""


class Streams:
    """Those of one server."""

    def __init__(self) -> None:
        self._open: dict[str, list[Callable[[], None]]] = {}

    def count(self) -> int:
        """How many are open."""
        return sum(map(len, self._open.values()))

    def check(self) -> None:
        """Whether one more may be opened. Raises a 503."""
        if self.count() >= MAX_STREAMS:
            raise Problem(503, "too_many_streams", f"{MAX_STREAMS} streams are open, the most at once; close one.")

    def wake(self, id: str) -> None:
        """Something happened to a sandbox: whoever follows it looks now."""
        for wake in list(self._open.get(id, ())):
            wake()

    @contextmanager
    def opened(self, id: str, wake: Callable[[], None]) -> Iterator[None]:
        """One more follows that sandbox."""
        self._open.setdefault(id, []).append(wake)
        try:
            yield
        finally:
            self._open[id].remove(wake)
            if not self._open[id]:
                del self._open[id]


@dataclass(slots=True)
class JournalSubscription:
    """Whose calls are sent, and over which connection."""

    sandboxes: "SandboxRegistry"
    sandbox: "Sandbox"
    connection: Connection | None
    """None when the server is not ours, as in process."""

    def goes_on(self) -> bool:
        """Whether there is still a sandbox to follow, and somebody who listens."""
        if self.connection is not None and self.connection.closing:
            return False
        try:
            again = self.sandboxes.get(self.sandbox.id)
        except Problem:
            # The store is out of reach; the client comes back by itself, and says what it read last.
            return False
        # Of a shared sandbox a process may make another object at any time.
        if again is None or (again is not self.sandbox and not self.sandboxes.repository.shared):
            return False
        self.sandbox = again
        return True

    @contextmanager
    def heard(self, wake: Callable[[], None]) -> Iterator[None]:
        """`wake` is called for every call that this process answers, and when the connection closes."""

        def listener(entry: Entry) -> None:
            wake()

        journal, closing = self.sandbox.journal.listeners, self.connection.listeners if self.connection else set()
        journal.add(listener)
        closing.add(wake)
        try:
            yield
        finally:
            journal.discard(listener)
            closing.discard(wake)


async def follow(
    streams: Streams, followed: JournalSubscription, after: int, fits: Callable[[Entry], bool]
) -> AsyncIterator[bytes]:
    """Every call that fits and has a higher id than `after`, as an event, until the sandbox is no more or the server
    stops. What is evicted from the journal before this client has read it is told in a comment, never silent.
    """
    awake = asyncio.Event()
    wake = _waker(awake)
    patience = _LOOK if followed.sandboxes.repository.shared else HEARTBEAT
    last, silent = after, 0.0
    with streams.opened(followed.sandbox.id, wake):
        yield b": the calls of sandbox %b\n\n" % followed.sandbox.id.encode()
        while followed.goes_on():
            with followed.heard(wake):
                awake.clear()
                try:
                    news, last, more = _news(followed.sandbox, last, fits)
                except SandboxGone:
                    followed.sandboxes.forget(followed.sandbox.id)
                    continue
                except Problem:
                    return
                for piece in news:
                    yield piece
                silent = 0.0 if news or more else silent + await _wait(awake, patience)
            if silent >= HEARTBEAT:
                silent = 0.0
                yield b": still here\n\n"


def _waker(awake: asyncio.Event) -> Callable[[], None]:
    """Sets the event from whatever thread answers calls; a loop that is closed has nobody left to wake."""
    loop = asyncio.get_running_loop()

    def wake() -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(awake.set)

    return wake


def _news(sandbox: "Sandbox", last: int, fits: Callable[[Entry], bool]) -> tuple[list[bytes], int, bool]:
    """What is to be sent of the next calls after `last`, the id of the newest of them, and whether there are more."""
    with sandbox.transaction():
        journal = sandbox.journal
        if journal.total < last:
            # It was cleared, and its ids begin again.
            last = 0
        entries = list(islice(journal.entries(after=last), _MAX_AT_ONCE))
        limit = journal.body_limit
    missed = entries[0].id - last - 1 if entries else 0
    news = [b": %d calls were evicted before they could be sent\n\n" % missed] if missed else []
    news += [_event(entry, limit) for entry in entries if fits(entry)]
    return news, entries[-1].id if entries else last, len(entries) == _MAX_AT_ONCE


def _event(entry: Entry, limit: int) -> bytes:
    return b"id: %d\nevent: call\ndata: %b\n\n" % (entry.id, orjson.dumps(entry.as_dict(limit)))


async def _wait(awake: asyncio.Event, seconds: float) -> float:
    """Until something happens, at most so long; how many seconds that were of silence, as far as they count."""
    try:
        await asyncio.wait_for(awake.wait(), seconds)
    except TimeoutError:
        return seconds
    return 0.0
