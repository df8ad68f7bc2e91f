"""The models of world files: how large a world is, who is in it, and which of its values are pinned."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Discriminator, Field, Tag, ValidationError, model_validator

from mockserver.domain import Kind
from mockserver.foundation.bounds import LARGEST_ID
from mockserver.foundation.mistakes import sentence_on
from mockserver.foundation.models import Given
from mockserver.foundation.numbers import Seed

MAX_AGENTS = 1_000
MAX_ESTATES = MAX_ENQUIRIES = 20_000
"""Of one agency. Each is made when it is first asked for, and a call may ask for all: that takes seconds."""
MAX_ENTITIES = 100_000
"""Agents, estates and enquiries of all agencies together."""
MAX_AGENCIES = 200
MAX_PINS = 1_000


class WorldError(ValueError):
    """A world file that cannot be used; the message names the file, the place, and what would be right."""


class Size(Given):
    """The numbers of agents, estates and enquiries of each agency."""

    agents: int = Field(default=6, ge=1, le=MAX_AGENTS)
    estates: int = Field(default=60, ge=0, le=MAX_ESTATES)
    enquiries: int = Field(default=300, ge=0, le=MAX_ENQUIRIES)


class AgencyEntry(Given):
    """An agency of the world. Without a name it gets an invented one."""

    id: int = Field(ge=1, le=LARGEST_ID)
    granted: bool = True
    name: str | None = Field(default=None, min_length=1, max_length=200)


class Pin(Given):
    """Members of one entity that do not follow from the seed. A negative position counts from the newest."""

    kind: Kind
    agency: int = Field(ge=1, le=LARGEST_ID)
    position: int = Field(ge=-MAX_ENTITIES, lt=MAX_ENTITIES)
    why: str = Field(min_length=1, max_length=2_000)
    set: Mapping[str, Any] = Field(min_length=1, max_length=100)

    @property
    def label(self) -> str:
        """The name that messages use: `enquiry 3 of agency 101`."""
        return f"{self.kind} {self.position} of agency {self.agency}"


class WorldFile(Given):
    """A whole world file; `loading.load_world_file` reads one and says what is wrong with it."""

    name: str = Field(min_length=1, max_length=200)
    about: str = Field(default="", max_length=10_000)
    seed: Seed = 1
    span_days: int = Field(default=90, ge=1, le=3650)
    erased_share: float = Field(default=0.015, ge=0, le=1)
    """The share of the seekers whose personal data were erased, 0 to 1."""
    locale: str = Field(default="fr_FR", pattern=r"^[a-z]{2,3}_[A-Z]{2}$")
    """The locale of the people who enquire, as Faker calls it; agencies, estates and their owners are French."""
    size: Size = Size()
    agencies: tuple[AgencyEntry, ...] = Field(min_length=1, max_length=MAX_AGENCIES)
    pins: tuple[Pin, ...] = Field(default=(), max_length=MAX_PINS)

    @model_validator(mode="after")
    def _agencies_differ(self) -> "WorldFile":
        if len({agency.id for agency in self.agencies}) < len(self.agencies):
            raise ValueError("two agencies have the same id, give each its own")
        return self

    @model_validator(mode="after")
    def _fits_the_machine(self) -> "WorldFile":
        count = len(self.agencies) * (self.size.agents + self.size.estates + self.size.enquiries)
        if count > MAX_ENTITIES:
            raise ValueError(
                f"{len(self.agencies)} agencies of this size have {count} agents, estates and enquiries; "
                f"a world has at most {MAX_ENTITIES}, make the size smaller or leave agencies out"
            )
        return self


WorldChoice = Annotated[
    Annotated[str, Tag("name")] | Annotated[WorldFile, Tag("file")],
    Discriminator(lambda value: "name" if isinstance(value, str) else "file"),
]
"""The name of a world, or the content of a world file; what is wrong with one is told of that one alone."""


def first_complaint(error: ValidationError, model: type[BaseModel] | None = None) -> str:
    """The first mistake as `member.member: what would be right`; `model` tells the members that there are."""
    details = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in details["loc"])
    return f"{place}: {sentence_on(details, model)}" if place else sentence_on(details, model)
