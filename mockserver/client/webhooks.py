"""Webhooks of a sandbox, or of one provider in it: who subscribed, what became of deliveries, what is to go wrong."""

from typing import Any
from urllib.parse import quote

from mockserver.client.connection import Connection, said
from mockserver.client.models import ActiveDeliveryFault, Delivery, Subscription
from mockserver.client.reading import read_delivery, read_delivery_fault, read_subscription


class Webhooks:
    """See the module. Subscriptions are made with the provider's own API, by the program that is tested."""

    def __init__(self, connection: Connection, path: str, provider: str | None = None) -> None:
        self._connection = connection
        self._path = f"{path}/webhooks"
        self._provider = provider
        self.delivery_faults = DeliveryFaults(connection, self._path, provider)
        """What is to go wrong with deliveries to come."""

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Who is told of new leads, the oldest first."""
        found = map(read_subscription, self._connection.get(self._path)["subscriptions"])
        return tuple(each for each in found if self._provider in (None, each.provider))

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """All that wait and the newest of those that are over, the oldest first; those of a subscription that was
        deleted only with a sandbox's.
        """
        shown = self._connection.get(self._path)
        own = {one["id"] for one in shown["subscriptions"] if self._provider in (None, one["provider"])}
        found = map(read_delivery, shown["deliveries"])
        return tuple(each for each in found if self._provider is None or each.subscription in own)

    def flush(self) -> int:
        """Lets what is due now be attempted, at every provider, and waits for it; how many attempts there were."""
        attempts: int = self._connection.post(f"{self._path}/flush")["attempts"]
        return attempts


class DeliveryFaults:
    """What is to go wrong with deliveries to come; a provider's own when it is a provider's."""

    def __init__(self, connection: Connection, path: str, provider: str | None = None) -> None:
        self._connection = connection
        self._path = f"{path}/delivery-faults"
        self._provider = provider

    def add(self, kind: str, **members: Any) -> ActiveDeliveryFault:
        """Puts one in place, for every delivery: `duplicate` (`copies`), `reorder` and `delay` (`seconds`),
        `wrong_key`, `unknown_category`, `erased`; with `subscription`, `after`, `times`. Raises ClientError for one
        that makes no sense.
        """
        body = {**said(kind=kind, provider=self._provider), "times": None, **members}
        return read_delivery_fault(self._connection.post(self._path, body))

    def next(self, kind: str, **members: Any) -> ActiveDeliveryFault:
        """One for a single delivery: the next one, or the next that fits."""
        return self.add(kind, **{"times": 1, **members})

    def list(self) -> tuple[ActiveDeliveryFault, ...]:
        """Those in place, in the order in which they were put there."""
        found = map(read_delivery_fault, self._connection.get(self._path)["delivery_faults"])
        return tuple(placed for placed in found if self._provider in (None, placed.provider))

    def remove(self, delivery_fault: str | ActiveDeliveryFault) -> None:
        """Takes one away. Raises ClientError when it is not there."""
        id = delivery_fault if isinstance(delivery_fault, str) else delivery_fault.id
        self._connection.call("DELETE", f"{self._path}/{quote(id, safe='')}")

    def clear(self) -> None:
        """Takes all away; a provider's leaves those of others, and those that are for every provider."""
        if self._provider is None:
            self._connection.call("DELETE", self._path)
            return
        for placed in self.list():
            self.remove(placed)
