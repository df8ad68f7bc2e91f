"""Delivery faults: deliveries of webhooks that go wrong on purpose, as the admin API and scenarios ask for them."""

from collections.abc import Sequence

from pydantic import ConfigDict, Field, model_validator

from mockserver.foundation.models import Given
from mockserver.foundation.records import RecordCounter, RecordFormat, RecordTable, as_json
from mockserver.foundation.stateful import RecordedComponent
from mockserver.sandbox.webhooks.delivery import DeliveryFaultKind

MAX_DELIVERY_FAULTS = 100
"""The limit of a sandbox."""
_SECONDS = {DeliveryFaultKind.REORDER: 60.0, DeliveryFaultKind.DELAY: 60.0}


class TooManyDeliveryFaults(ValueError):
    """A sandbox has as many as it may have; the message is one sentence."""


class DeliveryFault(Given):
    """A fault that hits deliveries when they are made, each delivery of a lead to a subscription once."""

    kind: DeliveryFaultKind
    subscription: str | None = Field(default=None, min_length=1, max_length=100)
    """Matches only deliveries to that one."""
    provider: str | None = Field(default=None, min_length=1, max_length=100)
    """Matches only deliveries to subscriptions of that provider."""
    after: int = Field(default=0, ge=0, le=1_000_000)
    """The number of deliveries that it lets pass first."""
    times: int | None = Field(default=1, ge=1, le=1_000_000)
    """The number of deliveries that it hits; None is all until it is removed."""
    seconds: float | None = Field(default=None, gt=0, le=30 * 86_400)
    """Of `delay`: the delay on the virtual clock. Of `reorder`: the longest wait for another delivery. Default: 60."""
    copies: int = Field(default=2, ge=2, le=10)
    """Of `duplicate`: the number of times that the lead is sent in all."""

    @model_validator(mode="after")
    def _fits(self) -> "DeliveryFault":
        if self.seconds is not None and self.kind not in _SECONDS:
            raise ValueError(f"`seconds` is for delay and reorder; {self.kind} has none")
        if self.copies != 2 and self.kind is not DeliveryFaultKind.DUPLICATE:
            raise ValueError(f"`copies` is for duplicate; {self.kind} has none")
        return self

    @property
    def wait(self) -> float:
        """Returns the seconds until the delivery is due."""
        return self.seconds or _SECONDS.get(self.kind, 0.0)


class ActiveDeliveryFault(Given):
    """A delivery fault in place, and the number of deliveries that it has met so far."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    id: str
    """`w1`, `w2`…"""
    fault: DeliveryFault = Field(validation_alias="misdelivery", serialization_alias="misdelivery")
    """Its records call it `misdelivery`, as databases of earlier versions do."""
    seen: int = 0
    """The number of deliveries that it matched."""
    fired: int = 0
    """The number of deliveries that it hit."""


_MADE: RecordFormat[None, int] = RecordFormat("made")
_PLACED: RecordFormat[str, ActiveDeliveryFault] = RecordFormat(
    "placed/", encode=as_json, decode=ActiveDeliveryFault.model_validate
)


class DeliveryFaults(RecordedComponent):
    """The delivery faults of a sandbox, the oldest first.

    They are a `StatefulComponent` with the records `made`, the number of faults so far, and `placed/id`.
    """

    def __init__(self) -> None:
        self._made = RecordCounter(_MADE, 0)
        self._active = RecordTable(_PLACED)
        super().__init__(self._made, self._active)

    def __len__(self) -> int:
        return len(self._active)

    def add(self, fault: DeliveryFault) -> ActiveDeliveryFault:
        """Adds a fault behind the others. Raises TooManyDeliveryFaults."""
        if len(self._active) >= MAX_DELIVERY_FAULTS:
            raise TooManyDeliveryFaults(
                f"There are {MAX_DELIVERY_FAULTS} delivery faults, the most of a sandbox; take some away first."
            )
        id = f"w{self._made.count()}"
        self._active[id] = active = ActiveDeliveryFault(id=id, fault=fault)
        return active

    def list(self) -> Sequence[ActiveDeliveryFault]:
        """Returns all faults, also those that have hit as many deliveries as they were to."""
        return list(self._active.values())

    def get(self, id: str) -> ActiveDeliveryFault | None:
        """Returns the fault of that id."""
        return self._active.get(id)

    def remove(self, id: str) -> bool:
        """Removes a fault; False when there is none of that id."""
        return self._active.pop(id, None) is not None

    def clear(self) -> None:
        """Removes all faults."""
        self._active.clear()

    def match(self, provider: str, subscription: str) -> Sequence[DeliveryFault]:
        """Returns the faults that hit a delivery that is made now, and counts it for all that match it."""
        hits = []
        for active in self.list():
            fault = active.fault
            if fault.provider not in (None, provider) or fault.subscription not in (None, subscription):
                continue
            if fault.times is not None and active.fired >= fault.times:
                continue
            hit = active.seen >= fault.after
            counts = {"seen": active.seen + 1, "fired": active.fired + hit}
            self._active[active.id] = active.model_copy(update=counts)
            if hit:
                hits.append(fault)
        return hits
