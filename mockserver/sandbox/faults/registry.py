"""The faults of one sandbox: which of them match a call, and how often each has struck."""

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

MAX_FAULTS = 100
"""The most faults that a sandbox has."""
_NEXT = "next"
"""The record of the number of the next fault."""


class FaultRefused(ValueError):
    """A fault that cannot be put there; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that a sandbox has, and what became of it."""

    id: str
    """`f1`, `f2`, …, in the order in which they came; never given again."""
    fault: Fault
    seen: int
    """How many calls it could have struck."""
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


class _FaultState:
    """The counters of an active fault."""

    __slots__ = ("fault", "fired", "path", "seen", "until")

    def __init__(self, fault: Fault, until: float | None, seen: int = 0, fired: int = 0) -> None:
        self.fault = fault
        self.until = until
        self.seen = seen
        self.fired = fired
        self.path = None if fault.path is None else re.compile(translate(fault.path))

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

    def strikes(self, id: str) -> bool:
        """Tells whether the call that was seen last is one to strike."""
        fault, number = self.fault, self.seen
        if number <= fault.after or (fault.calls is not None and number not in fault.calls):
            return False
        if fault.probability is None:
            return True
        return uniform("fault", id if fault.seed is None else fault.seed, number, "strikes") < fault.probability

    def as_record(self) -> dict[str, Any]:
        return {"fault": self.fault.as_dict(), "until": self.until, "seen": self.seen, "fired": self.fired}


class FaultRegistry:
    """The faults of a sandbox, oldest first. A `StatefulComponent`."""

    def __init__(self, clock: Clock) -> None:
        self.keep: Keep | None = None
        self.listeners: set[Callable[[], None]] = set()
        """Called after a fault went away, for calls that one of them holds."""
        self.has_active = False
        """Whether a call could meet anything here at all."""
        self._clock = clock
        self._next = 1
        self._states: dict[str, _FaultState] = {}

    def add(self, fault: Fault) -> ActiveFault:
        """Puts a fault behind those that are there. Raises FaultRefused when there are too many."""
        if len(self._states) >= MAX_FAULTS:
            raise FaultRefused(f"There are {MAX_FAULTS} faults, the most that a sandbox has; take some away first.")
        id = f"f{self._next}"
        self._next += 1
        self._states[id] = _FaultState(fault, _end(fault, self._clock))
        self.has_active = True
        self._report(id)
        if self.keep:
            self.keep(_NEXT, self._next)
        return self._active(id)

    def get(self, id: str) -> ActiveFault | None:
        """Returns one of them, or None."""
        return self._active(id) if id in self._states else None

    def remove(self, id: str) -> bool:
        """Takes one away, and tells whether it was there. A call that it holds goes on."""
        if self._states.pop(id, None) is None:
            return False
        if self.keep:
            self.keep(id, None)
        self._changed()
        return True

    def clear(self) -> None:
        """Takes all away."""
        for id in builtins.list(self._states):
            self.remove(id)

    def match(self, provider: str, operation: str, method: str, path: str) -> FaultHit | None:
        """Returns the oldest fault that strikes a call, if any does. All that match the call count it."""
        now, hit = self._clock.time(), None
        for id, state in self._states.items():
            if state.is_used_up or state.has_ended(now) or not state.matches(provider, operation, method, path):
                continue
            state.seen += 1
            if hit is None and state.strikes(id):
                state.fired += 1
                hit = FaultHit(id, state.fault, state.seen)
            self._report(id)
        if hit is not None:
            self._update_has_active()
        return hit

    def dump(self) -> Mapping[str, Any]:
        """Returns faults with their counts by id, and the next number."""
        records = {id: state.as_record() for id, state in self._states.items()}
        return {**records, _NEXT: self._next} if self._next > 1 else records

    def load(self, key: str, value: Any | None) -> None:
        """Takes over a record that was changed elsewhere, as `StatefulComponent` says."""
        if key == _NEXT:
            self._next = 1 if value is None else value
            return
        if value is None:
            self._states.pop(key, None)
        else:
            self._take_over(key, value)
        self._changed()

    def reset(self) -> None:
        """Goes back to none at all."""
        self._next = 1
        self._states.clear()
        self._changed()

    def list(self) -> builtins.list[ActiveFault]:
        """Returns all of them, oldest first."""
        return [self._active(id) for id in self._states]

    def _take_over(self, id: str, record: Mapping[str, Any]) -> None:
        state = self._states.get(id)
        if state is not None and state.fault.as_dict() == record["fault"]:
            state.seen, state.fired, state.until = record["seen"], record["fired"], record["until"]
            return
        fault = Fault.model_validate(record["fault"])
        self._states[id] = _FaultState(fault, record["until"], record["seen"], record["fired"])
        # Records may come in any order; the oldest has the smallest number.
        self._states = dict(sorted(self._states.items(), key=lambda item: int(item[0][1:])))

    def _active(self, id: str) -> ActiveFault:
        state = self._states[id]
        exhausted = state.is_used_up or state.has_ended(self._clock.time())
        return ActiveFault(id, state.fault, state.seen, state.fired, state.until, exhausted)

    def _report(self, id: str) -> None:
        if self.keep:
            self.keep(id, self._states[id].as_record())

    def _changed(self) -> None:
        self._update_has_active()
        for listener in builtins.list(self.listeners):
            listener()

    def _update_has_active(self) -> None:
        # The clock may go back, so what is over may strike again; what is used up never does.
        self.has_active = any(not state.is_used_up for state in self._states.values())


def check_names(fault: Fault, operations: Operations) -> None:
    """Raises FaultRefused for a provider or an operation that there is not; `operations` are those of each provider."""
    if wrong := unknown_name(operations, fault.provider, fault.operation):
        raise FaultRefused(wrong)


def _end(fault: Fault, clock: Clock) -> float | None:
    if fault.until is not None:
        return float(parse_moment(fault.until))
    # One that outlasts the calendar ends with it.
    return None if fault.lasts is None else min(clock.time() + parse_duration(fault.lasts), LAST_SECOND)
