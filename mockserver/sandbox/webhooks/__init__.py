"""Webhooks: subscriptions to new leads, deliveries in the outbox, their attempts, and their faults."""

from mockserver.sandbox.webhooks.delivery import Delivery, DeliveryFaultKind, DeliveryState
from mockserver.sandbox.webhooks.delivery_faults import (
    ActiveDeliveryFault,
    DeliveryFault,
    DeliveryFaults,
    TooManyDeliveryFaults,
)
from mockserver.sandbox.webhooks.enqueue import enqueue_deliveries, may_see
from mockserver.sandbox.webhooks.guard import Refused, TargetGuard
from mockserver.sandbox.webhooks.outbox import Outbox
from mockserver.sandbox.webhooks.schemas import AttemptSchema, DeliverySchema, SubscriptionSchema, WebhooksSchema, state
from mockserver.sandbox.webhooks.subscriptions import DeliveryAttempt, Subscription, Subscriptions, TooManySubscriptions

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
