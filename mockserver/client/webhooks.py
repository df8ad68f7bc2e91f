"""Webhooks of a sandbox, or of one provider in it: subscriptions, deliveries, and faults of deliveries to come."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from mockserver.client.connection import AdminConnection, without_none
from mockserver.client.models import ActiveDeliveryFault, Delivery, Subscription
from mockserver.client.reading import read_delivery, read_delivery_fault, read_subscription


class Webhooks:
    """The webhooks of a sandbox. Subscriptions are made with the provider's own API, by the program that is tested."""

    def __init__(self, connection: AdminConnection, path: str, provider: str | None = None) -> None:
        self._connection = connection
        self._path = f"{path}/webhooks"
        self._provider = provider
        self.delivery_faults = DeliveryFaultsHandle(connection, self._path, provider)
        """The faults of deliveries to come."""

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """The subscriptions to new leads, the oldest first."""
        subscriptions = map(read_subscription, self._connection.get(self._path)["subscriptions"])
        return tuple(one for one in subscriptions if self._provider in (None, one.provider))

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """All that wait and the newest of those that are over, the oldest first; those of a subscription that was
        deleted only with a sandbox's.
        """
        answer = self._connection.get(self._path)
        ids = {one["id"] for one in answer["subscriptions"] if self._provider in (None, one["provider"])}
        deliveries = map(read_delivery, answer["deliveries"])
        return tuple(one for one in deliveries if self._provider is None or one.subscription in ids)

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of deliveries in each state, at every provider."""
        counts: Mapping[str, int] = self._connection.get(self._path)["counts"]
        return counts

    def flush(self) -> int:
        """Has every delivery attempted that is due now, at every provider, and returns the number of attempts."""
        attempts: int = self._connection.post(f"{self._path}/flush")["attempts"]
        return attempts


class DeliveryFaultsHandle:
    """The faults of deliveries to come; those of one provider when it is a provider's."""

    def __init__(self, connection: AdminConnection, path: str, provider: str | None = None) -> None:
        self._connection = connection
        self._path = f"{path}/delivery-faults"
        self._provider = provider

    def add(self, kind: str, **members: Any) -> ActiveDeliveryFault:
        """Puts one in place, for every delivery: `duplicate` (`copies`), `reorder` and `delay` (`seconds`),
        `wrong_key`, `unknown_category`, `erased`; with `subscription`, `after`, `times`. Raises ClientError for one
        that makes no sense.
        """
        body = {**without_none(kind=kind, provider=self._provider), "times": None, **members}
        return read_delivery_fault(self._connection.post(self._path, body))

    def next(self, kind: str, **members: Any) -> ActiveDeliveryFault:
        """Puts one in place for a single delivery: the next one, or the next that fits."""
        return self.add(kind, **{"times": 1, **members})

    def list(self) -> tuple[ActiveDeliveryFault, ...]:
        """The faults in place, the oldest first."""
        faults = map(read_delivery_fault, self._connection.get(self._path)["delivery_faults"])
        return tuple(placed for placed in faults if self._provider in (None, placed.provider))

    def get(self, delivery_fault: str | ActiveDeliveryFault) -> ActiveDeliveryFault:
        """A fault as it is now. Raises ClientError when it is not there."""
        return read_delivery_fault(self._connection.get(self._of(delivery_fault)))

    def remove(self, delivery_fault: str | ActiveDeliveryFault) -> None:
        """Takes one away. Raises ClientError when it is not there."""
        self._connection.call("DELETE", self._of(delivery_fault))

    def clear(self) -> None:
        """Takes all away; a provider's leaves those of others, and those that are for every provider."""
        if self._provider is None:
            self._connection.call("DELETE", self._path)
            return
        for placed in self.list():
            self.remove(placed)

    def _of(self, delivery_fault: str | ActiveDeliveryFault) -> str:
        id = delivery_fault if isinstance(delivery_fault, str) else delivery_fault.id
        return f"{self._path}/{quote(id, safe='')}"
