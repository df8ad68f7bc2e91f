"""One world with everything that a run of calls changes: store, clock, faults, credentials, scenario, journal."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from mockserver.domain import Enquiry
from mockserver.foundation.clock import Clock
from mockserver.foundation.stateful import Part, replace
from mockserver.sandbox.accounts import Account, Accounts
from mockserver.sandbox.faults import FaultBook
from mockserver.sandbox.journal import Journal
from mockserver.sandbox.pending_leads import Submissions
from mockserver.sandbox.store import MemoryStore
from mockserver.sandbox.usage import Tally
from mockserver.sandbox.webhooks import Misdeliveries, Outbox, Subscriptions, post
from mockserver.world import World

__all__ = ["Account", "Sandbox", "SandboxGone", "Script"]


class SandboxGone(Exception):
    """The sandbox was deleted, or made anew, by another process since this one last looked."""


class Script(Part, Protocol):
    """A scenario at work in a sandbox."""

    def before(self) -> None:
        """A call, or a look by the admin API, begins: what the clock has brought about since happens now."""

    def after(self, provider: str, operation: str, status: int) -> list[str]:
        """A call was answered: what it triggers happens now. What happened, as notes for the journal."""


class Unit(Protocol):
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
        authorities: Mapping[str, Any],
    ) -> None:
        self.id = id
        self.world = world
        self.store = MemoryStore(world)
        self.clock = clock
        self.journal = journal
        self.variants = variants
        """The reading chosen for each variant, by provider."""
        self.accounts = accounts
        self.authorities = authorities
        """What a provider's door keeps, by provider: issued and revoked tokens. None where it keeps nothing."""
        self.tally = Tally()
        self.faults = FaultBook(clock)
        self.submissions = Submissions()
        self.webhooks = Subscriptions(f"{world.seed}/{id}")
        self.misdeliveries = Misdeliveries()
        self.outbox = Outbox()
        self.store.arrived.add(self._arrived)
        self.script: Script | None = None
        self.unit_of: Unit | None = None
        """Who shares the sandbox with other processes; None when it is this process's alone."""
        self.shared: Any = None
        """What that one keeps with the sandbox."""
        self.used_at = 0.0
        """When it was last called, in real seconds since the epoch."""

    def variants_key(self, provider: str) -> str:
        """Tells choices of variants apart, for what is derived from them."""
        return ",".join(self.variants[provider].values())

    def unit(self) -> AbstractContextManager[None]:
        """Whatever looks at a sandbox or changes it does so inside `with sandbox.unit()`, and never awaits there."""
        return self.unit_of(self) if self.unit_of else _ALONE

    def catch_up(self) -> None:
        """A call, or a look by the admin API, begins: what the clock has brought about since happens now."""
        if self.submissions:
            self.submissions.arrive(self.world, self.store, self.clock.now())
        if self.script is not None:
            self.script.before()

    def _arrived(self, enquiry: Enquiry) -> None:
        if self.webhooks:
            post(enquiry, self.webhooks, self.accounts, self.misdeliveries, self.outbox, self.clock.time())

    def parts(self) -> dict[str, Part]:
        """Everything that calls change, by the name of its records; the journal is no part of it."""
        parts: dict[str, Part] = {
            "clock": self.clock,
            "store": self.store,
            "accounts": self.accounts,
            "tally": self.tally,
            "faults": self.faults,
            "submissions": self.submissions,
            "webhooks": self.webhooks,
            "misdeliveries": self.misdeliveries,
            "outbox": self.outbox,
        }
        parts.update({f"authority/{name}": part for name, part in self.authorities.items() if part is not None})
        if self.script is not None:
            parts["script"] = self.script
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
