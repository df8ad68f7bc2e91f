"""Models of a lead that arrives or changes, and of the neutral form of a lead."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag, model_validator

from mockserver.domain import Category, Gender, Intention, Portal
from mockserver.foundation.models import Given
from mockserver.foundation.moments import Moment, check_duration
from mockserver.foundation.numbers import Id

MAX_AT_ONCE = 1_000
LONGEST_MESSAGE = 65_536
"""Bytes of UTF-8."""
LONGEST_NAME = 1_000
MAX_PHONES = 10
_ABSENT: Any = None
"""The default of what a patch may leave out, but never empty: null is refused."""


def _not_too_long(text: str) -> str:
    if (size := len(text.encode())) > LONGEST_MESSAGE:
        raise ValueError(f"a message has at most {LONGEST_MESSAGE} bytes in UTF-8; this one has {size}")
    return text


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a day such as 1980-12-31") from None
    return text


def _is_ago(value: Any) -> str:
    return "ago" if isinstance(value, str) and value.startswith("-") else "moment"


Ago = Annotated[str, StringConstraints(pattern="^-P", max_length=100), AfterValidator(check_duration)]
"""A negative ISO 8601 duration: so long before the sandbox's present."""
Name = Annotated[str, StringConstraints(max_length=LONGEST_NAME)]
Message = Annotated[str, AfterValidator(_not_too_long)]
Email = Annotated[str, StringConstraints(max_length=LONGEST_NAME, pattern=r"^[^@\s]+@[^@\s]+$")]
Number = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{3,14}$")]
"""E.164, `+33639980000`."""
Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
Day = Annotated[str, StringConstraints(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day)]


class AddressGiven(Given):
    """A postal address; every line may be missing."""

    street: Name | None = None
    more: Name | None = None
    postcode: Name | None = None
    city: Name | None = None
    country: Country | None = None


class SeekerGiven(Given):
    """A seeker as a caller names them: absent members are made up, or stay as they are; null is "did not say"."""

    id: Id | None = None
    """The id of a seeker whom the agency knows already; then no other member may be present."""
    firstname: Name | None = None
    lastname: Name | None = None
    email: Email | None = None
    phones: Annotated[tuple[Number, ...], Field(max_length=MAX_PHONES)] | None = None
    language: Annotated[str, StringConstraints(pattern="^[a-z]{2}$")] | None = None
    """ISO 639-1."""
    gender: Gender | None = None
    company: Name | None = None
    job: Name | None = None
    birth_date: Day | None = None
    address: AddressGiven | None = None

    @model_validator(mode="after")
    def _known_or_described(self) -> "SeekerGiven":
        if self.id is not None and len(self.model_fields_set) > 1:
            raise ValueError("with `id`, which names somebody whom the agency knows, nothing else can be given")
        return self


class Arrival(Given):
    """The leads that arrive together. Every member may be missing: the world makes up the rest."""

    count: int = Field(default=1, ge=1, le=MAX_AT_ONCE)
    agency: Id | None = None
    """None is the agency of `parent` or of `seeker.id`, else the first one that is granted."""
    category: Category | None = None
    seeker: SeekerGiven | None = None
    estate: Id | None = None
    message: Message | None = None
    portal: Portal | None = None
    intention: Intention | None = None
    parent: Id | Annotated[str, StringConstraints(max_length=LONGEST_NAME)] | None = None
    """The lead that these ones repeat, as `find_lead` takes it."""
    created_at: (
        Annotated[Annotated[Moment, Tag("moment")] | Annotated[Ago, Tag("ago")], Discriminator(_is_ago)] | None
    ) = None
    """None is now. A lead may come late: then this is before now, `-PT3H` by three hours."""
    updated_at: Moment | None = None
    """None is the same as `created_at`."""

    @model_validator(mode="after")
    def _makes_sense(self) -> "Arrival":
        fixed = [name for name in ("category", "estate") if getattr(self, name) is not None]
        if self.parent is not None and fixed:
            raise ValueError(f"`{fixed[0]}` cannot be given beside `parent`: a lead is about what its parent is about")
        if self.parent is not None and self.seeker is not None and self.seeker.id is not None:
            raise ValueError("`seeker.id` cannot be given beside `parent`, which tells who asks")
        return self


class LeadPatch(Given):
    """A change of a lead; absent members stay as they are."""

    message: Message | None = None
    """Null is no message."""
    step: int = Field(default=_ABSENT, ge=1, le=4)
    """1 new, 2 opened, 3 in progress, 4 closed."""
    category: Category = _ABSENT
    intention: Intention = _ABSENT
    portal: Portal | None = None
    estate: Id | None = None
    agent: Id | None = None
    in_contacts: bool = _ABSENT
    """Whether the agency has linked the seeker as a contact."""
    contacted_at: Moment = _ABSENT
    seeker: SeekerGiven = _ABSENT

    @model_validator(mode="after")
    def _keeps_the_seeker(self) -> "LeadPatch":
        if "seeker" in self.model_fields_set and self.seeker.id is not None:
            raise ValueError("`seeker.id` cannot be changed: a lead is always of the one who sent it")
        return self


class SeekerSchema(Given):
    """The seeker who sent a lead."""

    id: int
    firstname: str | None
    lastname: str | None
    email: str | None
    phones: tuple[str, ...]
    language: str | None
    gender: Gender | None
    company: str | None
    erased: bool


class LeadSchema(Given):
    """A lead as no provider shows it; moments are ISO 8601 in UTC."""

    id: int
    uuid: str
    reference: str
    category: Category
    intention: Intention
    portal: Portal | None
    agency: int
    seeker: SeekerSchema
    estate: int | None
    agent: int | None
    parent: int | None
    step: int
    message: str
    created_at: str
    updated_at: str
    contacted_at: str
    erased: bool
    """Whether the seeker's personal data were erased."""
    ids: Mapping[str, int | str]
    """What each provider calls the lead, by provider."""
