"""The people outside an agency: seekers who enquire, owners who entrust an estate."""

from enum import StrEnum

from mockserver.domain.base import Entity, Frozen
from mockserver.foundation.dataclass import dataclass


class Gender(StrEnum):
    """The gender that a seeker stated, in AVIV's values."""

    MALE = "MALE"
    FEMALE = "FEMALE"
    OTHER = "OTHER"
    UNDISCLOSED = "PREFER_NOT_TO_DISCLOSE"


class Role(StrEnum):
    """The relation of a person to the agency."""

    SEEKER = "seeker"
    OWNER = "owner"


class PhoneKind(StrEnum):
    """The two kinds of line that every provider tells apart."""

    MOBILE = "MOBILE"
    LANDLINE = "LANDLINE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone(Frozen):
    """A phone number: E.164 when the world made it, unchanged text when a consumer sent it."""

    kind: PhoneKind
    number: str
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Address(Frozen):
    """A postal address; every line may be missing."""

    street: str | None = None
    more: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Entity):
    """A seeker or an owner, known to one agency."""

    role: Role
    title: int | None = None
    """1 Mr, 2 Mrs, 3 Ms, 6 Doctor, 10 Maître …: the numbers of Apimo's catalog `contact_title`."""
    gender: Gender | None = None
    firstname: str | None = None
    lastname: str | None = None
    company: str | None = None
    email: str | None = None
    phones: tuple[Phone, ...] = ()
    fax: str | None = None
    language: str | None = "fr"
    """ISO 639-1, lower case."""
    is_owner: bool | None = None
    """Whether they own a property: yes, no, or not said."""
    offers: bool = False
    """Whether they first came to the agency in order to sell or let what is theirs."""
    birth_date: str | None = None
    """`YYYY-MM-DD`."""
    job: str | None = None
    address: Address = Address()
    comment: str | None = None
    erased: bool = False

    def number(self, kind: PhoneKind) -> str | None:
        """Returns the first number of that kind, unchanged."""
        for phone in self.phones:
            if phone.kind is kind:
                return phone.number
        return None

    @property
    def full_name(self) -> str:
        """First name, then last name; what is missing is left out."""
        return " ".join(part for part in (self.firstname, self.lastname) if part)
