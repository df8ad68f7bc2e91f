"""Records what a client does while it runs: its calls, and its answers to webhooks."""

from mockserver.delivery.dispatcher import DeliveryAttempted
from mockserver.foundation.clock import parse_duration, stopwatch
from mockserver.judge.call_reader import CallReader
from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import JudgedAttempt
from mockserver.judge.patient_stopwatch import PatientStopwatch
from mockserver.judge.program import SETTLE_FACTOR_AFTER_ERROR
from mockserver.judge.repetition import RepeatedCalls, Repetition, is_trouble
from mockserver.pipeline.refused_hosts import REFUSED
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox
from mockserver.server.embedded import EmbeddedServer

_MAX_HOSTS = 20
"""Hosts of one run that are told; one is enough to know that it calls others."""
_QUIET = 0.3
"""Seconds without a call after which a drill that hurries lets time pass."""
_MAX_HURRIES = 3
"""In one run: a client may be quiet for reasons of its own before it comes to what the drill is about."""
_MIN_ROUNDS = 5
"""The number of times that a client repeats the same calls without news before it counts as idle."""
_REST = 0.2
"""Seconds between two calls that are a rest, such as a poller takes. A client that never rests is stuck in a loop."""


class Recorder:
    """Records the calls to one sandbox. It is the `Watch` of each run."""

    def __init__(self, server: EmbeddedServer, sandbox: Sandbox, hurry: str | None, reader: CallReader) -> None:
        """To be made where calls are answered, as `close` is to be called there."""
        self.entries: list[Entry] = []
        self.calls: list[JudgedCall] = []
        """The same, read."""
        self.refused_hosts: dict[str, None] = {}
        """Hosts of no provider that the current run called, in the order in which it first did."""
        self.attempts: list[JudgedAttempt] = []
        self.feeds: set[str] = set()
        """The lists that the client has asked for so far."""
        self.signing_keys: dict[int, str] = {}
        """The id of the key that signs tokens, by call, of providers that sign some."""
        self._server = server
        self._reader = reader
        self._sandbox = sandbox
        self._hurry = None if hurry is None else parse_duration(hurry)
        self._hurries = 0
        self._run = 0
        self._first = 0
        self._patient = PatientStopwatch()
        self._active, self._quiet_since = stopwatch(), self._patient.seconds()
        self._repetition = Repetition()
        self._repeated = RepeatedCalls(self._active)
        sandbox.journal.listeners.add(self._on_call)
        server.app.dispatcher.listeners.add(self._on_delivery)

    def close(self) -> None:
        """Stops recording."""
        self._sandbox.journal.listeners.discard(self._on_call)
        self._server.app.dispatcher.listeners.discard(self._on_delivery)

    def begin(self, run: int) -> None:
        """Begins the record of another run."""
        self._run, self._first = run, len(self.entries)
        self.refused_hosts.clear()
        self._note_activity()
        self._repetition, self._repeated = Repetition(), RepeatedCalls(self._active)
        self._hurries = 0 if self._hurry is None else _MAX_HURRIES

    def quiet(self) -> float:
        """Returns `Watch.quiet`. A client that waits for an answer, or gets a webhook, is not quiet."""
        if self._sandbox.long_calls or self._server.app.dispatcher.is_busy(self._sandbox.id):
            return 0.0
        return self._patient.seconds() - self._quiet_since

    def got_error(self) -> bool:
        """Tells whether the last call was answered by an error, or met a fault."""
        return self.called() and is_trouble(self.calls[-1])

    def called(self) -> bool:
        """Tells whether there was any call in this run."""
        return len(self.entries) > self._first

    def idle(self) -> float:
        """Returns real seconds for which calls were only repeated, with rests that are half of that time; else 0.

        Where calls fail they count for less, and only where rests are no longer each time: the client may be trying
        again before it gives up. It is idle in the middle of a rest, when it has written down what it has.
        """
        repeated, now = self._repeated, stopwatch()
        rests = repeated.rested >= (now - repeated.since) / 2 and repeated.is_resting(now - self._active)
        if repeated.rounds < _MIN_ROUNDS or not rests or self._server.app.dispatcher.is_busy(self._sandbox.id):
            return 0.0
        return (now - repeated.since) / (SETTLE_FACTOR_AFTER_ERROR if repeated.met_trouble else 1)

    def tick(self) -> None:
        """Lets time pass in a drill that hurries, once the client is quiet."""
        if self._hurries and self.called() and self.quiet() >= _QUIET:
            self._hurries -= 1
            self._server.call(self._pass_time)

    def _pass_time(self) -> None:
        with self._sandbox.transaction():
            self._sandbox.clock.advance(self._hurry or 0.0)
            self._sandbox.process_due()
        self._note_activity()
        self._repeated = RepeatedCalls(self._active)

    def _note_activity(self) -> None:
        self._active, self._quiet_since = stopwatch(), self._patient.seconds()

    def _on_call(self, entry: Entry) -> None:
        before = self._active
        self._note_activity()
        if not entry.provider:
            if entry.status == REFUSED and len(self.refused_hosts) < _MAX_HOSTS:
                self.refused_hosts[entry.path] = None
            return  # an address of no provider, of which no obligation tells
        self.calls.append(self._reader.read(entry, self._run))
        self.entries.append(self.calls[-1].entry)
        if (token_issuer := self._sandbox.token_issuers.get(entry.provider)) is not None:
            self.signing_keys[entry.id] = token_issuer.keys.current.kid
        kind = self._repetition.kind_of(self.calls[-1])
        if kind is None:
            self._repeated = RepeatedCalls(self._active)
            return
        rest = self._active - before
        self._repeated.add(kind, rest if rest >= _REST else 0.0, is_trouble(self.calls[-1]))

    def _on_delivery(self, event: DeliveryAttempted) -> None:
        if event.sandbox != self._sandbox.id:
            return
        self._note_activity()
        self._repeated = RepeatedCalls(self._active)
        delivery = event.request.delivery
        self.attempts.append(
            JudgedAttempt(
                run=self._run,
                lead=event.request.lead,
                number=delivery.attempts,
                succeeded=event.outcome.reason is None,
                status=event.outcome.status,
                reason=event.outcome.reason,
                faults=frozenset(delivery.faults),
            )
        )
