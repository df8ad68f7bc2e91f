"""Webhooks out: the dispatcher delivers what lies in the outboxes of all sandboxes."""

from mockserver.delivery.dispatcher import DeliveryAttempted, WebhookDispatcher
from mockserver.delivery.lifespan import run_lifespan
from mockserver.delivery.outbox_worker import Rules

__all__ = ["DeliveryAttempted", "Rules", "WebhookDispatcher", "run_lifespan"]
