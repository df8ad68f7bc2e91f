"""Webhooks: subscriptions to new leads, deliveries in the outbox, their attempts, and their faults."""

from typing import TYPE_CHECKING

from mockserver.foundation.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from mockserver.sandbox.webhooks.delivery import Delivery, DeliveryFaultKind, DeliveryState
    from mockserver.sandbox.webhooks.delivery_fault import DeliveryFault
    from mockserver.sandbox.webhooks.delivery_faults import ActiveDeliveryFault, DeliveryFaults, TooManyDeliveryFaults
    from mockserver.sandbox.webhooks.enqueue import enqueue_deliveries, may_see
    from mockserver.sandbox.webhooks.guard import Refused, TargetGuard
    from mockserver.sandbox.webhooks.outbox import Outbox
    from mockserver.sandbox.webhooks.schemas import (
        AttemptSchema,
        DeliverySchema,
        SubscriptionSchema,
        WebhooksSchema,
        state,
    )
    from mockserver.sandbox.webhooks.subscriptions import (
        DeliveryAttempt,
        Subscription,
        Subscriptions,
        TooManySubscriptions,
    )

__all__ = [
    "ActiveDeliveryFault",
    "AttemptSchema",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryFault",
    "DeliveryFaultKind",
    "DeliveryFaults",
    "DeliverySchema",
    "DeliveryState",
    "Outbox",
    "Refused",
    "Subscription",
    "SubscriptionSchema",
    "Subscriptions",
    "TargetGuard",
    "TooManyDeliveryFaults",
    "TooManySubscriptions",
    "WebhooksSchema",
    "enqueue_deliveries",
    "may_see",
    "state",
]

_MODULES = {
    "ActiveDeliveryFault": "delivery_faults",
    "AttemptSchema": "schemas",
    "Delivery": "delivery",
    "DeliveryAttempt": "subscriptions",
    "DeliveryFault": "delivery_fault",
    "DeliveryFaultKind": "delivery",
    "DeliveryFaults": "delivery_faults",
    "DeliverySchema": "schemas",
    "DeliveryState": "delivery",
    "Outbox": "outbox",
    "Refused": "guard",
    "Subscription": "subscriptions",
    "SubscriptionSchema": "schemas",
    "Subscriptions": "subscriptions",
    "TargetGuard": "guard",
    "TooManyDeliveryFaults": "delivery_faults",
    "TooManySubscriptions": "subscriptions",
    "WebhooksSchema": "schemas",
    "enqueue_deliveries": "enqueue",
    "may_see": "enqueue",
    "state": "schemas",
}

__getattr__ = lazy_exports(__name__, _MODULES)
