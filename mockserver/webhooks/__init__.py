"""Webhooks: who wants to be told of new leads, what is still to be told, and what became of each attempt."""

from mockserver.webhooks.delivery import Delivery, Quirk, State
from mockserver.webhooks.guard import Guard, Refused
from mockserver.webhooks.misdelivery import Misdeliveries, Misdelivery, PlacedMisdelivery, TooManyMisdeliveries
from mockserver.webhooks.outbox import Outbox
from mockserver.webhooks.posting import may_see, post
from mockserver.webhooks.state import AttemptForm, DeliveryForm, SubscriptionForm, WebhooksForm, state
from mockserver.webhooks.subscriptions import Attempt, Subscription, Subscriptions, TooManySubscriptions
from mockserver.webhooks.timetable import parse_retries

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
