"""What the admin API answers, as values with typed attributes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule of a contract that a message broke."""

    place: str
    """`path`, `query`, `header` or `body` of the request, or `reply`."""
    pointer: str
    """RFC 6901 into the body or the reply; the name of the parameter (`/limit`) elsewhere."""
    message: str
    rule: str = ""
    """The keyword that was broken, for example `required`."""

    def __str__(self) -> str:
        return f"{self.place} {self.pointer or '/'}: {self.message}"


@dataclass(frozen=True, slots=True)
class FiredFault:
    """The fault that struck a call."""

    id: str
    kind: str
    in_contract: bool
    """Whether the answer is one that the provider's contract allows."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a reply, as far as the journal keeps it; secrets are masked."""

    headers: Sequence[tuple[str, str]] = ()
    body: str = ""
    bytes: int = 0
    cut: bool = False
    """Whether `body` is only the beginning."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One call in the journal."""

    id: int
    at: datetime
    """By the clock of the sandbox."""
    provider: str
    operation: str | None
    """None when there is no operation at the path that was called."""
    method: str
    path: str
    query: str
    status: int
    duration_ms: float
    violations: Sequence[Violation]
    notes: Sequence[str]
    fault: FiredFault | None
    request: Message
    reply: Message

    @property
    def broken(self) -> Sequence[Violation]:
        """What the client broke: the violations of the request."""
        return tuple(violation for violation in self.violations if violation.place != "reply")


@dataclass(frozen=True, slots=True)
class ClockState:
    """What a sandbox's clock shows."""

    now: datetime
    frozen: bool


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """A fault that is in place, and what became of it."""

    id: str
    kind: str
    provider: str | None
    operation: str | None
    seen: int
    """How many calls it was matched with."""
    fired: int
    """How many calls it struck."""
    spent: bool
    """Whether it strikes no more, as things stand."""
    until: datetime | None
    fault: Json = field(repr=False)
    """All that was said of it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver one lead."""

    at: datetime
    """By the clock of the sandbox, as are all moments here."""
    lead: str
    """What the provider calls the lead."""
    turn: int
    """Which try of this delivery it was, from 1."""
    succeeded: bool
    status: int | None
    """What the receiver answered; None when nothing came."""
    reason: str | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told of new leads, and what came of it; its key is not told."""

    id: str
    provider: str
    user: str
    url: str
    active: bool
    created_at: datetime
    updated_at: datetime
    last_success: datetime | None
    pending: int
    """Deliveries that wait."""
    attempts: Sequence[Attempt]
    """The newest, newest first."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One lead on its way to one subscription, or arrived."""

    number: int
    subscription: str
    lead: int
    """The neutral id of the lead."""
    state: str
    """`pending`, `delivered`, `given_up` or `dropped`."""
    made_at: datetime
    turns: int
    """Attempts that were begun."""
    next_at: datetime | None
    """When it is next due; None when it is over, or an attempt is under way."""
    finished_at: datetime | None
    reason: str | None
    """Why the last attempt failed, or why there will be none."""
    quirks: Sequence[str]
    """What goes wrong with it on purpose."""


@dataclass(frozen=True, slots=True)
class ActiveDeliveryFault:
    """A delivery fault that is in place, and what became of it."""

    id: str
    kind: str
    provider: str | None
    subscription: str | None
    seen: int
    """How many deliveries it could have befallen."""
    fired: int
    """How many it befell."""
    spent: bool
    """Whether it has befallen as many as it was to."""
    delivery_fault: Json = field(repr=False)
    """All that was said of it."""


@dataclass(frozen=True, slots=True)
class Seeker:
    """Who sent a lead; None is "did not say"."""

    id: int
    firstname: str | None
    lastname: str | None
    email: str | None
    phones: Sequence[str]
    """E.164."""
    language: str | None
    gender: str | None
    company: str | None
    erased: bool


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as no provider shows it."""

    id: int
    category: str
    intention: str
    portal: str | None
    agency: int
    seeker: Seeker
    estate: int | None
    agent: int | None
    parent: int | None
    step: int
    """1 new, 2 opened, 3 in progress, 4 closed."""
    message: str
    created_at: datetime
    updated_at: datetime
    contacted_at: datetime
    erased: bool
    """Whether the seeker's personal data were erased."""
    uuid: str
    reference: str
    ids: Mapping[str, int | str]
    """What each provider calls it, by provider."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A member of a call that is not what was wanted."""

    member: str
    wanted: Any
    actual: Any


@dataclass(frozen=True, slots=True)
class Nearest:
    """The call that came nearest to what was wanted."""

    entry: Entry
    differs: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether calls were made as wanted, and if not, what came nearest. True when it held."""

    held: bool
    actual: int
    """How many calls fit or, of an order, how many of its operations came in it."""
    certain: bool
    """Whether calls that the journal has let go of could not change the verdict."""
    explanation: str
    nearest: Nearest | None = None

    def __bool__(self) -> bool:
        return self.held


@dataclass(frozen=True, slots=True)
class Fired:
    """A step of a scenario that happened."""

    step: int
    """From 1."""
    at: datetime
    """By the clock of the sandbox."""
    what: Sequence[str]
    """One sentence for each action that was done."""
    failed: Sequence[str] = ()
    """One sentence for each that could not be."""


@dataclass(frozen=True, slots=True)
class ScenarioState:
    """How far a scenario is."""

    name: str | None
    """None when there is none."""
    why: str
    step: int
    """How many steps have happened."""
    steps: int
    done: bool
    waits: str | None
    """What the next step waits for."""
    fired: Sequence[Fired]
