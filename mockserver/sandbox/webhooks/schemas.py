"""Subscriptions and deliveries as the admin API shows them."""

from collections.abc import Sequence

from mockserver.foundation.clock import iso
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.models import FrozenModel
from mockserver.foundation.records import as_json
from mockserver.sandbox.webhooks.delivery import Delivery, DeliveryFaultKind, DeliveryState
from mockserver.sandbox.webhooks.outbox import Outbox
from mockserver.sandbox.webhooks.subscriptions import DeliveryAttempt, Subscription, Subscriptions

MAX_ATTEMPTS = 20
"""The number of attempts that are shown of each subscription."""


class AttemptSchema(FrozenModel):
    """An attempt to deliver one lead."""

    at: str
    """ISO 8601, as are all moments here; on the virtual clock."""
    lead: str
    """The provider's id of the lead."""
    turn: int
    succeeded: bool
    status: int | None
    reason: str | None


class SubscriptionSchema(FrozenModel):
    """A subscription and its newest attempts; its key is never shown."""

    id: str
    provider: str
    user: str
    url: str
    active: bool
    created_at: str
    updated_at: str
    last_success: str | None
    pending: int
    """The number of pending deliveries."""
    attempts: tuple[AttemptSchema, ...]
    """The newest, newest first."""


class DeliverySchema(FrozenModel):
    """A delivery of one lead to one subscription."""

    number: int
    subscription: str
    lead: int
    """The neutral id of the lead."""
    state: DeliveryState
    made_at: str
    turns: int
    next_at: str | None
    """When it is next due; None when it is over, or an attempt is under way."""
    finished_at: str | None
    reason: str | None
    faults: tuple[DeliveryFaultKind, ...]
    """What goes wrong with it on purpose."""


class WebhooksSchema(FrozenModel):
    """The webhooks of a sandbox, each list the oldest first."""

    subscriptions: tuple[SubscriptionSchema, ...]
    deliveries: tuple[DeliverySchema, ...]
    """All that are pending, and the newest of those that are over."""
    counts: dict[DeliveryState, int]


def state(subscriptions: Subscriptions, outbox: Outbox) -> WebhooksSchema:
    """Returns the subscriptions and deliveries of a sandbox."""
    waiting = [delivery.subscription for delivery in outbox.list() if delivery.state is DeliveryState.PENDING]
    return WebhooksSchema(
        subscriptions=tuple(_subscription(one, subscriptions, waiting.count(one.id)) for one in subscriptions.list()),
        deliveries=tuple(_delivery(delivery) for delivery in outbox.list()),
        counts={state: outbox.count(state) for state in DeliveryState},
    )


def _subscription(subscription: Subscription, subscriptions: Subscriptions, pending: int) -> SubscriptionSchema:
    return SubscriptionSchema(
        id=subscription.id,
        provider=subscription.provider,
        user=subscription.user,
        url=subscription.url,
        active=subscription.active,
        created_at=iso(subscription.created_at),
        updated_at=iso(subscription.updated_at),
        last_success=_moment(subscriptions.last_success(subscription.id)),
        pending=pending,
        attempts=_attempts(subscriptions.attempts(subscription.id)[:MAX_ATTEMPTS]),
    )


def _attempts(attempts: Sequence[DeliveryAttempt]) -> tuple[AttemptSchema, ...]:
    return tuple(AttemptSchema(**{**as_json(attempt), "at": iso(attempt.at)}) for attempt in attempts)


def _delivery(delivery: Delivery) -> DeliverySchema:
    waits = delivery.state is DeliveryState.PENDING and delivery.claim is None
    return DeliverySchema(
        number=delivery.number,
        subscription=delivery.subscription,
        lead=delivery.enquiry,
        state=delivery.state,
        made_at=iso(delivery.made_at),
        turns=delivery.attempts,
        next_at=iso(delivery.next_at) if waits else None,
        finished_at=_moment(delivery.finished_at),
        reason=delivery.reason,
        faults=delivery.faults,
    )


def _moment(moment: Epoch | float | None) -> str | None:
    return None if moment is None else iso(moment)
