"""One lead on its way to one subscription."""

from enum import StrEnum

from mockserver.domain import Frozen


class State(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    """The receiver took it."""
    GIVEN_UP = "given_up"
    """The last attempt of the timetable failed."""
    DROPPED = "dropped"
    """There is nobody to tell any more, or nothing that they may see; `reason` says which."""


class DeliveryFaultKind(StrEnum):
    """What goes wrong with a delivery on purpose."""

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


class Delivery(Frozen):
    """See the module. The body is not in it: it is written at each attempt, from the lead as it then is."""

    number: int
    """In the order in which they were made, from 1."""
    subscription: str
    enquiry: int
    made_at: float
    """On the virtual clock, as are all moments here but `claimed_until`."""
    next_at: float
    """Not before that."""
    turns: int = 0
    """Attempts that were begun."""
    state: State = State.PENDING
    finished_at: float | None = None
    reason: str | None = None
    """Why the last attempt failed, or why there will be none."""
    quirks: tuple[DeliveryFaultKind, ...] = ()
    behind: bool = False
    """Whether it waits for a later one to go first; at `next_at` it waits no longer."""
    claim: str | None = None
    """Who is at it just now."""
    claimed_until: float = 0.0
    """Real seconds since the epoch: whoever claimed it and has not said since what came of it, is gone."""
