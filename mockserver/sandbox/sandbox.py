"""A sandbox: one world and all that calls change of it, such as its store, clock, faults, credentials and journal."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from mockserver.domain import Enquiry, Kind
from mockserver.foundation.clock import Clock
from mockserver.foundation.memory_room import UNLIMITED_ROOM, MemoryRoom
from mockserver.foundation.stateful import StatefulComponent
from mockserver.foundation.weak_methods import weakly
from mockserver.sandbox.accounts import Account, Accounts
from mockserver.sandbox.faults import FaultRegistry
from mockserver.sandbox.journal import Journal
from mockserver.sandbox.known_answers import KnownAnswers
from mockserver.sandbox.pending_leads import WEIGHT_OF_LEAD, PendingLeads
from mockserver.sandbox.store import MemoryStore
from mockserver.sandbox.store.deferred import NO_READERS, WriteReaders
from mockserver.sandbox.unit_of_work import SandboxGone, UnitOfWork
from mockserver.sandbox.usage import CallsInProgress, OperationUsage
from mockserver.sandbox.webhooks import DeliveryFaults, Outbox, Subscriptions, enqueue_deliveries
from mockserver.world import World

WEIGHT_OF_SANDBOX = 40_000
"""About how many bytes a sandbox takes in which nothing was done: measured, and rounded up."""
_WEIGHT_OF_DELIVERY = 1_500
"""About how many bytes a pending delivery takes."""

__all__ = ["Account", "Sandbox", "SandboxGone", "ScenarioHook"]


class ScenarioHook(StatefulComponent, Protocol):
    """A scenario at work in a sandbox."""

    def on_request(self) -> None:
        """Does what the clock has made due. A call, or a look by the admin API, begins. Raises SliceOver."""

    def on_response(self, provider: str, operation: str, status: int) -> list[str]:
        """Does what an answered call triggers, and returns notes on it for the journal. Raises SliceOver."""

    def go_on(self) -> list[str]:
        """Goes on with what the last slice left undone, and returns the notes. Raises SliceOver."""


class Sandbox:
    """The state that calls meet. The sandbox `default` is there from the start."""

    def __init__(
        self,
        id: str,
        world: World,
        clock: Clock,
        journal: Journal,
        variants: Mapping[str, Mapping[str, str]],
        accounts: Accounts,
        token_issuers: Mapping[str, Any],
        *,
        unit_of_work: UnitOfWork,
        make_scenario: "Callable[[Sandbox], ScenarioHook]",
        refuse_webhook: Callable[[str], str | None],
        room: MemoryRoom = UNLIMITED_ROOM,
        identity: str | None = None,
        write_readers: WriteReaders = NO_READERS,
    ) -> None:
        """`make_scenario` is called when all else is there; `refuse_webhook` judges the URLs of subscriptions.

        `write_readers` read, by provider, what its store keeps as it came.
        """
        self.id = id
        self.identity = identity or id
        """The id from which follows what follows from an id: that of the sandbox from which this one was saved."""
        self.world = world
        self.room = room
        """The memory that it shares with all other sandboxes."""
        self.store = MemoryStore(world, room, write_readers)
        self.known_answers = KnownAnswers(self.store)
        self.clock = clock
        self.journal = journal
        self.variants = variants
        """The reading chosen for each variant, by provider."""
        self.accounts = accounts
        self.token_issuers = token_issuers
        """The issuers of tokens by provider; None for a provider without tokens."""
        self.usage = OperationUsage()
        self.long_calls = CallsInProgress()
        self.faults = FaultRegistry(clock)
        self.pending_leads = PendingLeads(room)
        self.webhooks = Subscriptions(f"{world.seed}/{self.identity}", refuse_webhook)
        self.delivery_faults = DeliveryFaults()
        self.outbox = Outbox()
        self.store.arrived.add(weakly(self._enqueue_deliveries))
        self.scenario = make_scenario(self)
        self.is_shared = unit_of_work.is_shared
        """Whether other processes can change the sandbox, too."""
        self.transaction = unit_of_work.transaction
        """Everything that reads or changes a sandbox does so inside `with sandbox.transaction()`, and never awaits
        there. Raises SandboxGone."""
        self.submit = unit_of_work.submit
        """Does a call in such a transaction, which other calls may share."""
        self._touch = unit_of_work.touch
        self._snapshots: dict[str, int] = {}
        """About how many bytes each snapshot takes in this process, by its name."""
        unit_of_work.attach(self.components())

    def variants_key(self, provider: str) -> str:
        """Returns a key that tells choices of variants apart, for what is derived from them."""
        return ",".join(self.variants[provider].values())

    def note_use(self, now: float) -> None:
        """Notes that the sandbox was used at a moment, in real seconds since the epoch."""
        self._touch(now)
        self.world.note_use(now)
        self.store.note_use(now)

    @property
    def weight(self) -> int:
        """About how many bytes it takes, without what it shares and can make again."""
        return WEIGHT_OF_SANDBOX + self.state_weight + sum(self._snapshots.values()) + self.journal.weight

    @property
    def state_weight(self) -> int:
        """About how many bytes its records take."""
        return self.store.written + len(self.pending_leads) * WEIGHT_OF_LEAD + len(self.outbox) * _WEIGHT_OF_DELIVERY

    def process_due(self) -> None:
        """Does what the clock has made due. A call, or a look by the admin API, begins.

        Raises SliceOver inside a time slice that is too short for it; called again, it goes on.
        """
        if self.room.has_news:
            self.room.look()
        if self.pending_leads:
            with self.room.overdrawn():
                self.pending_leads.arrive(self.world, self.store, self.clock.now())
        self.scenario.on_request()

    def components(self) -> dict[str, StatefulComponent]:
        """Returns everything that calls change, by the name that its records have in databases, without the journal."""
        components: dict[str, StatefulComponent] = {
            "clock": self.clock,
            "store": self.store,
            "accounts": self.accounts,
            "tally": self.usage,
            "faults": self.faults,
            "submissions": self.pending_leads,
            "webhooks": self.webhooks,
            "misdeliveries": self.delivery_faults,
            "outbox": self.outbox,
        }
        components.update({f"authority/{name}": part for name, part in self.token_issuers.items() if part is not None})
        components["script"] = self.scenario
        return components

    def dump(self) -> dict[str, dict[str, Any]]:
        """Returns all records by component, as a snapshot holds them."""
        return {name: dict(component.dump()) for name, component in self.components().items()}

    def snapshot(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """Returns the state as it is now, which counts as kept under that name. Raises MemoryFull.

        What never changes is shared with it, so that it takes a moment; in a database it is written out.
        """
        if self.is_shared:
            return self.dump()
        weight = self.state_weight
        self.room.check(weight - self._snapshots.get(name, 0))
        self._snapshots[name] = weight
        self.room.note(weight)
        return self.capture()

    def capture(self) -> Mapping[str, Mapping[str, Any]]:
        """Returns the state as it is now, in a moment: what never changes is shared with it."""
        large = {
            "store": self.store.capture(),
            "submissions": self.pending_leads.capture(),
            "outbox": self.outbox.capture(),
        }
        small = {name: dict(part.dump()) for name, part in self.components().items() if name not in large}
        return {**small, **large}

    def restore(self, dump: Mapping[str, Mapping[str, Any]]) -> None:
        """Makes everything what it was when the dump was taken. The journal goes on."""
        for name, component in self.components().items():
            component.replace(dump.get(name, {}))

    def take_over(self, other: "Sandbox", *, go_on: bool) -> int:
        """Takes over what calls changed in the sandbox whose place this one takes, as far as it fits this world.

        `go_on` tells that the scenario of both is the same. Returns the number of written entities that do not fit.
        """
        from mockserver.sandbox.store.transfer import take_over

        left_out = take_over(other.store, other.world, self.store, self.world)
        parts = other.components()
        for name, component in self.components().items():
            records = dict(parts[name].dump()) if name in parts and name != "store" else {}
            if name == "accounts":
                records = {key: _within(record, self.world) for key, record in records.items()}
            if name == "submissions":
                missing = [key for key, record in records.items() if not self.can_arrive(record)]
                left_out += len(missing)
                records = {key: record for key, record in records.items() if key not in missing}
            # A scenario that a call put in the place of the first one goes on, too.
            if name == "script" and not go_on and "scenario" not in records:
                records = {}
            if name != "store":
                component.replace(records)
        other.retire()
        return left_out

    def retire(self) -> None:
        """Refuses every later transaction with SandboxGone: another object has taken the place of this one."""
        self.transaction = _refuse_transaction

    def can_arrive(self, record: Any) -> bool:
        """Tells whether the agency and the estate of a pending lead are there."""
        if not isinstance(record, Mapping):
            return True
        agency, estate = record["enquiry"]["agency"], record["enquiry"]["estate"]
        if agency not in self.world.agencies:
            return False
        return estate is None or self.store.get(Kind.ESTATE, estate) is not None

    def reset(self) -> None:
        """Makes everything as it was when the sandbox was made, and empties the journal."""
        self.restore({})
        self.journal.clear()

    def _enqueue_deliveries(self, id: int) -> None:
        if self.webhooks and isinstance(enquiry := self.store.get(Kind.ENQUIRY, id), Enquiry):
            now = self.clock.time()
            enqueue_deliveries(enquiry, self.webhooks, self.accounts, self.delivery_faults, self.outbox, now)


def _within(record: Any, world: World) -> Any:
    """Returns the record of an account without the agencies that a world does not have."""
    return record and {**record, "agencies": [id for id in record["agencies"] if id in world.agencies]}


def _refuse_transaction() -> AbstractContextManager[None]:
    raise SandboxGone
