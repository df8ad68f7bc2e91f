"""Webhooks: who wants to be told of new leads, what is still to be told, and what became of each attempt."""

from mockserver.sandbox.webhooks.delivery import Delivery, DeliveryFaultKind, State
from mockserver.sandbox.webhooks.delivery_faults import (
    ActiveDeliveryFault,
    DeliveryFault,
    DeliveryFaults,
    TooManyDeliveryFaults,
)
from mockserver.sandbox.webhooks.enqueue import may_see, post
from mockserver.sandbox.webhooks.guard import Guard, Refused
from mockserver.sandbox.webhooks.outbox import Outbox
from mockserver.sandbox.webhooks.retry_policy import parse_retries
from mockserver.sandbox.webhooks.schemas import AttemptSchema, DeliverySchema, SubscriptionSchema, WebhooksSchema, state
from mockserver.sandbox.webhooks.subscriptions import Attempt, Subscription, Subscriptions, TooManySubscriptions

__all__ = [
    "ActiveDeliveryFault",
    "Attempt",
    "AttemptSchema",
    "Delivery",
    "DeliveryFault",
    "DeliveryFaultKind",
    "DeliveryFaults",
    "DeliverySchema",
    "Guard",
    "Outbox",
    "Refused",
    "State",
    "Subscription",
    "SubscriptionSchema",
    "Subscriptions",
    "TooManyDeliveryFaults",
    "TooManySubscriptions",
    "WebhooksSchema",
    "may_see",
    "parse_retries",
    "post",
    "state",
]
