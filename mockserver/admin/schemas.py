"""What the admin API reads and answers, as models: the bodies and answers that the table of routes names."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, WithJsonSchema, model_validator

from mockserver.domain import Frozen, Portal
from mockserver.foundation.clock import LATEST, parse_duration, parse_moment
from mockserver.registry.sandboxes import SLUG
from mockserver.world import WorldFile

_DURATION = (
    r"^-?P(?=[0-9T])([0-9]{1,6}W)?([0-9]{1,6}D)?"
    r"(T(?=[0-9])([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,6}(\.[0-9]{1,6})?S)?)?$"
)


def read_moment(text: Any) -> Any:
    """Whole seconds since the epoch of an ISO 8601 moment of the years to which a clock may be put."""
    if not isinstance(text, str):
        raise ValueError("an ISO 8601 moment such as 2026-01-31T12:00:00Z is needed, as text")
    return bounded(parse_moment(text))


def bounded(moment: float) -> float:
    """The moment, if it is one that every provider can write. Raises ValueError."""
    if not 0 <= moment <= LATEST:
        raise ValueError("the moment must lie between the years 1970 and 9994")
    return moment


def read_duration(text: Any) -> Any:
    """Seconds of an ISO 8601 duration."""
    if not isinstance(text, str):
        raise ValueError("an ISO 8601 duration such as PT1H30M is needed, as text")
    return parse_duration(text)


_DATE_TIME = {"type": "string", "format": "date-time", "examples": ["2026-01-31T12:00:00Z"]}
Moment = Annotated[int, BeforeValidator(read_moment), WithJsonSchema(_DATE_TIME)]
"""An ISO 8601 moment, UTC unless it has a zone."""
Duration = Annotated[
    float,
    BeforeValidator(read_duration),
    WithJsonSchema({"type": "string", "pattern": _DURATION, "examples": ["PT1H", "-PT5M", "P1DT12H"]}),
]
Slug = Annotated[str, Field(pattern=SLUG)]
_Seed = Annotated[int, Field(ge=-(2**53), le=2**53)]
ShownMoment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class Form(Frozen):
    """A body or an answer; what its members mean stands below each."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class NewSandbox(Form):
    """What a new sandbox is to be; what is not said is as in the default one."""

    id: Slug | None = None
    """Made up when it is missing."""
    world: str | WorldFile | None = None
    """The name of a bundled world, or a world file's content; never a path."""
    seed: _Seed | None = None
    now: Moment | None = None
    """Where its clock stands still, and where its world ends."""
    variants: Mapping[str, Mapping[str, str]] = {}
    """Readings that are not the default, by provider and variant."""
    scenario: str | Mapping[str, Any] | None = None
    """The name of a bundled scenario, or a scenario's content; at work from the start."""
    credentials: Mapping[str, Mapping[str, Any]] = {}
    """By provider, in the provider's own words; for those that are not named they are made."""


class SandboxForm(Form):
    """A sandbox, and what a client must be configured with."""

    id: str
    urls: Mapping[str, str]
    """Base URLs by provider, and beside them token URLs as `<provider>_token_url`."""
    origins: Mapping[str, str]
    """Providers at the root of a port of their own; the sandbox's credentials lead to it there."""
    credentials: Mapping[str, Mapping[str, Any]]
    """By provider, in the provider's own words; empty when they were revoked."""
    now: ShownMoment
    frozen: bool
    world: str
    seed: int
    variants: Mapping[str, Mapping[str, str]]
    snapshots: list[str]


class SandboxLine(Form):
    """A sandbox in the list."""

    id: str
    url: str


class SandboxList(Form):
    """All sandboxes, in the order in which they were made."""

    sandboxes: list[SandboxLine]
    total: int
    limit: int
    """The most that this server keeps, the default one not counted."""


class SnapshotName(Form):
    """A name for a snapshot; one that is there already is replaced."""

    name: Slug | None = None
    """Made up when it is missing."""


class Snapshot(Form):
    """The name of a snapshot."""

    snapshot: Slug


class ClockChange(Form):
    """Exactly one of these."""

    set: Moment | None = None
    """Jumps there; the clock then stands still or runs on as before."""
    advance: Duration | None = None
    """Lets that much time pass at once; a negative duration goes back."""
    frozen: bool | None = None
    """Stands still from now on, or runs on from where it stands."""

    @model_validator(mode="after")
    def _one(self) -> "ClockChange":
        if len(self.model_fields_set) != 1 or None in (getattr(self, name) for name in self.model_fields_set):
            raise ValueError("exactly one of `set`, `advance` and `frozen` is needed")
        return self


class ClockState(Form):
    """What a sandbox's clock shows."""

    now: ShownMoment
    frozen: bool


class Signal(Form):
    """The signal that a step of the scenario waits for."""

    name: Annotated[str, Field(min_length=1, max_length=200)]


class ScenarioChoice(RootModel[dict[str, Any]]):
    """`{"name": …}` of a bundled scenario, or a scenario's own content."""


class Scope(Form):
    """Whose access is meant: every provider's and user's, unless one is named."""

    provider: str | None = None
    user: str | None = None


class UserScope(Form):
    """Whose credentials are meant: every user's, unless one is named."""

    user: str | None = None


class Rotation(Form):
    """The new secret; one is made when it is missing."""

    user: str | None = None
    secret: Annotated[str, Field(min_length=8, max_length=200, pattern=r"^[!-~]+$")] | None = None


class Repeat(Form):
    """How an enquiry comes again."""

    portal: Portal | None = None
    """Through which portal it comes; the world draws one when it is missing."""


class ProblemForm(BaseModel):
    """A problem detail (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    """What was wrong, where, and what would be right."""
    errors: list["ErrorForm"] | None = None


class ErrorForm(BaseModel):
    """One thing that is wrong with the request."""

    pointer: str
    """RFC 6901 into the body, or `/name` of a query parameter."""
    detail: str
