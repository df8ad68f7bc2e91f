"""One world with everything that a run of calls changes: store, clock, faults, credentials, scenario, journal."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from mockserver.domain import Enquiry
from mockserver.foundation.clock import Clock
from mockserver.foundation.stateful import StatefulComponent, replace
from mockserver.sandbox.accounts import Account, Accounts
from mockserver.sandbox.faults import FaultRegistry
from mockserver.sandbox.journal import Journal
from mockserver.sandbox.pending_leads import PendingLeads
from mockserver.sandbox.store import MemoryStore
from mockserver.sandbox.usage import OperationUsage
from mockserver.sandbox.webhooks import DeliveryFaults, Outbox, Subscriptions, enqueue_deliveries
from mockserver.world import World

__all__ = ["Account", "Sandbox", "SandboxGone", "ScenarioHook"]


class SandboxGone(Exception):
    """The sandbox was deleted, or made anew, by another process since this one last looked."""


class ScenarioHook(StatefulComponent, Protocol):
    """A scenario at work in a sandbox."""

    def on_request(self) -> None:
        """A call, or a look by the admin API, begins: what the clock has brought about since happens now."""

    def on_response(self, provider: str, operation: str, status: int) -> list[str]:
        """A call was answered: what it triggers happens now. What happened, as notes for the journal."""


class UnitOfWork(Protocol):
    """Makes what happens to a sandbox inside `with` one whole: seen by others all at once, or not at all."""

    def __call__(self, sandbox: "Sandbox") -> AbstractContextManager[None]:
        """Raises SandboxGone on entry."""


_ALONE = nullcontext()


class Sandbox:
    """The state that calls meet. The one called `default` is there from the start."""

    def __init__(
        self,
        id: str,
        world: World,
        clock: Clock,
        journal: Journal,
        variants: Mapping[str, Mapping[str, str]],
        accounts: Accounts,
        token_issuers: Mapping[str, Any],
    ) -> None:
        self.id = id
        self.world = world
        self.store = MemoryStore(world)
        self.clock = clock
        self.journal = journal
        self.variants = variants
        """The reading chosen for each variant, by provider."""
        self.accounts = accounts
        self.token_issuers = token_issuers
        """What a provider's door keeps, by provider: issued and revoked tokens. None where it keeps nothing."""
        self.usage = OperationUsage()
        self.faults = FaultRegistry(clock)
        self.pending_leads = PendingLeads()
        self.webhooks = Subscriptions(f"{world.seed}/{id}")
        self.delivery_faults = DeliveryFaults()
        self.outbox = Outbox()
        self.store.arrived.add(self._arrived)
        self.scenario: ScenarioHook | None = None
        self.unit_of: UnitOfWork | None = None
        """Who shares the sandbox with other processes; None when it is this process's alone."""
        self.shared: Any = None
        """What that one keeps with the sandbox."""
        self.used_at = 0.0
        """When it was last called, in real seconds since the epoch."""

    def variants_key(self, provider: str) -> str:
        """Tells choices of variants apart, for what is derived from them."""
        return ",".join(self.variants[provider].values())

    def transaction(self) -> AbstractContextManager[None]:
        """Whatever looks at a sandbox or changes it does so inside `with sandbox.unit()`, and never awaits there."""
        return self.unit_of(self) if self.unit_of else _ALONE

    def process_due(self) -> None:
        """A call, or a look by the admin API, begins: what the clock has brought about since happens now."""
        if self.pending_leads:
            self.pending_leads.arrive(self.world, self.store, self.clock.now())
        if self.scenario is not None:
            self.scenario.on_request()

    def _arrived(self, enquiry: Enquiry) -> None:
        if self.webhooks:
            enqueue_deliveries(
                enquiry, self.webhooks, self.accounts, self.delivery_faults, self.outbox, self.clock.time()
            )

    def parts(self) -> dict[str, StatefulComponent]:
        """Everything that calls change, by the name of its records; the journal is no part of it."""
        parts: dict[str, StatefulComponent] = {
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
        parts.update({f"authority/{name}": part for name, part in self.token_issuers.items() if part is not None})
        if self.scenario is not None:
            parts["script"] = self.scenario
        return parts

    def dump(self) -> dict[str, dict[str, Any]]:
        """All records by part: what a snapshot holds."""
        return {name: dict(part.dump()) for name, part in self.parts().items()}

    def restore(self, dump: Mapping[str, Mapping[str, Any]]) -> None:
        """Makes everything what it was when the dump was taken. The journal goes on."""
        for name, part in self.parts().items():
            replace(part, dump.get(name, {}))

    def reset(self) -> None:
        """Everything as it was when the sandbox was made, the journal empty."""
        self.restore({})
        self.journal.clear()
