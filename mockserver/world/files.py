"""The models of world files: how large a world is, who is in it, and which of its values are pinned."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError, model_validator

from mockserver.domain import Frozen, Kind


class WorldError(ValueError):
    """A world file that cannot be used; the message names the file, the place, and what would be right."""


class Size(Frozen):
    """The numbers of agents, estates and enquiries of each agency."""

    agents: int = Field(default=6, ge=1)
    estates: int = Field(default=60, ge=0)
    enquiries: int = Field(default=300, ge=0)


class AgencyEntry(Frozen):
    """An agency of the world. Without a name it gets an invented one."""

    id: int = Field(ge=1)
    granted: bool = True
    name: str | None = Field(default=None, min_length=1)


class Pin(Frozen):
    """Members of one entity that do not follow from the seed. A negative position counts from the newest."""

    kind: Kind
    agency: int
    position: int
    why: str = Field(min_length=1)
    set: Mapping[str, Any] = Field(min_length=1)

    @property
    def label(self) -> str:
        """The name that messages use: `enquiry 3 of agency 101`."""
        return f"{self.kind} {self.position} of agency {self.agency}"


class WorldFile(Frozen):
    """A whole world file; `loading.load_world_file` reads one and says what is wrong with it."""

    name: str = Field(min_length=1)
    about: str = ""
    seed: int = 1
    span_days: int = Field(default=90, ge=1, le=3650)
    erased_share: float = Field(default=0.015, ge=0, le=1)
    """The share of the seekers whose personal data were erased, 0 to 1."""
    size: Size = Size()
    agencies: tuple[AgencyEntry, ...] = Field(min_length=1)
    pins: tuple[Pin, ...] = ()

    @model_validator(mode="after")
    def _agencies_differ(self) -> "WorldFile":
        if len({agency.id for agency in self.agencies}) < len(self.agencies):
            raise ValueError("two agencies have the same id, give each its own")
        return self


def first_complaint(error: ValidationError) -> str:
    """The first finding of pydantic as `member.member: what would be right`."""
    details = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in details["loc"])
    return f"{place}: {details['msg']}" if place else details["msg"].removeprefix("Value error, ")
