"""The dispatcher of webhooks looks into an outbox when something may be due there, and makes the attempts.

All lasting state is in the outboxes; what the dispatcher has in memory can be lost at any time.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from weakref import ref

from mockserver.delivery.message import WebhookRequest
from mockserver.delivery.outbox_worker import OutboxWorker, Rules
from mockserver.delivery.sender import Outcome, Sender
from mockserver.foundation.clock import stopwatch
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.logging import log_failure
from mockserver.foundation.problems import Problem
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.sandbox.sandbox import Sandbox, SandboxGone
from mockserver.sandbox.unit_of_work import LONGEST_PAUSE, StoreBusy, when_free
from mockserver.sandbox.webhooks import Delivery, DeliveryState, TargetGuard

log = logging.getLogger("mockserver.webhooks")

_MAX_OF_A_SANDBOX = 32
"""Attempts under way in one sandbox."""
_MAX_AT_ONCE = 128
"""Attempts under way in this process, beside those that are reserved."""
_RESERVED = 32
"""Attempts of sandboxes that have no other under way: receivers that are silent elsewhere do not hold these up."""
_RECOVER_EVERY = 5.0
"""Real seconds between two looks for what other processes left undone."""
_AGAIN = 5.0
"""Real seconds until a store that could not be reached is asked again."""
_HELD = (("outbox", "pending/"), ("submissions", "waiting/"))
"""The records that tell that a sandbox has something to do."""


@dataclass(frozen=True, slots=True)
class DeliveryAttempted:
    """An attempt that was made and recorded."""

    sandbox: str
    request: WebhookRequest
    outcome: Outcome
    state: DeliveryState
    """The state of the delivery after it."""


class WebhookDispatcher:
    """Delivers the webhooks of a server from one event loop; any thread may wake it."""

    def __init__(
        self,
        sandboxes: SandboxRegistry,
        rules: Rules,
        guard: TargetGuard,
        erase: Callable[[Sandbox, int], object],
    ) -> None:
        """`erase` erases a person of a sandbox."""
        self.rules = rules
        self.guard = guard
        self.listeners: set[Callable[[DeliveryAttempted], None]] = set()
        """Called with every attempt of this process, after it was recorded."""
        self.counts: Counter[tuple[str, DeliveryState]] = Counter()
        """Attempts of this process by provider and the state of the delivery after them."""
        self._sandboxes = sandboxes
        self._worker = OutboxWorker(sandboxes.providers, rules, erase)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopped = False
        self._event = asyncio.Event()
        self._sender = Sender(guard, rules.timeout, rules.ca)
        self._attempts: dict[asyncio.Task[None], tuple[Sandbox, WebhookRequest]] = {}
        """The attempts that are under way."""
        self._awake: set[str] = set()
        """Sandboxes to look at."""
        self._alarms: dict[str, float] = {}
        """Sandboxes to look at later, and when by the stopwatch."""
        self._turns: dict[str, str] = {}
        """The subscription that had the last turn in each sandbox whose outbox is not empty."""
        self._abandoned: dict[str, tuple[int, ...]] = {}
        """Fingerprints of the due records of each sandbox, at the last look for abandoned work."""
        self._recover_at = 0.0
        sandboxes.listeners.add(self.watch)
        for sandbox in sandboxes.all_loaded():
            self.watch(sandbox)

    def watch(self, sandbox: Sandbox) -> None:
        """Delivers the webhooks of a sandbox from now on."""
        id, watched = sandbox.id, ref(sandbox)

        def wake() -> None:
            # Held weakly: its parts hold this function, and a cycle would outlive its deletion.
            alive = watched()
            if alive is not None and (alive.outbox or (alive.webhooks and alive.pending_leads)):
                self.wake(id)

        for part in (sandbox.outbox, sandbox.webhooks, sandbox.pending_leads, sandbox.clock):
            part.listeners.add(wake)
        wake()

    def wake(self, id: str) -> None:
        """Notes that something may be due there. Cheap; any thread may call it, in a transaction or not."""
        self._awake.add(id)
        if self._stopped:
            return
        # Without an event loop, or while it ends, nothing is lost: who starts the next one starts the dispatcher.
        with suppress(RuntimeError):
            if self._loop is None or self._loop.is_closed():
                asyncio.get_running_loop()
                self.start()
            else:
                self._loop.call_soon_threadsafe(self._event.set)

    def start(self) -> None:
        """Works in the running event loop until `stop`. Attempts of an event loop that was closed begin anew."""
        loop, self._stopped = asyncio.get_running_loop(), False
        if self._loop is loop and self._task and not self._task.done():
            return
        self._loop, self._event = loop, asyncio.Event()
        self._sender = Sender(self.guard, self.rules.timeout, self.rules.ca)
        self._attempts, self._turns = {}, {}
        self._recover_at = stopwatch()
        self._task = loop.create_task(self._work(), name="webhooks")

    async def stop(self) -> None:
        """Stops the work; attempts under way are cancelled, and are due again."""
        self._stopped = True
        task, self._task = self._task, None
        attempts = list(self._attempts)
        tasks = [*attempts, *([task] if task else [])]
        for unfinished in tasks:
            unfinished.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._loop = None

    async def flush(self, sandbox: Sandbox, patience: float = 30.0) -> int:
        """Makes the attempts that are due now, one after another of each subscription, and returns their number.

        It ends when none is due, or after `patience` real seconds. It must not be called inside a transaction.
        """
        self.start()
        made: set[asyncio.Task[None]] = set()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while True:
                    self._look(sandbox.id)
                    mine = {task for task, (where, _) in self._attempts.items() if where.id == sandbox.id}
                    if not mine and self._room(sandbox.id):
                        break
                    made |= mine
                    await asyncio.wait(mine or self._attempts, return_when=asyncio.FIRST_COMPLETED)
        return len(made)

    async def _work(self) -> None:
        while True:
            self._event.clear()
            if self._sandboxes.repository.shared and stopwatch() >= self._recover_at:
                self._recover_abandoned()
            for id in self._to_look_at():
                self._look(id)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._event.wait()

    def _to_look_at(self) -> list[str]:
        now = stopwatch()
        over = {id for id, moment in self._alarms.items() if moment <= now}
        # Emptied one by one: another thread may add to it just now.
        woken = {self._awake.pop() for _ in range(len(self._awake))}
        # Who has fewest attempts under way comes first.
        under_way = Counter(where.id for where, _ in self._attempts.values())
        return sorted(over | woken, key=lambda id: (under_way[id], id))

    def _pause(self) -> float | None:
        moments = list(self._alarms.values())
        if self._sandboxes.repository.shared:
            moments.append(self._recover_at)
        return max(0.0, min(moments) - stopwatch()) if moments else None

    def _recover_abandoned(self) -> None:
        """Looks at sandboxes in which another process has changed something, and may be gone since."""
        self._recover_at = stopwatch() + _RECOVER_EVERY
        repository = self._sandboxes.repository
        with suppress(Problem):
            held = [repository.holding(part, start) for part, start in _HELD]
            marks = {id: tuple(marks.get(id, 0) for marks in held) for id in {*held[0], *held[1]}}
            self._awake.update(id for id, mark in marks.items() if self._abandoned.get(id) != mark)
            self._abandoned = marks

    def is_busy(self, sandbox: str) -> bool:
        """Tells whether this process is making an attempt in that sandbox. Any thread may ask."""
        return any(where.id == sandbox for where, _ in list(self._attempts.values()))

    def _room(self, id: str) -> int:
        """Returns the number of attempts that may begin in a sandbox."""
        total = len(self._attempts)
        of_sandbox = sum(where.id == id for where, _ in self._attempts.values())
        if total < _MAX_AT_ONCE:
            return max(0, min(_MAX_OF_A_SANDBOX - of_sandbox, _MAX_AT_ONCE - total))
        return int(of_sandbox == 0 and total < _MAX_AT_ONCE + _RESERVED)

    def _look(self, id: str) -> None:
        """Begins the attempts that are due in a sandbox, and sets the alarm for the others."""
        self._alarms.pop(id, None)
        try:
            sandbox = self._find(id)
            if sandbox is None:
                self._turns.pop(id, None)
                return
            with sandbox.transaction():
                requests, seconds = self._worker.take_out(sandbox, self._room(id), after=self._turns.get(id, ""))
        except SandboxGone:
            self._sandboxes.forget(id)
            self._abandoned.pop(id, None)
            self._turns.pop(id, None)
            return
        except Exception as error:
            if not isinstance(error, Problem):
                log_failure(log, "the webhooks of sandbox %s failed", id)
            self._alarms[id] = stopwatch() + (LONGEST_PAUSE if isinstance(error, StoreBusy) else _AGAIN)
            return
        if seconds is not None:
            self._alarms[id] = stopwatch() + seconds
        if requests:
            self._turns[id] = requests[-1].delivery.subscription
        elif not sandbox.outbox:
            self._turns.pop(id, None)
        for request in requests:
            task = asyncio.get_running_loop().create_task(self._attempt(sandbox, request))
            self._attempts[task] = sandbox, request
            task.add_done_callback(self._over)

    def _find(self, id: str) -> Sandbox | None:
        """Returns the sandbox if it is loaded, or if another process has abandoned a delivery in it."""
        return self._sandboxes.loaded(id) or (self._sandboxes.get(id) if id in self._abandoned else None)

    def _over(self, task: "asyncio.Task[None]") -> None:
        sandbox, request = self._attempts.pop(task, (None, None))
        if sandbox is None or request is None:
            # It belongs to an event loop that was closed; it is due again when its claim ends.
            return
        if task.cancelled():
            with suppress(Problem, SandboxGone), sandbox.transaction():
                sandbox.outbox.release(request.delivery)
        self.wake(sandbox.id)

    async def _attempt(self, sandbox: Sandbox, request: WebhookRequest) -> None:
        outcome = await self._sender.send(request)

        def record() -> Delivery | None:
            with sandbox.transaction():
                return self._worker.record_outcome(sandbox, request, outcome)

        try:
            after = await when_free(record)
        except (Problem, SandboxGone) as error:
            # A delivery that is still stored is due again when its claim ends: twice is better than not at all.
            log.warning("what became of a webhook could not be written down: %s", error)
            return
        if after is not None:
            self.counts[request.provider, after.state] += 1
            event = DeliveryAttempted(sandbox.id, request, outcome, after.state)
            for listener in list(self.listeners):
                listener(event)
