"""Deliveries that go wrong on purpose: which ones, how, and how often."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ConfigDict, Field, model_validator

from mockserver.domain import Frozen
from mockserver.foundation.stateful import Keep
from mockserver.sandbox.webhooks.delivery import DeliveryFaultKind

MAX_DELIVERY_FAULTS = 100
"""Of a sandbox."""
_SECONDS = {DeliveryFaultKind.REORDER: 60.0, DeliveryFaultKind.DELAY: 60.0}


class TooManyDeliveryFaults(ValueError):
    """A sandbox has as many as it may have; the message is one sentence."""


class DeliveryFault(Frozen):
    """What befalls a delivery when it is made, for each lead and subscription once."""

    kind: DeliveryFaultKind
    subscription: str | None = Field(default=None, min_length=1, max_length=100)
    """Only deliveries to that one."""
    provider: str | None = Field(default=None, min_length=1, max_length=100)
    """Only deliveries to subscriptions of that provider."""
    after: int = Field(default=0, ge=0, le=1_000_000)
    """How many deliveries it lets pass first."""
    times: int | None = Field(default=1, ge=1, le=1_000_000)
    """How many it befalls; None is all until it is taken away."""
    seconds: float | None = Field(default=None, gt=0, le=30 * 86_400)
    """`delay`: how late, on the virtual clock. `reorder`: how long it waits for another to go first. 60 by default."""
    copies: int = Field(default=2, ge=2, le=10)
    """`duplicate`: how often the lead is sent in all."""

    @model_validator(mode="after")
    def _fits(self) -> "DeliveryFault":
        if self.seconds is not None and self.kind not in _SECONDS:
            raise ValueError(f"`seconds` is for delay and reorder; {self.kind} has none")
        if self.copies != 2 and self.kind is not DeliveryFaultKind.DUPLICATE:
            raise ValueError(f"`copies` is for duplicate; {self.kind} has none")
        return self

    @property
    def wait(self) -> float:
        """Seconds until the delivery is due."""
        return self.seconds or _SECONDS.get(self.kind, 0.0)


class ActiveDeliveryFault(Frozen):
    """One that was asked for, and what it has done so far."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    id: str
    """`w1`, `w2`…"""
    fault: DeliveryFault = Field(validation_alias="misdelivery", serialization_alias="misdelivery")
    """Its records call it `misdelivery`, as databases of earlier versions do."""
    seen: int = 0
    """Deliveries that it could have befallen."""
    fired: int = 0
    """Deliveries that it befell."""


class DeliveryFaults:
    """All of a sandbox, the oldest first. A `StatefulComponent`."""

    def __init__(self) -> None:
        self.keep: Keep | None = None
        self.reset()

    def __len__(self) -> int:
        return len(self._placed)

    def add(self, fault: DeliveryFault) -> ActiveDeliveryFault:
        """Takes one more. Raises TooManyDeliveryFaults."""
        if len(self._placed) >= MAX_DELIVERY_FAULTS:
            raise TooManyDeliveryFaults(
                f"There are {MAX_DELIVERY_FAULTS} delivery faults, the most of a sandbox; take some away first."
            )
        self._made += 1
        if self.keep:
            self.keep("made", self._made)
        return self._put(ActiveDeliveryFault(id=f"w{self._made}", fault=fault))

    def list(self) -> Sequence[ActiveDeliveryFault]:
        """All that there are."""
        return list(self._placed.values())

    def get(self, id: str) -> ActiveDeliveryFault | None:
        """The one of that id."""
        return self._placed.get(id)

    def remove(self, id: str) -> bool:
        """Takes one away; whether there was one."""
        gone = self._placed.pop(id, None)
        if gone and self.keep:
            self.keep(f"placed/{id}", None)
        return gone is not None

    def clear(self) -> None:
        """Takes all away."""
        for id in list(self._placed):
            self.remove(id)

    def meet(self, provider: str, subscription: str) -> Sequence[DeliveryFault]:
        """A delivery is made: what befalls it. Those that have done all they were to do stay, and show it."""
        met = []
        for placed in self.list():
            wanted = placed.fault
            if wanted.provider not in (None, provider) or wanted.subscription not in (None, subscription):
                continue
            if wanted.times is not None and placed.fired >= wanted.times:
                continue
            strikes = placed.seen >= wanted.after
            self._put(placed.model_copy(update={"seen": placed.seen + 1, "fired": placed.fired + strikes}))
            if strikes:
                met.append(wanted)
        return met

    def dump(self) -> Mapping[str, Any]:
        """`made` and `placed/id`."""
        records: dict[str, Any] = {"made": self._made} if self._made else {}
        records.update({f"placed/{id}": placed.model_dump(mode="json") for id, placed in self._placed.items()})
        return records

    def load(self, key: str, value: Any | None) -> None:
        """See `StatefulComponent.load`."""
        kind, _, id = key.partition("/")
        if kind == "made":
            self._made = value or 0
        elif value is None:
            self._placed.pop(id, None)
        else:
            self._placed[id] = ActiveDeliveryFault.model_validate(value)

    def reset(self) -> None:
        """Back to none at all."""
        self._made = 0
        self._placed: dict[str, ActiveDeliveryFault] = {}

    def _put(self, placed: ActiveDeliveryFault) -> ActiveDeliveryFault:
        self._placed[placed.id] = placed
        if self.keep:
            self.keep(f"placed/{placed.id}", placed.model_dump(mode="json"))
        return placed
