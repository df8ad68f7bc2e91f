"""Open streams of server-sent events follow a journal: bounded in number, woken when there is something to send."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice

import orjson

from mockserver.foundation.connection import Connection
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.problems import Problem
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox, SandboxGone
from mockserver.sandbox.unit_of_work import when_free

MAX_STREAMS = 100
"""The most that may be open at once."""
HEARTBEAT = 15.0
"""Real seconds of silence after which a comment is sent, so that nobody in between hangs up."""
_MAX_AT_ONCE = 200
"""The most calls that are read before they are sent, so that a slow client makes nothing pile up."""
_LOOK = 0.5
"""Real seconds between two looks at a journal to which other processes add."""


class Streams:
    """The open streams of one server."""

    def __init__(self) -> None:
        self._open: dict[str, list[Callable[[], None]]] = {}

    def count(self) -> int:
        """The number of open streams."""
        return sum(map(len, self._open.values()))

    def check(self) -> None:
        """Raises a 503 when no more may be opened."""
        if self.count() >= MAX_STREAMS:
            raise Problem(503, "too_many_streams", f"{MAX_STREAMS} streams are open, the most at once; close one.")

    def wake(self, id: str) -> None:
        """Wakes all streams of a sandbox, to which something happened."""
        for wake in list(self._open.get(id, ())):
            wake()

    @contextmanager
    def opened(self, id: str, wake: Callable[[], None]) -> Iterator[None]:
        """Counts a stream of that sandbox while the block lasts."""
        self._open.setdefault(id, []).append(wake)
        try:
            yield
        finally:
            self._open[id].remove(wake)
            if not self._open[id]:
                del self._open[id]


@dataclass(slots=True)
class JournalSubscription:
    """The sandbox whose calls are sent, and the connection over which they go."""

    sandboxes: SandboxRegistry
    sandbox: Sandbox
    connection: Connection | None
    """None when the server is not ours, as in process."""

    def is_alive(self) -> bool:
        """Tells whether there is still a sandbox to follow, and a client that listens."""
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
    def listening(self, wake: Callable[[], None]) -> Iterator[None]:
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
    streams: Streams, subscription: JournalSubscription, after: int, matches: Callable[[Entry], bool]
) -> AsyncIterator[bytes]:
    """Every call that fits and has a higher id than `after`, as an event, until the sandbox is no more or the server
    stops. What is evicted from the journal before this client has read it is told in a comment, never silent.
    """
    awake = asyncio.Event()
    wake = _waker(awake)
    patience = _LOOK if subscription.sandboxes.repository.shared else HEARTBEAT
    last, silent = after, 0.0
    with streams.opened(subscription.sandbox.id, wake):
        yield b": the calls of sandbox %b\n\n" % subscription.sandbox.id.encode()
        while subscription.is_alive():
            with subscription.listening(wake):
                awake.clear()
                try:
                    events, last, more = await when_free(_reader(subscription.sandbox, last, matches))
                except SandboxGone:
                    subscription.sandboxes.forget(subscription.sandbox.id)
                    continue
                except Problem:
                    return
                for event in events:
                    yield event
                silent = 0.0 if events or more else silent + await _wait(awake, patience)
            if silent >= HEARTBEAT:
                silent = 0.0
                yield b": still here\n\n"


def _waker(awake: asyncio.Event) -> Callable[[], None]:
    """A function that sets the event from any thread; a loop that is closed has nobody left to wake."""
    loop = asyncio.get_running_loop()

    def wake() -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(awake.set)

    return wake


def _next_events(sandbox: Sandbox, last: int, matches: Callable[[Entry], bool]) -> tuple[list[bytes], int, bool]:
    """The events for the next calls after `last`, the id of the newest of them, and whether there are more."""
    with sandbox.transaction():
        journal = sandbox.journal
        if journal.total < last:
            # It was cleared, and its ids begin again.
            last = 0
        entries = list(islice(journal.entries(after=last), _MAX_AT_ONCE))
        limit = journal.body_limit
    missed = entries[0].id - last - 1 if entries else 0
    events = [b": %d calls were evicted before they could be sent\n\n" % missed] if missed else []
    events += [_event(entry, limit) for entry in entries if matches(entry)]
    return events, entries[-1].id if entries else last, len(entries) == _MAX_AT_ONCE


def _reader(
    sandbox: Sandbox, last: int, matches: Callable[[Entry], bool]
) -> Callable[[], tuple[list[bytes], int, bool]]:
    return lambda: _next_events(sandbox, last, matches)


def _event(entry: Entry, limit: int) -> bytes:
    return b"id: %d\nevent: call\ndata: %b\n\n" % (entry.id, orjson.dumps(entry.as_dict(limit)))


async def _wait(awake: asyncio.Event, seconds: float) -> float:
    """Waits until something happens, at most so long; returns the seconds of silence, 0 when it was broken."""
    try:
        await asyncio.wait_for(awake.wait(), seconds)
    except TimeoutError:
        return seconds
    return 0.0
