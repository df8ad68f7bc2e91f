"""Models of the actions that a step of a scenario can do, each a mapping with one member named after the action."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from mockserver.domain import Category, Portal
from mockserver.foundation.models import FrozenModel, Given
from mockserver.foundation.moments import DurationText, Moment
from mockserver.foundation.numbers import Id
from mockserver.sandbox.changes import Arrival, LeadPatch
from mockserver.sandbox.faults import Fault
from mockserver.sandbox.webhooks import DeliveryFault


def _selector(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


LeadSelector = Annotated[str, BeforeValidator(_selector)]
"""`newest`, `oldest`, `newest:101`, or an id of the lead at any provider."""


class NoArgument(Given):
    """The empty argument of an action that needs none."""


class UpdateLead(LeadPatch):
    """The changed members of one lead."""

    lead: LeadSelector


class OneLead(Given):
    """The argument of an action on one lead."""

    lead: LeadSelector


class DuplicateLead(OneLead):
    """A lead that comes once more, by the same portal or by another."""

    portal: Portal | None = None


class Erase(Given):
    """The person whose personal data goes: the seeker of a lead, or one by number."""

    lead: LeadSelector | None = None
    seeker: Id | None = None

    @model_validator(mode="after")
    def _names_one(self) -> "Erase":
        if (self.lead is None) is (self.seeker is None):
            raise ValueError("erase names either a lead or a seeker")
        return self


class AgencyAccess(Given):
    """An agency, and the accounts for which it is revoked or granted: all of them without a provider or user."""

    agency: Id
    provider: str | None = None
    user: str | None = None


class Credentials(Given):
    """Accounts of one provider: all of them without a user."""

    provider: str
    user: str | None = None


class SetScopes(Credentials):
    """Accounts of one provider, and the scopes that they have from now on; tokens keep those that they have."""

    scope: str = Field(max_length=1_000)
    """Separated by blanks, as in a token request; the empty text is none at all."""


class RotateCredentials(Credentials):
    """New credentials; without a secret one is made up."""

    secret: str | None = Field(default=None, min_length=1, max_length=200)


class RotateKeys(Given):
    """The provider whose signing key is replaced."""

    provider: str


class ClockMove(Given):
    """A change of the clock: exactly one of its members is given."""

    advance: DurationText | None = None
    """Goes back when it is negative."""
    set: Moment | None = None
    freeze: Literal[True] | None = None
    resume: Literal[True] | None = None

    @model_validator(mode="after")
    def _moves_once(self) -> "ClockMove":
        if len(_members_of(self)) != 1:
            raise ValueError("clock has one of advance, set, freeze: true, resume: true")
        return self


class Fill(Given):
    """Leads arrive until the number of leads is a multiple of that, and at least one such."""

    to_multiple_of: int = Field(ge=1, le=1000)
    agency: Id
    category: Category | None = None
    """Only leads of this category are counted, and arrive."""


_FORMER_NAMES = {"cut": "revoke_agency", "misdeliver": "delivery_fault"}
"""By the name that documents in databases of earlier versions have for it, the name of an action."""


class Action(Given):
    """An action of a step: a mapping with a single member, named after it."""

    arrive: Arrival | None = None
    update: UpdateLead | None = None
    duplicate: DuplicateLead | None = None
    withdraw: OneLead | None = None
    erase: Erase | None = None
    fill: Fill | None = None
    revoke_agency: AgencyAccess | None = None
    grant: AgencyAccess | None = None
    entitle: SetScopes | None = None
    revoke_tokens: Credentials | None = None
    revoke_credentials: Credentials | None = None
    rotate_credentials: RotateCredentials | None = None
    rotate_keys: RotateKeys | None = None
    expire_cursors: NoArgument | None = None
    fault: Fault | None = None
    clear_faults: NoArgument | None = None
    delivery_fault: DeliveryFault | None = None
    clock: ClockMove | None = None

    @property
    def chosen(self) -> tuple[str, Any]:
        """Its name and its argument."""
        return _members_of(self)[0]

    @property
    def most_leads(self) -> int:
        """The most leads that arrive by it."""
        if self.arrive is not None:
            return self.arrive.count
        return self.fill.to_multiple_of if self.fill is not None else int(self.duplicate is not None)

    @model_validator(mode="before")
    @classmethod
    def _as_document(cls, value: Any) -> Any:
        # In YAML `- clear_faults:` says enough.
        if value in ({"expire_cursors": None}, {"clear_faults": None}):
            return {name: {} for name in value}
        if isinstance(value, Mapping) and value.keys() & _FORMER_NAMES.keys():
            return {_FORMER_NAMES.get(name, name): argument for name, argument in value.items()}
        return value

    @model_validator(mode="after")
    def _has_one_member(self) -> "Action":
        if len(_members_of(self)) != 1:
            raise ValueError(f"an action is a mapping with one member: {', '.join(Action.model_fields)}")
        return self


def _members_of(model: FrozenModel) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in model if value is not None]
