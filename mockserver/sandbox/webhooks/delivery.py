"""Deliveries: each takes one lead to one subscription."""

from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, Field

from mockserver.foundation.models import FrozenModel


class DeliveryState(StrEnum):
    """The state of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    """The receiver accepted it."""
    GIVEN_UP = "given_up"
    """The last attempt of the retry policy failed."""
    DROPPED = "dropped"
    """The subscription is gone, or there is nothing that its client may see; `reason` says which."""


class DeliveryFaultKind(StrEnum):
    """The kinds of faults that a delivery can have on purpose."""

    DUPLICATE = "duplicate"
    """The lead is sent more than once, each time as if it were the first."""
    REORDER = "reorder"
    """It is sent after the next lead of that subscription."""
    DELAY = "delay"
    """It is sent late."""
    WRONG_KEY = "wrong_key"
    """Its first attempt carries another key than the subscription's, and is signed with that."""
    UNKNOWN_CATEGORY = "unknown_category"
    """Each attempt has a category that the contract does not have."""
    ERASED = "erased"
    """The seeker is erased just before the first attempt, so that already the webhook has nothing of them."""


def _stored_as(name: str, default: Any) -> Any:
    """Returns a field whose records have another name, which databases of earlier versions hold."""
    return Field(default=default, validation_alias=name, serialization_alias=name)


class Delivery(FrozenModel):
    """A delivery's records hold no body: it is rendered for each attempt, from the lead as it then is."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    number: int
    """Numbers follow the order in which deliveries were made, from 1."""
    subscription: str
    enquiry: int
    made_at: float
    """The moment on the virtual clock, as are all moments here but `claimed_until`."""
    next_at: float
    """The moment at which it is due."""
    attempts: int = _stored_as("turns", 0)
    """The number of attempts that were begun."""
    state: DeliveryState = DeliveryState.PENDING
    finished_at: float | None = None
    reason: str | None = None
    """The reason why the last attempt failed, or why there will be none."""
    faults: tuple[DeliveryFaultKind, ...] = _stored_as("quirks", ())
    reordered: bool = _stored_as("behind", False)
    """True while it waits for a later one to go first, until `next_at` at the latest."""
    claim: str | None = None
    """Identifies the attempt under way."""
    claimed_until: float = 0.0
    """Real seconds since the epoch: a claim whose outcome is not recorded by then is abandoned."""
