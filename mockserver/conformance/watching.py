"""What reaches the server from the client while it runs: calls, and what becomes of webhooks."""

from mockserver.clock import parse_duration, stopwatch
from mockserver.conformance.evidence import Attempt
from mockserver.courier.courier import Told
from mockserver.embedded import EmbeddedServer
from mockserver.journal import Entry
from mockserver.sandbox import Sandbox

_QUIET = 0.3
"""Seconds without a call after which a drill that hurries lets time pass."""
_MOST_HURRIES = 3
"""In one run: it may be quiet for reasons of its own before it comes to where the drill is about."""


class Recorder:
    """Keeps every call to one sandbox; see `program.Watch` for what a run asks of it."""

    def __init__(self, server: EmbeddedServer, sandbox: Sandbox, hurry: str | None) -> None:
        """To be made where calls are answered, as `close` is to be called there."""
        self.entries: list[Entry] = []
        self.attempts: list[Attempt] = []
        self.feeds: set[str] = set()
        """The lists that the client has asked for so far."""
        self._server = server
        self._sandbox = sandbox
        self._hurry = None if hurry is None else parse_duration(hurry)
        self._hurries = 0
        self._run = 0
        self._first = 0
        self._active = stopwatch()
        sandbox.journal.listeners.add(self._called)
        server.app.courier.listeners.add(self._told)

    def close(self) -> None:
        """Listens no more."""
        self._sandbox.journal.listeners.discard(self._called)
        self._server.app.courier.listeners.discard(self._told)

    def begin(self, run: int) -> None:
        """Another run begins."""
        self._run, self._first, self._active = run, len(self.entries), stopwatch()
        self._hurries = 0 if self._hurry is None else _MOST_HURRIES

    def quiet(self) -> float:
        """See `Watch.quiet`. Who is being told something is not quiet."""
        if self._server.app.courier.is_busy(self._sandbox.id):
            return 0.0
        return stopwatch() - self._active

    def troubled(self) -> bool:
        """See `Watch.troubled`."""
        last = self.entries[-1] if self.called() else None
        return last is not None and (last.status == 0 or last.status >= 400 or last.fault is not None)

    def called(self) -> bool:
        """See `Watch.called`."""
        return len(self.entries) > self._first

    def tick(self) -> None:
        """See `Watch.tick`: in a drill that hurries, time passes once the client is quiet."""
        if self._hurries and self.called() and self.quiet() >= _QUIET:
            self._hurries -= 1
            self._server.call(self._pass_time)

    def _pass_time(self) -> None:
        with self._sandbox.unit():
            self._sandbox.clock.advance(self._hurry or 0.0)
            self._sandbox.catch_up()
        self._active = stopwatch()

    def _called(self, entry: Entry) -> None:
        self._active = stopwatch()
        self.entries.append(entry)

    def _told(self, told: Told) -> None:
        if told.sandbox != self._sandbox.id:
            return
        self._active = stopwatch()
        delivery = told.letter.delivery
        self.attempts.append(
            Attempt(
                run=self._run,
                lead=told.letter.lead,
                turn=delivery.turns,
                succeeded=told.outcome.reason is None,
                status=told.outcome.status,
                reason=told.outcome.reason,
                quirks=frozenset(delivery.quirks),
            )
        )
