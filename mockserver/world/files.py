"""World files: how large a world is, who is in it, and which of its values are pinned."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from mockserver.domain import Kind
from mockserver.foundation.bounds import LARGEST, LARGEST_ID, ValueBounds
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.dataclass_fields import field_names
from mockserver.foundation.records import as_json, json_reader

MAX_AGENTS = 1_000
MAX_ESTATES = 20_000
"""Of one agency. The crossings of a request may make most of them, in slices: that takes seconds, and once."""
MAX_ENQUIRIES = 10_000_000
"""Of one agency. No call looks at more of them than it shows, but for those that are in hand."""
MAX_WITHOUT_ESTATES = 20_000
"""Enquiries of an agency without estates: whoever searches for those about a listing there looks at all of them."""
MAX_ENTITIES = 100_000_000
"""Agents, estates and enquiries of all agencies together."""
MAX_AGENCIES = 200
MAX_PINS = 1_000


class WorldError(ValueError):
    """A world file that cannot be used; the message names the file, the place, and what would be right."""


class _Written:
    """A value that somebody wrote in a world file; true and false are no numbers there."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from mockserver.foundation.models import without_booleans

        return without_booleans(handler(source))


_CONFIG = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size(_Written):
    """The numbers of agents, estates and enquiries of each agency."""

    __pydantic_config__: ClassVar[Any] = _CONFIG

    agents: Annotated[int, ValueBounds(ge=1, le=MAX_AGENTS)] = 6
    estates: Annotated[int, ValueBounds(ge=0, le=MAX_ESTATES)] = 60
    enquiries: Annotated[int, ValueBounds(ge=0, le=MAX_ENQUIRIES)] = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyEntry(_Written):
    """An agency of the world. Without a name it gets an invented one."""

    __pydantic_config__: ClassVar[Any] = _CONFIG

    id: Annotated[int, ValueBounds(ge=1, le=LARGEST_ID)]
    granted: bool = True
    name: Annotated[str, ValueBounds(min_length=1, max_length=200)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin(_Written):
    """Members of one entity that do not follow from the seed. A negative position counts from the newest."""

    __pydantic_config__: ClassVar[Any] = _CONFIG

    kind: Kind
    agency: Annotated[int, ValueBounds(ge=1, le=LARGEST_ID)]
    position: Annotated[int, ValueBounds(ge=-MAX_ENTITIES, lt=MAX_ENTITIES)]
    why: Annotated[str, ValueBounds(min_length=1, max_length=2_000)]
    set: Annotated[Mapping[str, Any], ValueBounds(min_length=1, max_length=100)]

    @property
    def label(self) -> str:
        """The name that messages use: `enquiry 3 of agency 101`."""
        return f"{self.kind} {self.position} of agency {self.agency}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldFile(_Written):
    """A whole world file; `loading.load_world_file` reads one and says what is wrong with it."""

    __pydantic_config__: ClassVar[Any] = _CONFIG

    name: Annotated[str, ValueBounds(min_length=1, max_length=200)]
    about: Annotated[str, ValueBounds(max_length=10_000)] = ""
    seed: Annotated[int, ValueBounds(ge=-LARGEST, le=LARGEST)] = 1
    span_days: Annotated[int, ValueBounds(ge=1, le=3650)] = 90
    erased_share: Annotated[float, ValueBounds(ge=0, le=1)] = 0.015
    """The share of the seekers whose personal data were erased, 0 to 1."""
    locale: Annotated[str, ValueBounds(pattern=r"^[a-z]{2,3}_[A-Z]{2}$")] = "fr_FR"
    """The locale of the people who enquire, as Faker calls it; agencies, estates and their owners are French."""
    size: Size = Size()
    agencies: Annotated[tuple[AgencyEntry, ...], ValueBounds(min_length=1, max_length=MAX_AGENCIES)]
    pins: Annotated[tuple[Pin, ...], ValueBounds(max_length=MAX_PINS)] = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        from mockserver.foundation.models import without_booleans

        return core_schema.no_info_after_validator_function(_check_agencies, without_booleans(handler(source)))

    def as_document(self) -> dict[str, Any]:
        """Returns the content of such a file, as plain JSON."""
        return {name: as_json(getattr(self, name)) for name in field_names(WorldFile)}

    @classmethod
    def from_checked(cls, value: Mapping[str, Any]) -> "WorldFile":
        """Makes it of what `as_document` returned, which was checked before."""
        parts = {
            "size": Size(**value["size"]),
            "agencies": tuple(AgencyEntry(**entry) for entry in value["agencies"]),
            "pins": tuple(Pin(**{**entry, "kind": Kind(entry["kind"])}) for entry in value["pins"]),
        }
        return cls(**{**value, **parts})


def _check_agencies(file: WorldFile) -> WorldFile:
    """Returns a file whose agencies differ, and fit the machine. Raises ValueError."""
    if len({agency.id for agency in file.agencies}) < len(file.agencies):
        raise ValueError("two agencies have the same id, give each its own")
    if file.size.enquiries > MAX_WITHOUT_ESTATES and not file.size.estates:
        raise ValueError(
            f"size: {MAX_WITHOUT_ESTATES} enquiries are the most of an agency without estates; give it one at least"
        )
    count = len(file.agencies) * (file.size.agents + file.size.estates + file.size.enquiries)
    if count > MAX_ENTITIES:
        raise ValueError(
            f"{len(file.agencies)} agencies of this size have {count} agents, estates and enquiries; "
            f"a world has at most {MAX_ENTITIES}, make the size smaller or leave agencies out"
        )
    return file


read_world_file = json_reader(WorldFile)
"""Reads the content of a world file. Raises pydantic's ValidationError for what does not fit."""
