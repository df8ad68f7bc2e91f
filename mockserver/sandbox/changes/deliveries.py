"""Deliveries of webhooks are made to fail."""

from mockserver.sandbox.changes.refusal import ChangeRefused, enumerated
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.webhooks import ActiveDeliveryFault, DeliveryFault


def fail_deliveries(sandbox: Sandbox, fault: DeliveryFault) -> ActiveDeliveryFault:
    """Puts a delivery fault in place.

    Raises ChangeRefused for an unknown provider or subscription, TooManyDeliveryFaults when there is no room for it.
    """
    provider, subscription = fault.provider, fault.subscription
    if provider is not None and provider not in sandbox.accounts:
        raise ChangeRefused(f"There is no provider {provider!r}; {enumerated(sandbox.accounts)} are there.")
    if subscription is not None and sandbox.webhooks.get(subscription) is None:
        ids = enumerated(existing.id for existing in sandbox.webhooks.list())
        raise ChangeRefused(f"There is no subscription {subscription!r}; {ids} are there.")
    return sandbox.delivery_faults.add(fault)
