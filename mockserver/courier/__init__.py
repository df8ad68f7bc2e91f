"""The courier: takes what is in the outboxes of all sandboxes to where it is to go."""

from mockserver.courier.clerk import Rules
from mockserver.courier.courier import Courier, Told
from mockserver.courier.lifespan import live

__all__ = ["Courier", "Rules", "Told", "live"]
