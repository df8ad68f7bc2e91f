"""World files: how large a world is, who is in it, and which of its values are pinned."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from mockserver.domain import Frozen, Kind
from mockserver.foundation.resources import resource, with_dates_as_text


class WorldError(ValueError):
    """A world file that cannot be used; the message names the file, the place, and what would be right."""


class Size(Frozen):
    """How many of each an agency has."""

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
        """How a message names it: `enquiry 3 of agency 101`."""
        return f"{self.kind} {self.position} of agency {self.agency}"


class WorldFile(Frozen):
    """A whole world file; `load_world_file` reads one and says what is wrong with it."""

    name: str = Field(min_length=1)
    about: str = ""
    seed: int = 1
    span_days: int = Field(default=90, ge=1, le=3650)
    erased_share: float = Field(default=0.015, ge=0, le=1)
    """How many of the seekers had their personal data erased, 0 to 1."""
    size: Size = Size()
    agencies: tuple[AgencyEntry, ...] = Field(min_length=1)
    pins: tuple[Pin, ...] = ()

    @model_validator(mode="after")
    def _agencies_differ(self) -> "WorldFile":
        if len({agency.id for agency in self.agencies}) < len(self.agencies):
            raise ValueError("two agencies have the same id, give each its own")
        return self


def world_names() -> tuple[str, ...]:
    """The worlds that come with the package, in alphabetical order."""
    return tuple(sorted(path.stem for path in resource("fixtures", "worlds").glob("*.yaml")))


def load_world_file(name_or_path: str) -> WorldFile:
    """A world that comes with the package, by its name, or a user's own by a path. Raises WorldError."""
    path = _find(name_or_path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WorldError(f"World file {path} cannot be read: {error.strerror}.") from None
    return _parse(path, content)


@lru_cache(16)
def _parse(path: Path, content: bytes) -> WorldFile:
    """What is in a file is read once; whoever has it may not change it."""
    from mockserver.world.pins import PinBoard  # the board needs our models

    try:
        file = WorldFile.model_validate(_read(content))
        PinBoard(file).check()
    except ValidationError as error:
        raise WorldError(f"World file {path}: {first_complaint(error)}.") from None
    except WorldError as error:
        raise WorldError(f"World file {path}: {error}") from None
    return file


def first_complaint(error: ValidationError) -> str:
    """The first finding of pydantic as `member.member: what would be right`."""
    found = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in found["loc"])
    return f"{place}: {found['msg']}" if place else found["msg"].removeprefix("Value error, ")


def _find(name_or_path: str) -> Path:
    if name_or_path in world_names():
        return resource("fixtures", "worlds", f"{name_or_path}.yaml")
    path = Path(name_or_path)
    if path.is_file():
        return path
    names = ", ".join(world_names())
    raise WorldError(f"There is no world {name_or_path!r}: give one of {names}, or the path of a YAML file.")


def _read(content: bytes) -> Any:
    import yaml

    try:
        loader = with_dates_as_text(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return yaml.load(content.decode("utf-8"), loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).replace('in "<byte string>", ', "").replace('in "<unicode string>", ', "").split())
        raise WorldError(f"it cannot be read as YAML in UTF-8: {reason}.") from None
