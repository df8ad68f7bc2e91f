"""Delivery faults: deliveries of webhooks that go wrong on purpose, as the admin API and scenarios ask for them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.records import RecordCounter, RecordFormat, RecordTable, as_json
from mockserver.foundation.stateful import RecordedComponent

if TYPE_CHECKING:
    from mockserver.sandbox.webhooks.delivery_fault import DeliveryFault

MAX_DELIVERY_FAULTS = 100
"""The limit of a sandbox."""


class TooManyDeliveryFaults(ValueError):
    """A sandbox has as many as it may have; the message is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveDeliveryFault:
    """A delivery fault in place, and the number of deliveries that it has met so far."""

    id: str
    """`w1`, `w2`…"""
    fault: "DeliveryFault"
    seen: int = 0
    """The number of deliveries that it matched."""
    fired: int = 0
    """The number of deliveries that it hit."""

    def as_record(self) -> dict[str, Any]:
        """Returns it as plain JSON, in which the fault is a `misdelivery`, as in databases of earlier versions."""
        return {"id": self.id, "misdelivery": as_json(self.fault), "seen": self.seen, "fired": self.fired}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "ActiveDeliveryFault":
        """Reads what `as_record` returned."""
        from mockserver.sandbox.webhooks.delivery_fault import DeliveryFault

        fault = DeliveryFault.model_validate(record["misdelivery"])
        return cls(id=record["id"], fault=fault, seen=record["seen"], fired=record["fired"])


_MADE: RecordFormat[None, int] = RecordFormat("made")
_PLACED: RecordFormat[str, ActiveDeliveryFault] = RecordFormat(
    "placed/", encode=ActiveDeliveryFault.as_record, decode=ActiveDeliveryFault.from_record
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

    def add(self, fault: "DeliveryFault") -> ActiveDeliveryFault:
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

    def match(self, provider: str, subscription: str) -> "Sequence[DeliveryFault]":
        """Returns the faults that hit a delivery that is made now, and counts it for all that match it."""
        hits = []
        for active in self.list():
            fault = active.fault
            if fault.provider not in (None, provider) or fault.subscription not in (None, subscription):
                continue
            if fault.times is not None and active.fired >= fault.times:
                continue
            hit = active.seen >= fault.after
            self._active[active.id] = replace(active, seen=active.seen + 1, fired=active.fired + hit)
            if hit:
                hits.append(fault)
        return hits
