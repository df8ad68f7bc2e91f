"""What reaches the server from the client while it runs: calls, and what becomes of webhooks."""

from dataclasses import dataclass, field

from mockserver.delivery.dispatcher import DeliveryAttempted
from mockserver.foundation.clock import parse_duration, stopwatch
from mockserver.judge.evidence import JudgedAttempt
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox
from mockserver.server.embedded import EmbeddedServer

_QUIET = 0.3
"""Seconds without a call after which a drill that hurries lets time pass."""
_MAX_HURRIES = 3
"""In one run: it may be quiet for reasons of its own before it comes to where the drill is about."""
_ROUNDS = 5
"""How often a client has made the same calls in vain before it is taken to go round and round."""
_REST = 0.2
"""Seconds between two calls that are a rest, such as a poller takes. Who never rests is stuck in a loop."""


class Recorder:
    """Keeps every call to one sandbox; see `program.Watch` for what a run asks of it."""

    def __init__(self, server: EmbeddedServer, sandbox: Sandbox, hurry: str | None) -> None:
        """To be made where calls are answered, as `close` is to be called there."""
        self.entries: list[Entry] = []
        self.attempts: list[JudgedAttempt] = []
        self.feeds: set[str] = set()
        """The lists that the client has asked for so far."""
        self._server = server
        self._sandbox = sandbox
        self._hurry = None if hurry is None else parse_duration(hurry)
        self._hurries = 0
        self._run = 0
        self._first = 0
        self._active = stopwatch()
        self._known: set[tuple[object, ...]] = set()
        """The calls of this run, with what they were answered."""
        self._vain = _RepeatedCalls(self._active)
        sandbox.journal.listeners.add(self._called)
        server.app.dispatcher.listeners.add(self._told)

    def close(self) -> None:
        """Listens no more."""
        self._sandbox.journal.listeners.discard(self._called)
        self._server.app.dispatcher.listeners.discard(self._told)

    def begin(self, run: int) -> None:
        """Another run begins."""
        self._run, self._first, self._active = run, len(self.entries), stopwatch()
        self._known, self._vain = set(), _RepeatedCalls(self._active)
        self._hurries = 0 if self._hurry is None else _MAX_HURRIES

    def quiet(self) -> float:
        """See `Watch.quiet`. Who is being told something is not quiet."""
        if self._server.app.dispatcher.is_busy(self._sandbox.id):
            return 0.0
        return stopwatch() - self._active

    def got_error(self) -> bool:
        """See `Watch.troubled`."""
        last = self.entries[-1] if self.called() else None
        return last is not None and _is_trouble(last)

    def called(self) -> bool:
        """See `Watch.called`."""
        return len(self.entries) > self._first

    def idle(self) -> float:
        """See `Watch.idle`."""
        vain, now = self._vain, stopwatch()
        rounds = vain.calls // max(1, len(vain.different))
        rests = vain.rested >= (now - vain.since) / 2
        if rounds < _ROUNDS or not rests or self._server.app.dispatcher.is_busy(self._sandbox.id):
            return 0.0
        return now - vain.since

    def tick(self) -> None:
        """See `Watch.tick`: in a drill that hurries, time passes once the client is quiet."""
        if self._hurries and self.called() and self.quiet() >= _QUIET:
            self._hurries -= 1
            self._server.call(self._pass_time)

    def _pass_time(self) -> None:
        with self._sandbox.transaction():
            self._sandbox.clock.advance(self._hurry or 0.0)
            self._sandbox.process_due()
        self._active = stopwatch()
        self._vain = _RepeatedCalls(self._active)

    def _called(self, entry: Entry) -> None:
        before, self._active = self._active, stopwatch()
        self.entries.append(entry)
        call = (entry.provider, entry.method, entry.path, entry.query, entry.request, entry.status, entry.reply)
        if call not in self._known or _is_trouble(entry):
            self._known.add(call)
            self._vain = _RepeatedCalls(self._active)
            return
        rest = self._active - before
        self._vain.calls += 1
        self._vain.different.add(call)
        self._vain.rested += rest if rest >= _REST else 0.0

    def _told(self, told: DeliveryAttempted) -> None:
        if told.sandbox != self._sandbox.id:
            return
        self._active = stopwatch()
        self._vain = _RepeatedCalls(self._active)
        delivery = told.request.delivery
        self.attempts.append(
            JudgedAttempt(
                run=self._run,
                lead=told.request.lead,
                number=delivery.attempts,
                succeeded=told.outcome.reason is None,
                status=told.outcome.status,
                reason=told.outcome.reason,
                faults=frozenset(delivery.faults),
            )
        )


@dataclass(slots=True)
class _RepeatedCalls:
    """The calls since there was news, each of which was made in this run before, and answered the same."""

    since: float
    """When there was news, on the stopwatch."""
    calls: int = 0
    rested: float = 0.0
    """Seconds of rests between them."""
    different: set[tuple[object, ...]] = field(default_factory=set)


def _is_trouble(entry: Entry) -> bool:
    return entry.status == 0 or entry.status >= 400 or entry.fault is not None
