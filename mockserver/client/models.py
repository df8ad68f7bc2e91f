"""Answers of the admin API as values with typed attributes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule of a contract that a message broke."""

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
    """The fault that hit a call."""

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
    """A call in the journal."""

    id: int
    at: datetime
    """By the clock of the sandbox."""
    real_at: datetime
    provider: str | None
    """None when the path is that of no provider."""
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
        """The violations of the request, which the client is to blame for."""
        return tuple(violation for violation in self.violations if violation.place != "reply")


@dataclass(frozen=True, slots=True)
class JournalPage:
    """Calls in the journal, the oldest first."""

    entries: Sequence[Entry]
    total: int
    """The number of calls since the journal was last cleared."""
    evicted: int
    """The number of them that had to make room for newer ones."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """The clock of a sandbox."""

    now: datetime
    frozen: bool


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that is in place, and what became of it."""

    id: str
    kind: str
    provider: str | None
    operation: str | None
    seen: int
    """The number of calls that it matched."""
    fired: int
    """The number of calls that it hit."""
    exhausted: bool
    """Whether it hits no more, as things stand."""
    until: datetime | None
    changes: tuple[Json, ...] = field(repr=False)
    """The changes of a patch, each with `pointer` and one of `set`, `remove`, `rename` and `retype`; else none."""
    fault: Json = field(repr=False)
    """All members that it was made with."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to deliver a lead."""

    at: datetime
    """By the clock of the sandbox, as are all moments here."""
    lead: str
    """The id of the lead at the provider."""
    turn: int
    """The number of the attempt at this delivery, from 1."""
    succeeded: bool
    status: int | None
    """The status that the receiver answered; None when nothing came."""
    reason: str | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A receiver of new leads and its deliveries; its key is not told."""

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
    """A lead on its way to a subscription, or arrived."""

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
    faults: Sequence[str]
    """The faults that it gets on purpose."""


@dataclass(frozen=True, slots=True)
class ActiveDeliveryFault:
    """A delivery fault that is in place, and what became of it."""

    id: str
    kind: str
    provider: str | None
    subscription: str | None
    seen: int
    """The number of deliveries that it matched."""
    fired: int
    """The number of deliveries that it hit."""
    exhausted: bool
    """Whether it has hit as many as it was to."""
    delivery_fault: Json = field(repr=False)
    """All members that it was made with."""


@dataclass(frozen=True, slots=True)
class Seeker:
    """The sender of a lead; None is "did not say"."""

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
    """Its id at each provider, by provider."""


@dataclass(frozen=True, slots=True)
class LeadPage:
    """Some of the leads of a sandbox."""

    leads: Sequence[Lead]
    total: int
    """The number of all."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A member of a call that is not as expected."""

    member: str
    wanted: Any
    actual: Any


@dataclass(frozen=True, slots=True)
class Nearest:
    """The call that came nearest to the expectation."""

    entry: Entry
    differs: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The keys that sign the tokens of a provider, by their ids."""

    kid: str
    """The key of new tokens."""
    keys: tuple[str, ...]
    """All keys that the JWK set has, the new one first."""


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on an expectation, with the nearest call when it did not hold. True when it held."""

    held: bool
    actual: int
    """The number of calls that fit or, of an order, of its operations that came in it."""
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
    """The progress of a scenario."""

    name: str | None
    """None when there is none."""
    why: str
    step: int
    """The number of steps that have happened."""
    steps: int
    done: bool
    waits: str | None
    """The trigger that the next step waits for."""
    fired: Sequence[Fired]
