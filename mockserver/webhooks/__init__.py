"""Webhooks: who wants to be told of new leads, and what became of each attempt to tell them."""

from mockserver.webhooks.subscriptions import Attempt, Subscription, Subscriptions, TooManySubscriptions

__all__ = ["Attempt", "Subscription", "Subscriptions", "TooManySubscriptions"]
