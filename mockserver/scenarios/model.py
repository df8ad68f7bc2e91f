"""Models of a scenario document: its steps, what triggers each, and how a client is judged by it."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from mockserver.foundation.clock import parse_duration
from mockserver.foundation.models import Given
from mockserver.foundation.moments import DurationText, Moment
from mockserver.foundation.numbers import Seed
from mockserver.scenarios.action_models import Action
from mockserver.world.choices import WorldChoice

MAX_STEPS = 200
MAX_ACTIONS = 50
"""Of one step."""
MAX_LEADS_OF_STEP = 5_000
MAX_LEADS_OF_SCENARIO = 20_000
MAX_BYTES = 256 * 1024
"""Of one document."""
_MAX_SKEW = 365 * 86_400
"""Seconds: with more the clock of a client would leave the years that a sandbox can have."""
MAX_RUNS = 10
"""Further runs of a client that is judged."""
NEXT_RUN = "next-run"
"""The signal for what a judge brings about before the next run of a client, where there is no judge."""
STATUS_CLASSES = ("2xx", "4xx", "5xx")
"""Words for statuses."""


def _status(value: Any) -> Any:
    text = str(value)
    if text in STATUS_CLASSES:
        return text
    if isinstance(value, bool) or not (text.isdecimal() and 100 <= int(text) <= 599):
        raise ValueError(f"{text!r} is no status; a number from 100 to 599 is, or {', '.join(STATUS_CLASSES)}")
    return int(text)


def _positive_duration(text: str) -> str:
    if parse_duration(text) <= 0:
        raise ValueError(f"{text!r} is no time that could pass; a duration of more than nothing is")
    return text


def _bounded_skew(text: str) -> str:
    if abs(parse_duration(text)) > _MAX_SKEW:
        raise ValueError(f"{text!r} is more than clocks differ; P365D and -P365D are the ends")
    return text


StatusSelector = Annotated[int | Literal["2xx", "4xx", "5xx"], BeforeValidator(_status)]
"""A status, or a class of statuses such as `4xx`."""


class When(Given):
    """The trigger of a step: `start`, calls, time or a signal, counted from the step before."""

    start: Literal[True] | None = None
    """At once; written as the one word `start`."""
    provider: str | None = None
    operation: str | None = None
    """The operationId; `*` stands for any letters."""
    status: StatusSelector | None = None
    """The status that the call was answered with."""
    calls: int | None = Field(default=None, ge=1, le=1_000_000)
    """The number of such calls; one by default."""
    clock: DurationText | None = None
    """The virtual time that passes."""
    signal: str | None = Field(default=None, min_length=1, max_length=100)
    """The name of a signal that is given through the admin API."""

    @property
    def counts(self) -> bool:
        """Tells whether it waits for calls."""
        return not (self.start or self.clock or self.signal)

    def answered(self, status: int) -> bool:
        """Tells whether it waits for calls that were answered with that status."""
        return self.status in (None, status, f"{status // 100}xx")

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: Any) -> Any:
        if isinstance(value, str) and value != "start":
            raise ValueError("the only word is start; everything else is a mapping such as {calls: 2} or {clock: PT1H}")
        return {"start": True} if value == "start" else value

    @model_validator(mode="after")
    def _has_one_trigger(self) -> "When":
        calls = any(part is not None for part in (self.provider, self.operation, self.status, self.calls))
        if sum((calls, bool(self.start), bool(self.clock), bool(self.signal))) != 1:
            calls_say = "calls (with provider, operation or status)"
            raise ValueError(f"a step waits for one thing: the word start, {calls_say}, clock, or signal")
        return self


def _check_leads(actions: Iterable[Action], most: int, place: str) -> None:
    """Raises ValueError when more leads than that may arrive."""
    leads = sum(action.most_leads for action in actions)
    if leads > most:
        raise ValueError(f"{leads} leads would arrive; {most} are the most of {place}")


class Step(Given):
    """A step: its trigger, and the actions that follow at once."""

    when: When
    do: tuple[Action, ...] = Field(max_length=MAX_ACTIONS)

    @model_validator(mode="after")
    def _has_an_action(self) -> "Step":
        if not self.do:
            raise ValueError("`do` has at least one action")
        _check_leads(self.do, MAX_LEADS_OF_STEP, "a step")
        return self


class Judging(Given):
    """The part for the judge of clients: how often a client is run, what happens in between, and what is judged."""

    steps: tuple[Step, ...] | None = Field(default=None, max_length=MAX_STEPS)
    """Steps in place of the scenario's, which are then for everybody else: they need no second run, or take longer."""
    then: tuple[Annotated[tuple[Action, ...], Field(max_length=MAX_ACTIONS)], ...] = Field(
        default=((),), max_length=MAX_RUNS
    )
    """The actions before each further run. By default the client is simply run once more."""
    skew: Annotated[str, AfterValidator(_bounded_skew)] | None = None
    """The time by which the sandbox's clock is ahead of the client's, from the second run on; negative if it is behind.
    The steps bring it about: before the first run both are the same."""
    hurry: Annotated[str, AfterValidator(_positive_duration)] | None = None
    """The virtual time that passes at once when the client is quiet for a moment, a few times a run."""
    webhooks: bool = False
    """Whether the client may have webhooks delivered to it."""
    aims: tuple[Annotated[str, Field(min_length=1, max_length=20)], ...] = Field(default=(), max_length=100)
    """The obligations that it is for, such as `PAGE-04`. All others are looked at as well."""


