"""The columns of the table of fault kinds."""

from collections.abc import Collection
from enum import Enum

from mockserver.foundation.dataclass import dataclass
from mockserver.sandbox.faults.effects.effect import Effect


class ClientMeets(Enum):
    """The sorts of answers that a fault gives a client to deal with."""

    HARMLESS = "a whole answer, which a client takes like any other"
    LATE = "a whole answer that may come too late"
    STRANGE = "a whole answer, out of contract perhaps, that a client has to take all the same"
    SPOILING = "no answer, or none that can be believed, whatever its status is"
    OTHER_STATUS = "an answer that says by its status that nothing was done"


@dataclass(frozen=True, slots=True)
class Statuses:
    """The statuses that a fault of a kind may give."""

    allowed: Collection[int]
    text: str
    """The same in words."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A row: what the kind is called and does, what a client meets in it, and what a judge takes it for."""

    name: str
    effect: Effect
    """The work on a call, phase by phase."""
    meets: ClientMeets
    members: Collection[str] = ()
    """The members of a fault that mean something to this kind, beside those of all."""
    needed: Collection[str] = ()
    """The members without which it makes no sense."""
    statuses: Statuses | None = None
    """The values of its member `status`, if it has that."""
    tests: str | None = None
    """The obligation that a judge takes it as a test of, by itself."""

    @property
    def leaves_answer_whole(self) -> bool:
        """Tells whether a client has a whole answer in spite of it, whatever the contract says of that answer."""
        return self.meets in (ClientMeets.HARMLESS, ClientMeets.LATE, ClientMeets.STRANGE)
