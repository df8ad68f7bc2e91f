"""The faults of one sandbox: their matches, and how often each has taken effect."""

import builtins
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import translate
from typing import TYPE_CHECKING, Any

from mockserver.foundation.clock import LAST_SECOND, Clock, iso, parse_duration, parse_moment
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.records import RecordCounter, RecordFormat, RecordTable
from mockserver.foundation.stateful import RecordedComponent
from mockserver.foundation.weak_methods import weakly
from mockserver.world.rng import uniform

if TYPE_CHECKING:
    from mockserver.foundation.suggestions import Operations
    from mockserver.sandbox.faults.hit import FaultHit
    from mockserver.sandbox.faults.model import Fault

MAX_FAULTS = 100
"""The most faults that a sandbox has."""


class FaultRefused(ValueError):
    """A fault that cannot be put there; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that a sandbox has, and what became of it."""

    id: str
    """`f1`, `f2`, …, in the order in which they came; never given again."""
    fault: "Fault"
    seen: int
    """The number of calls that it could have met."""
    fired: int
    until: float | None
    """When it ends on the sandbox's clock, in epoch seconds."""
    exhausted: bool
    """Whether it strikes no more, as things stand."""

    def as_dict(self) -> dict[str, Any]:
        """Returns the form that the admin API shows: the members that were given, and what became of it."""
        became: dict[str, Any] = {"seen": self.seen, "fired": self.fired, "exhausted": self.exhausted}
        if self.until is not None:
            became["until"] = iso(self.until)
        return {"id": self.id, **self.fault.as_dict(), **became}


@dataclass(frozen=True, slots=True)
class _FaultState:
    """A fault and its counters."""

    fault: "Fault"
    until: float | None
    path: re.Pattern[str] | None
    seen: int = 0
    fired: int = 0

    @classmethod
    def of(cls, fault: "Fault", until: float | None) -> "_FaultState":
        return cls(fault, until, None if fault.path is None else re.compile(translate(fault.path)))

    @property
    def is_used_up(self) -> bool:
        return self.fault.times is not None and self.fired >= self.fault.times

    def has_ended(self, now: float) -> bool:
        return self.until is not None and now >= self.until

    def matches(self, provider: str, operation: str, method: str, path: str) -> bool:
        fault = self.fault
        return (
            fault.provider in (None, provider)
            and fault.operation in (None, operation)
            and fault.method in (None, method)
            and (self.path is None or self.path.match(path) is not None)
        )

    def strikes(self, id: str, number: int) -> bool:
        """Tells whether the call of that number is one to strike."""
        fault = self.fault
        if number <= fault.after or (fault.calls is not None and number not in fault.calls):
            return False
        if fault.probability is None:
            return True
        return uniform("fault", id if fault.seed is None else fault.seed, number, "strikes") < fault.probability

    def as_record(self) -> dict[str, Any]:
        return {"fault": self.fault.as_dict(), "until": self.until, "seen": self.seen, "fired": self.fired}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "_FaultState":
        from mockserver.sandbox.faults.model import Fault

        state = cls.of(Fault.model_validate(record["fault"]), record["until"])
        return replace(state, seen=record["seen"], fired=record["fired"])


_NEXT: RecordFormat[None, int] = RecordFormat("next")
_FAULT: RecordFormat[str, _FaultState] = RecordFormat("", encode=_FaultState.as_record, decode=_FaultState.from_record)


class FaultRegistry(RecordedComponent):
    """The faults of a sandbox, oldest first.

    It is a `StatefulComponent` with a record for each fault by its id, and `next`, the number of the next one.
    """

    def __init__(self, clock: Clock) -> None:
        self.listeners: set[Callable[[], None]] = set()
        """Called after a fault went away, for calls that one of them holds."""
        self.has_active = False
        """Whether a call could meet anything here at all."""
        self._clock = clock
        self._next = RecordCounter(_NEXT, 1)
        self._states = RecordTable(_FAULT, applied=weakly(self._apply))
        super().__init__(self._next, self._states)

    def add(self, fault: "Fault") -> ActiveFault:
        """Puts a fault behind those that are there. Raises FaultRefused when there are too many."""
        if len(self._states) >= MAX_FAULTS:
            raise FaultRefused(f"There are {MAX_FAULTS} faults, the most that a sandbox has; take some away first.")
        id = f"f{self._next.value}"
        self._states[id] = _FaultState.of(fault, _end(fault, self._clock))
        self._next.count()
        return self._active(id)

    def get(self, id: str) -> ActiveFault | None:
        """Returns one of them, or None."""
        return self._active(id) if id in self._states else None

    def remove(self, id: str) -> bool:
        """Takes one away, and tells whether it was there. A call that it holds goes on."""
        removed = self._states.pop(id, None) is not None
        if removed:
            self._wake()
        return removed

    def clear(self) -> None:
        """Takes all away."""
        for id in builtins.list(self._states):
            self.remove(id)

    def match(self, provider: str, operation: str, method: str, path: str) -> "FaultHit | None":
        """Returns the oldest fault that strikes a call, if any does. All that match the call count it."""
        from mockserver.sandbox.faults.hit import FaultHit

        now, hit = self._clock.time(), None
        for id, state in self._states.items():
            if state.is_used_up or state.has_ended(now) or not state.matches(provider, operation, method, path):
                continue
            number, strikes = state.seen + 1, hit is None and state.strikes(id, state.seen + 1)
            if strikes:
                hit = FaultHit(id, state.fault, number)
            self._states[id] = replace(state, seen=number, fired=state.fired + strikes)
        return hit

    def load(self, key: str, value: Any | None) -> None:
        """Implements `StatefulComponent.load`, and lets calls go on that a fault held."""
        super().load(key, value)
        # Records may come in any order; the oldest fault has the smallest number.
        self._states.sort(key=lambda id: int(id[1:]))
        self._wake()

    def reset(self) -> None:
        """Goes back to none at all."""
        super().reset()
        self.has_active = False
        self._wake()

    def list(self) -> builtins.list[ActiveFault]:
        """Returns all of them, oldest first."""
        return [self._active(id) for id in self._states]

    def _active(self, id: str) -> ActiveFault:
        state = self._states[id]
        exhausted = state.is_used_up or state.has_ended(self._clock.time())
        return ActiveFault(id, state.fault, state.seen, state.fired, state.until, exhausted)

    def _apply(self, id: str, old: _FaultState | None, new: _FaultState | None) -> None:
        # The clock may go back, so what is over may strike again; what is used up never does.
        self.has_active = any(not state.is_used_up for state in self._states.values())

    def _wake(self) -> None:
        for listener in builtins.list(self.listeners):
            listener()


def check_names(fault: "Fault", operations: "Operations") -> None:
    """Raises FaultRefused for a provider or an operation that there is not; `operations` are those of each provider."""
    from mockserver.foundation.suggestions import unknown_name

    if wrong := unknown_name(operations, fault.provider, fault.operation):
        raise FaultRefused(wrong)


def _end(fault: "Fault", clock: Clock) -> float | None:
    if fault.until is not None:
        return float(parse_moment(fault.until))
    # One that outlasts the calendar ends with it.
    return None if fault.lasts is None else min(clock.time() + parse_duration(fault.lasts), LAST_SECOND)
