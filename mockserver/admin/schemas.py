"""Models of the bodies that the admin API reads, and of the answers that belong to them."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from mockserver.domain import Portal
from mockserver.foundation.models import Given
from mockserver.foundation.moments import IsoDuration, IsoMoment, IsoMomentText
from mockserver.registry.sandboxes import SLUG, SandboxRequest

Slug = Annotated[str, Field(pattern=SLUG)]


class Schema(Given):
    """A body or an answer; the docstring below each member becomes its description in the OpenAPI document."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class NewSandboxSchema(SandboxRequest):
    """A new sandbox; members that are not given are as in the default one."""

    now: IsoMoment | None = Field(default=None, description=SandboxRequest.model_fields["now"].description)


class SandboxSchema(Schema):
    """A sandbox, and the addresses and credentials for its clients."""

    id: str
    urls: Mapping[str, str]
    """Base URLs by provider, and beside them token URLs as `<provider>_token_url`."""
    origins: Mapping[str, str]
    """Providers at the root of a port of their own; the sandbox's credentials lead to it there."""
    credentials: Mapping[str, Mapping[str, Any]]
    """By provider, in the provider's own words; empty when they were revoked."""
    now: IsoMomentText
    frozen: bool
    world: str
    seed: int
    variants: Mapping[str, Mapping[str, str]]
    snapshots: list[str]
    warnings: list[str]
    """Rules of `mockserver world check` that pinned values of its world break; they are served all the same. After a
    capsule was loaded also what is not as where it was saved."""


class ListedSandboxSchema(Schema):
    """A sandbox in the list."""

    id: str
    url: str


class SandboxListSchema(Schema):
    """All sandboxes, in the order in which they were made."""

    sandboxes: list[ListedSandboxSchema]
    total: int
    limit: int
    """The most that this server keeps, the default one not counted."""


class SnapshotNameSchema(Schema):
    """A name for a snapshot; one that is there already is replaced."""

    name: Slug | None = None
    """Made up when it is missing."""


class SnapshotSchema(Schema):
    """The name of a snapshot."""

    snapshot: Slug


class ClockChangeSchema(Schema):
    """A change of the clock: exactly one of these."""

    set: IsoMoment | None = None
    """Jumps there; the clock then stands still or runs on as before."""
    advance: IsoDuration | None = None
    """Lets that much time pass at once; a negative duration goes back."""
    frozen: bool | None = None
    """Stands still from now on, or runs on from where it stands."""

    @model_validator(mode="after")
    def _one(self) -> "ClockChangeSchema":
        if len(self.model_fields_set) != 1 or None in (getattr(self, name) for name in self.model_fields_set):
            raise ValueError("exactly one of `set`, `advance` and `frozen` is needed")
        return self


class ClockSchema(Schema):
    """The clock of a sandbox."""

    now: IsoMomentText
    frozen: bool


class SignalSchema(Schema):
    """The signal that a step of the scenario waits for."""

    name: Annotated[str, Field(min_length=1, max_length=200)]


class ScenarioChoiceSchema(RootModel[dict[str, Any]]):
    """`{"name": …}` of a bundled scenario, or a scenario's own content."""


class AccessScopeSchema(Schema):
    """The access that changes: every provider's and user's, unless one is named."""

    provider: str | None = None
    user: str | None = None


class UserScopeSchema(Schema):
    """The credentials that change: every user's, unless one is named."""

    user: str | None = None


class TokenScopeSchema(UserScopeSchema):
    """The tokens that are revoked: a user's, every user's, or one token."""

    token: Annotated[str, Field(min_length=1, max_length=8_192)] | None = None
    """A token as it was issued, or its `jti`."""

    @model_validator(mode="after")
    def _names_a_user_or_a_token(self) -> "TokenScopeSchema":
        if self.user is not None and self.token is not None:
            raise ValueError("`user` and `token` cannot both be given: a token is of one user")
        return self


class RotationSchema(Schema):
    """The new secret; one is made when it is missing."""

    user: str | None = None
    secret: Annotated[str, Field(min_length=8, max_length=200, pattern=r"^[!-~]+$")] | None = None


class RepeatSchema(Schema):
    """The way in which an enquiry comes again."""

    portal: Portal | None = None
    """The portal through which it comes; the world draws one when it is missing."""


class ProblemSchema(BaseModel):
    """A problem detail (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    """What was wrong, where, and what would be right."""
    errors: list["ErrorSchema"] | None = None


class ErrorSchema(BaseModel):
    """A mistake in the request."""

    pointer: str
    """RFC 6901 into the body, or `/name` of a query parameter."""
    detail: str
