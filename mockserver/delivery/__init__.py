"""Webhooks out: the dispatcher delivers what lies in the outboxes of all sandboxes."""

from typing import TYPE_CHECKING

from mockserver.foundation.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from mockserver.delivery.dispatcher import DeliveryAttempted, WebhookDispatcher
    from mockserver.delivery.lifespan import run_lifespan
    from mockserver.delivery.outbox_worker import Rules

__all__ = ["DeliveryAttempted", "Rules", "WebhookDispatcher", "run_lifespan"]

_MODULES = {
    "DeliveryAttempted": "dispatcher",
    "Rules": "outbox_worker",
    "WebhookDispatcher": "dispatcher",
    "run_lifespan": "lifespan",
}

__getattr__ = lazy_exports(__name__, _MODULES)
