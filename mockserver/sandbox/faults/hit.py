"""A fault that meets a call: what is to become of the answer, and what the journal says of it."""

from dataclasses import dataclass
from math import cos, exp, log, pi, sqrt
from typing import Any

from mockserver.sandbox.faults.model import AN_HOUR_MS, Fault
from mockserver.world.rng import KeyedRandom


@dataclass(frozen=True, slots=True)
class SendPlan:
    """How an answer is sent."""

    pause: float = 0.0
    """Seconds before it begins."""
    piece: int = 0
    """Bytes sent at a time; 0 is all at once."""
    between: float = 0.0
    """Seconds from one piece to the next."""
    length: int | None = None
    """Content-Length when it is not that of what is sent."""
    end: str = ""
    """What then becomes of the connection: nothing, `close` or `reset`."""


class FaultHit:
    """See the module. `number` is the call's, among those that the fault could meet."""

    __slots__ = ("_applied", "began", "began_real", "delivery", "fault", "id", "in_contract", "number")

    def __init__(self, id: str, fault: Fault, number: int, applied: str = "") -> None:
        self.id = id
        self.fault = fault
        self.number = number
        self._applied = applied
        self.in_contract = False
        self.delivery = SendPlan()
        self.began = 0.0
        """When the answer was made, on the sandbox's clock."""
        self.began_real = 0.0
        """The same on a stopwatch."""

    @property
    def applied(self) -> str:
        """The preference that asked for it; empty for one of the book."""
        return self._applied

    def rng(self, about: str) -> KeyedRandom:
        """Chance that is the same in every run and on every replica."""
        seed = self.id if self.fault.seed is None else self.fault.seed
        return KeyedRandom("fault", seed, self.number, about)

    def pause(self) -> float:
        """How many seconds the answer is held: fixed, or log-normal around the median; an hour at most."""
        fault = self.fault
        if fault.delay_ms is None:
            return 0.0
        if fault.sigma is None:
            return fault.delay_ms / 1000
        rng = self.rng("delay")
        # Box and Muller's way from two even numbers to a normal one; the logarithm wants no zero.
        normal = sqrt(-2 * log(1 - rng.uniform())) * cos(2 * pi * rng.uniform())
        return min(fault.delay_ms * exp(fault.sigma * normal), AN_HOUR_MS) / 1000

    def as_dict(self) -> dict[str, Any]:
        """The form of the journal."""
        return {"id": self.id, "kind": self.fault.kind.value, "in_contract": self.in_contract}