class Scenario(Given):
    """A whole scenario document."""

    name: str = Field(min_length=1, max_length=100)
    why: str = Field(min_length=1, max_length=2_000)
    """The reason: what happens out there, and what a correct client does about it."""
    providers: tuple[str, ...] = ()
    """Whom it is about; all when it is empty."""
    world: WorldChoice | None = None
    """The world of a sandbox that starts with it and is made without another; likewise the next three."""
    seed: Seed | None = None
    now: Moment | None = None
    variants: Mapping[str, Mapping[str, str]] = {}
    steps: tuple[Step, ...] = Field(max_length=MAX_STEPS)
    judge: Judging | None = None
    """The part for the judge of clients. Elsewhere what it does between runs waits for the signal `next-run`."""

    @model_validator(mode="after")
    def _has_not_too_many_leads(self) -> "Scenario":
        judging = self.judge or Judging()
        steps = (*self.steps, *(judging.steps or ()))
        actions = (action for do in (*(step.do for step in steps), *judging.then) for action in do)
        _check_leads(actions, MAX_LEADS_OF_SCENARIO, "a scenario")
        return self

    @property
    def judging(self) -> Judging:
        """The part for the judge; where the document has none, a client is simply run twice."""
        return self.judge or Judging()

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The steps, and then those that bring about by signal what happens before each further run of a client."""
        judging = self.judging
        if judging.steps is not None:
            return self.steps
        signal = When(signal=NEXT_RUN)
        return (*self.steps, *(Step(when=signal, do=actions) for actions in judging.then if actions))

    def as_judged(self) -> "Scenario":
        """Returns the scenario for a sandbox of a judge, who brings about what happens between runs."""
        steps = self.steps if self.judging.steps is None else self.judging.steps
        return self.model_copy(update={"steps": steps, "judge": None})

    def as_document(self) -> dict[str, Any]:
        """The document again, as plain JSON."""
        return self.model_dump(mode="json", exclude_unset=True)


class Fired(Given):
    """A step that happened."""

    step: int
    """From 1."""
    at: str
    """The virtual moment, ISO 8601."""
    what: tuple[str, ...] = ()
    """A sentence for each action that was done."""
    failed: tuple[str, ...] = ()
    """A sentence for each action that could not be done."""


class ScenarioState(Given):
    """The progress of the scenario of a sandbox."""

    name: str | None = None
    """None when there is none."""
    why: str = ""
    step: int = 0
    """The number of steps that have happened."""
    steps: int = 0
    done: bool = True
    waits: str | None = None
    """The trigger of the next step, in words."""
    fired: tuple[Fired, ...] = ()
