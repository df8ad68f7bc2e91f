"""The faults of one sandbox, and how often each has struck."""

import builtins
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from typing import Any

from mockserver.foundation.clock import LAST_SECOND, Clock, iso, parse_duration, parse_moment
from mockserver.foundation.stateful import Keep
from mockserver.foundation.suggestions import Operations, unknown_name
from mockserver.sandbox.faults.hit import FaultHit
from mockserver.sandbox.faults.model import Fault
from mockserver.world.rng import uniform

MOST = 100
"""How many faults a sandbox may have."""
_NEXT = "next"
"""The record of the number of the next fault."""


class FaultRefused(ValueError):
    """A fault that cannot be put there; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that is in a book."""

    id: str
    """`f1`, `f2`, …, in the order in which they came; never given again."""
    fault: Fault
    seen: int
    """How many calls it could have struck."""
    fired: int
    until: float | None
    """When it ends on the sandbox's clock, in epoch seconds."""
    spent: bool
    """Whether it strikes no more, as things stand."""

    def as_dict(self) -> dict[str, Any]:
        """The form that the admin API shows: what was said of it, and what became of it."""
        became: dict[str, Any] = {"seen": self.seen, "fired": self.fired, "spent": self.spent}
        if self.until is not None:
            became["until"] = iso(self.until)
        return {"id": self.id, **self.fault.as_dict(), **became}


class _FaultState:
    """A fault at work."""

    __slots__ = ("fault", "fired", "path", "seen", "until")

    def __init__(self, fault: Fault, until: float | None, seen: int = 0, fired: int = 0) -> None:
        self.fault = fault
        self.until = until
        self.seen = seen
        self.fired = fired
        self.path = None if fault.path is None else re.compile(translate(fault.path))

    @property
    def used_up(self) -> bool:
        return self.fault.times is not None and self.fired >= self.fault.times

    def over(self, now: float) -> bool:
        return self.until is not None and now >= self.until

    def fits(self, provider: str, operation: str, method: str, path: str) -> bool:
        fault = self.fault
        return (
            fault.provider in (None, provider)
            and fault.operation in (None, operation)
            and fault.method in (None, method)
            and (self.path is None or self.path.match(path) is not None)
        )

    def strikes(self, id: str) -> bool:
        """Whether the call that was seen last is one to strike."""
        fault, number = self.fault, self.seen
        if number <= fault.after or (fault.calls is not None and number not in fault.calls):
            return False
        if fault.probability is None:
            return True
        return uniform("fault", id if fault.seed is None else fault.seed, number, "strikes") < fault.probability

    def as_record(self) -> dict[str, Any]:
        return {"fault": self.fault.as_dict(), "until": self.until, "seen": self.seen, "fired": self.fired}


class FaultRegistry:
    """See the module. A `StatefulComponent`."""

    def __init__(self, clock: Clock) -> None:
        self.keep: Keep | None = None
        self.listeners: set[Callable[[], None]] = set()
        """Called after a fault went away, for calls that one of them holds."""
        self.has_active = False
        """Whether a call could meet anything here at all."""
        self._clock = clock
        self._next = 1
        self._standing: dict[str, _FaultState] = {}

    def add(self, fault: Fault) -> ActiveFault:
        """Puts a fault behind those that are there. Raises FaultRefused when there are too many."""
        if len(self._standing) >= MOST:
            raise FaultRefused(f"There are {MOST} faults, the most that a sandbox has; take some away first.")
        id = f"f{self._next}"
        self._next += 1
        self._standing[id] = _FaultState(fault, _end(fault, self._clock))
        self.has_active = True
        self._tell(id)
        if self.keep:
            self.keep(_NEXT, self._next)
        return self._placed(id)

    def get(self, id: str) -> ActiveFault | None:
        """One of them, or None."""
        return self._placed(id) if id in self._standing else None

    def remove(self, id: str) -> bool:
        """Takes one away; whether it was there. A call that it holds goes on."""
        if self._standing.pop(id, None) is None:
            return False
        if self.keep:
            self.keep(id, None)
        self._settle()
        return True

    def clear(self) -> None:
        """Takes all away."""
        for id in builtins.list(self._standing):
            self.remove(id)

    def meet(self, provider: str, operation: str, method: str, path: str) -> FaultHit | None:
        """A call: the oldest fault that strikes it, if any does. All that it fits count it."""
        now, struck = self._clock.time(), None
        for id, standing in self._standing.items():
            if standing.used_up or standing.over(now) or not standing.fits(provider, operation, method, path):
                continue
            standing.seen += 1
            if struck is None and standing.strikes(id):
                standing.fired += 1
                struck = FaultHit(id, standing.fault, standing.seen)
            self._tell(id)
        if struck is not None:
            self._settle(told=False)
        return struck

    def dump(self) -> Mapping[str, Any]:
        """Faults with their counts by id, and the next number."""
        records = {id: standing.as_record() for id, standing in self._standing.items()}
        return {**records, _NEXT: self._next} if self._next > 1 else records

    def load(self, key: str, value: Any | None) -> None:
        """See `StatefulComponent.load`."""
        if key == _NEXT:
            self._next = 1 if value is None else value
            return
        if value is None:
            self._standing.pop(key, None)
        else:
            self._take_over(key, value)
        self._settle()

    def reset(self) -> None:
        """Back to none at all."""
        self._next = 1
        self._standing.clear()
        self._settle()

    def list(self) -> builtins.list[ActiveFault]:
        """All of them, oldest first."""
        return [self._placed(id) for id in self._standing]

    def _take_over(self, id: str, record: Mapping[str, Any]) -> None:
        here = self._standing.get(id)
        if here is not None and here.fault.as_dict() == record["fault"]:
            here.seen, here.fired, here.until = record["seen"], record["fired"], record["until"]
            return
        fault = Fault.model_validate(record["fault"])
        self._standing[id] = _FaultState(fault, record["until"], record["seen"], record["fired"])
        # Records may come in any order; the oldest has the smallest number.
        self._standing = dict(sorted(self._standing.items(), key=lambda item: int(item[0][1:])))

    def _placed(self, id: str) -> ActiveFault:
        at = self._standing[id]
        spent = at.used_up or at.over(self._clock.time())
        return ActiveFault(id, at.fault, at.seen, at.fired, at.until, spent)

    def _tell(self, id: str) -> None:
        if self.keep:
            self.keep(id, self._standing[id].as_record())

    def _settle(self, *, told: bool = True) -> None:
        # The clock may go back, so what is over may strike again; what is used up never does.
        self.has_active = any(not standing.used_up for standing in self._standing.values())
        if told:
            for listener in builtins.list(self.listeners):
                listener()


def check_names(fault: Fault, operations: Operations) -> None:
    """Raises FaultRefused for a provider or an operation that there is not; `operations` are those of each provider."""
    if wrong := unknown_name(operations, fault.provider, fault.operation):
        raise FaultRefused(wrong)


def _end(fault: Fault, clock: Clock) -> float | None:
    if fault.until is not None:
        return float(parse_moment(fault.until))
    # One that outlasts the calendar ends with it.
    return None if fault.lasts is None else min(clock.time() + parse_duration(fault.lasts), LAST_SECOND)
