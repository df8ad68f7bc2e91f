"""The courier: takes what is in the outboxes of all sandboxes to where it is to go."""

from mockserver.delivery.dispatcher import Courier, Told
from mockserver.delivery.lifespan import live
from mockserver.delivery.outbox_worker import Rules

__all__ = ["Courier", "Rules", "Told", "live"]
