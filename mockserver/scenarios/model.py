"""What a scenario document says: steps, what triggers each, and what it does."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from mockserver.domain import Category, Frozen, Portal
from mockserver.foundation.clock import parse_duration
from mockserver.foundation.moments import DurationText, Moment
from mockserver.sandbox.changes import Arrival, LeadPatch
from mockserver.sandbox.faults import Fault
from mockserver.sandbox.webhooks import DeliveryFault
from mockserver.world import WorldFile

MAX_STEPS = 200
MAX_ACTIONS = 50
"""Of one step."""
MAX_BYTES = 256 * 1024
"""Of one document."""
MAX_RUNS = 10
"""Further runs of a client that is judged."""
CLASSES = ("2xx", "4xx", "5xx")
"""Words for statuses."""


def _selector(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _status(value: Any) -> Any:
    text = str(value)
    if text in CLASSES:
        return text
    if isinstance(value, bool) or not (text.isdecimal() and 100 <= int(text) <= 599):
        raise ValueError(f"{text!r} is no status; a number from 100 to 599 is, or {', '.join(CLASSES)}")
    return int(text)


def _some_time(text: str) -> str:
    if parse_duration(text) <= 0:
        raise ValueError(f"{text!r} is no time that could pass; a duration of more than nothing is")
    return text


Lead = Annotated[str, BeforeValidator(_selector)]
"""`newest`, `oldest`, `newest:101`, or an id of the lead at any provider."""
Status = Annotated[int | Literal["2xx", "4xx", "5xx"], BeforeValidator(_status)]
"""A status, or a class of statuses."""
World = Annotated[
    Annotated[str, Tag("name")] | Annotated[WorldFile, Tag("file")],
    Discriminator(lambda value: "name" if isinstance(value, str) else "file"),
]


class When(Frozen):
    """What a step waits for: `start`, calls, time or a signal, counted from the step before."""

    start: Literal[True] | None = None
    """At once; written as the one word `start`."""
    provider: str | None = None
    operation: str | None = None
    """The operationId; `*` stands for any letters."""
    status: Status | None = None
    """The status that the call was answered with."""
    calls: int | None = Field(default=None, ge=1, le=1_000_000)
    """How many such calls; one when it is not said."""
    clock: DurationText | None = None
    """How much virtual time has passed."""
    signal: str | None = Field(default=None, min_length=1, max_length=100)
    """The name of a signal that is given through the admin API."""

    @property
    def counts(self) -> bool:
        """Whether it waits for calls."""
        return not (self.start or self.clock or self.signal)

    def answered(self, status: int) -> bool:
        """Whether a call that was answered with that status is one that it waits for."""
        return self.status in (None, status, f"{status // 100}xx")

    @model_validator(mode="before")
    @classmethod
    def _one_word(cls, value: Any) -> Any:
        if isinstance(value, str) and value != "start":
            raise ValueError("the only word is start; everything else is a mapping such as {calls: 2} or {clock: PT1H}")
        return {"start": True} if value == "start" else value

    @model_validator(mode="after")
    def _one_kind(self) -> "When":
        calls = any(part is not None for part in (self.provider, self.operation, self.status, self.calls))
        if sum((calls, bool(self.start), bool(self.clock), bool(self.signal))) != 1:
            calls_say = "calls (with provider, operation or status)"
            raise ValueError(f"a step waits for one thing: the word start, {calls_say}, clock, or signal")
        return self


class Nothing(Frozen):
    """The argument of an action that needs none."""


class UpdateLead(LeadPatch):
    """Which lead, and its members that change."""

    lead: Lead


class OneLead(Frozen):
    """Which lead."""

    lead: Lead


class DuplicateLead(OneLead):
    """Which lead comes once more, and from where."""

    portal: Portal | None = None


class Erase(Frozen):
    """Whose personal data goes: the seeker of a lead, or one by number."""

    lead: Lead | None = None
    seeker: int | None = None

    @model_validator(mode="after")
    def _one(self) -> "Erase":
        if (self.lead is None) is (self.seeker is None):
            raise ValueError("erase names either a lead or a seeker")
        return self


class Opening(Frozen):
    """An agency, and the accounts for which it is revoked or granted; all when it is not said."""

    agency: int
    provider: str | None = None
    user: str | None = None


class Credentials(Frozen):
    """Accounts of one provider; all when no user is named."""

    provider: str
    user: str | None = None


class Entitling(Credentials):
    """Accounts of one provider, and the scopes that they have from now on; tokens keep those that they have."""

    scope: str = Field(max_length=1_000)
    """Separated by blanks, as in a token request; the empty text is none at all."""


class Rotation(Credentials):
    """New credentials; the secret is made up when it is not said."""

    secret: str | None = Field(default=None, min_length=1, max_length=200)


class KeyRotation(Frozen):
    """The provider whose signing key is replaced."""

    provider: str


class ClockMove(Frozen):
    """One thing that happens to the clock."""

    advance: DurationText | None = None
    """Goes back when it is negative."""
    set: Moment | None = None
    freeze: Literal[True] | None = None
    resume: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> "ClockMove":
        if len(_given(self)) != 1:
            raise ValueError("clock has one of advance, set, freeze: true, resume: true")
        return self


class Fill(Frozen):
    """Leads arrive until the number of leads is a multiple of that, and at least one such."""

    to_multiple_of: int = Field(ge=1, le=1000)
    agency: int
    category: Category | None = None
    """Only leads of this category are counted, and arrive."""


class Action(Frozen):
    """One thing that a step does: a mapping with a single member, named after it."""

    arrive: Arrival | None = None
    update: UpdateLead | None = None
    duplicate: DuplicateLead | None = None
    withdraw: OneLead | None = None
    erase: Erase | None = None
    fill: Fill | None = None
    revoke_agency: Opening | None = None
    grant: Opening | None = None
    entitle: Entitling | None = None
    revoke_tokens: Credentials | None = None
    revoke_credentials: Credentials | None = None
    rotate_credentials: Rotation | None = None
    rotate_keys: KeyRotation | None = None
    expire_cursors: Nothing | None = None
    fault: Fault | None = None
    clear_faults: Nothing | None = None
    delivery_fault: DeliveryFault | None = None
    clock: ClockMove | None = None

    @property
    def chosen(self) -> tuple[str, Any]:
        """Its name, and what it is told."""
        return _given(self)[0]

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        # In YAML `- clear_faults:` says enough.
        return {name: {} for name in value} if value in ({"expire_cursors": None}, {"clear_faults": None}) else value

    @model_validator(mode="after")
    def _one(self) -> "Action":
        if len(_given(self)) != 1:
            raise ValueError(f"an action is a mapping with one member: {', '.join(Action.model_fields)}")
        return self


class Step(Frozen):
    """What happens when."""

    when: When
    do: tuple[Action, ...] = Field(max_length=MAX_ACTIONS)

    @model_validator(mode="after")
    def _something(self) -> "Step":
        if not self.do:
            raise ValueError("`do` has at least one action")
        return self


class Judging(Frozen):
    """How a client is judged by the scenario: how often it is run, what happens in between, and what is looked at."""

    then: tuple[Annotated[tuple[Action, ...], Field(max_length=MAX_ACTIONS)], ...] = Field(
        default=((),), max_length=MAX_RUNS
    )
    """What happens before each further run. When it is not said the client is simply run once more."""
    skew: DurationText | None = None
    """How far the sandbox's clock is ahead of what the client is told, from its second run on; negative when it is
    behind. The steps bring it about: before the first run both are the same."""
    hurry: Annotated[str, AfterValidator(_some_time)] | None = None
    """How much virtual time passes at once when the client is quiet for a moment, a few times a run."""
    webhooks: bool = False
    """Whether the client may have webhooks delivered to it."""
    aims: tuple[Annotated[str, Field(min_length=1, max_length=20)], ...] = Field(default=(), max_length=100)
    """The obligations that it is for, such as `PAGE-04`. All others are looked at as well."""


class Scenario(Frozen):
    """A whole scenario document."""

    name: str = Field(min_length=1, max_length=100)
    why: str = Field(min_length=1, max_length=2_000)
    """The reason: what happens out there, and what a correct client does about it."""
    providers: tuple[str, ...] = ()
    """Whom it is about; all when it is empty."""
    world: World | None = None
    """What a sandbox that starts with it is made with, where nothing else is asked for; also the next three."""
    seed: int | None = None
    now: Moment | None = None
    variants: Mapping[str, Mapping[str, str]] = {}
    steps: tuple[Step, ...] = Field(max_length=MAX_STEPS)
    judge: Judging | None = None
    """Only for the judge of clients; nothing else looks at it."""

    def as_document(self) -> dict[str, Any]:
        """The document again, as plain JSON."""
        return self.model_dump(mode="json", exclude_unset=True)


class Fired(Frozen):
    """A step that happened."""

    step: int
    """From 1."""
    at: str
    """The virtual moment, ISO 8601."""
    what: tuple[str, ...] = ()
    """One sentence for each action that was done."""
    failed: tuple[str, ...] = ()
    """One sentence for each that could not be."""


class ScenarioState(Frozen):
    """How far the scenario of a sandbox is."""

    name: str | None = None
    """None when there is none."""
    why: str = ""
    step: int = 0
    """How many steps have happened."""
    steps: int = 0
    done: bool = True
    waits: str | None = None
    """What the next step waits for."""
    fired: tuple[Fired, ...] = ()


def _given(value: Frozen) -> list[tuple[str, Any]]:
    return [(name, part) for name, part in value if part is not None]
