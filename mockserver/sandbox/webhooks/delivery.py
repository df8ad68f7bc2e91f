"""Deliveries: each takes one lead to one subscription."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.records import as_json, json_reader


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


_STORED_AS = {"attempts": "turns", "faults": "quirks", "reordered": "behind"}
"""Members whose records have another name, which databases of earlier versions hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery's records hold no body: it is rendered for each attempt, from the lead as it then is."""

    number: int
    """Numbers follow the order in which deliveries were made, from 1."""
    subscription: str
    enquiry: int
    made_at: float
    """The moment on the virtual clock, as are all moments here but `claimed_until`."""
    next_at: float
    """The moment at which it is due."""
    attempts: int = 0
    """The number of attempts that were begun."""
    state: DeliveryState = DeliveryState.PENDING
    finished_at: float | None = None
    reason: str | None = None
    """The reason why the last attempt failed, or why there will be none."""
    faults: tuple[DeliveryFaultKind, ...] = ()
    reordered: bool = False
    """True while it waits for a later one to go first, until `next_at` at the latest."""
    claim: str | None = None
    """Identifies the attempt under way."""
    claimed_until: float = 0.0
    """Real seconds since the epoch: a claim whose outcome is not recorded by then is abandoned."""

    def as_record(self) -> dict[str, Any]:
        """Returns it as plain JSON."""
        return {_STORED_AS.get(name, name): value for name, value in as_json(self).items()}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Delivery":
        """Reads what `as_record` returned."""
        return _READ({_MEMBERS.get(name, name): value for name, value in record.items()})


_MEMBERS = {stored: name for name, stored in _STORED_AS.items()}
_READ = json_reader(Delivery)
