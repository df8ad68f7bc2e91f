"""Base classes of the domain models."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from mockserver.foundation.epoch import Epoch


class Frozen(BaseModel):
    """An immutable value; `model_copy(update=...)` returns a changed copy."""

    # defer_build: a process that never touches a model never pays for its validator.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Entity(Frozen):
    """A record with an identity: `id` is unique within its kind, over all agencies of a world."""

    id: int
    agency: int
    created_at: Epoch
    updated_at: Epoch


class Kind(StrEnum):
    """The kinds of entity that are numbered and listed by agency."""

    AGENT = "agent"
    PERSON = "person"
    ESTATE = "estate"
    ENQUIRY = "enquiry"
    PROFILE = "profile"
