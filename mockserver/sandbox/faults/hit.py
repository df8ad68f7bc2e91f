"""A fault that matched a call, and how the response to that call is sent."""

from math import cos, exp, log, pi, sqrt
from typing import TYPE_CHECKING

from mockserver.foundation.bounds import AN_HOUR_MS
from mockserver.foundation.dataclass import dataclass
from mockserver.world.rng import KeyedRandom

if TYPE_CHECKING:
    from mockserver.sandbox.faults.members import FaultMembers


@dataclass(frozen=True, slots=True)
class SendPlan:
    """The way in which a response is sent."""

    pause: float = 0.0
    """Seconds before it begins."""
    piece: int = 0
    """Bytes sent at a time; 0 is all at once."""
    between: float = 0.0
    """Seconds from one piece to the next."""
    length: int | None = None
    """Content-Length when it is not that of what is sent."""
    compress: bool = False
    """Whether it is compressed for a client that takes that."""
    end: str = ""
    """The fate of the connection afterwards: nothing, `close` or `reset`."""


AT_ONCE = SendPlan()
"""Sends a response whole and at once, as without any fault."""


@dataclass(frozen=True, slots=True)
class FaultHit:
    """A fault that matched a call."""

    id: str
    fault: "FaultMembers"
    number: int
    """The number of the call, among those that the fault could match."""
    applied: str = ""
    """The preference of the request that asked for the fault; empty for one of the sandbox."""

    def rng(self, about: str) -> KeyedRandom:
        """Returns random numbers that are the same in every run and on every replica."""
        seed = self.id if self.fault.seed is None else self.fault.seed
        return KeyedRandom("fault", seed, self.number, about)

    def pause(self) -> float:
        """Returns how many seconds the response is held: fixed, or log-normal around the median; an hour at most."""
        fault = self.fault
        if fault.delay_ms is None:
            return 0.0
        if fault.sigma is None:
            return fault.delay_ms / 1000
        rng = self.rng("delay")
        # Box and Muller's way from two even numbers to a normal one; the logarithm wants no zero.
        normal = sqrt(-2 * log(1 - rng.uniform())) * cos(2 * pi * rng.uniform())
        return min(fault.delay_ms * exp(fault.sigma * normal), AN_HOUR_MS) / 1000
