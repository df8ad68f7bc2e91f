"""Webhooks: who wants to be told of new leads, what is still to be told, and what became of each attempt."""

from mockserver.sandbox.webhooks.delivery import Delivery, Quirk, State
from mockserver.sandbox.webhooks.delivery_faults import (
    Misdeliveries,
    Misdelivery,
    PlacedMisdelivery,
    TooManyMisdeliveries,
)
from mockserver.sandbox.webhooks.enqueue import may_see, post
from mockserver.sandbox.webhooks.guard import Guard, Refused
from mockserver.sandbox.webhooks.outbox import Outbox
from mockserver.sandbox.webhooks.retry_policy import parse_retries
from mockserver.sandbox.webhooks.schemas import AttemptForm, DeliveryForm, SubscriptionForm, WebhooksForm, state
from mockserver.sandbox.webhooks.subscriptions import Attempt, Subscription, Subscriptions, TooManySubscriptions

__all__ = [
    "Attempt",
    "AttemptForm",
    "Delivery",
    "DeliveryForm",
    "Guard",
    "Misdeliveries",
    "Misdelivery",
    "Outbox",
    "PlacedMisdelivery",
    "Quirk",
    "Refused",
    "State",
    "Subscription",
    "SubscriptionForm",
    "Subscriptions",
    "TooManyMisdeliveries",
    "TooManySubscriptions",
    "WebhooksForm",
    "may_see",
    "parse_retries",
    "post",
    "state",
]
