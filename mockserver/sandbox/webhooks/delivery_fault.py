"""A delivery fault as it is asked for: checked, and for sense."""

from pydantic import Field, model_validator

from mockserver.foundation.models import Given
from mockserver.sandbox.webhooks.delivery import DeliveryFaultKind

_SECONDS = {DeliveryFaultKind.REORDER: 60.0, DeliveryFaultKind.DELAY: 60.0}


class DeliveryFault(Given):
    """A fault that hits deliveries when they are made, each delivery of a lead to a subscription once."""

    kind: DeliveryFaultKind
    subscription: str | None = Field(default=None, min_length=1, max_length=100)
    """Matches only deliveries to that one."""
    provider: str | None = Field(default=None, min_length=1, max_length=100)
    """Matches only deliveries to subscriptions of that provider."""
    after: int = Field(default=0, ge=0, le=1_000_000)
    """The number of deliveries that it lets pass first."""
    times: int | None = Field(default=1, ge=1, le=1_000_000)
    """The number of deliveries that it hits; None is all until it is removed."""
    seconds: float | None = Field(default=None, gt=0, le=30 * 86_400)
    """Of `delay`: the delay on the virtual clock. Of `reorder`: the longest wait for another delivery. Default: 60."""
    copies: int = Field(default=2, ge=2, le=10)
    """Of `duplicate`: the number of times that the lead is sent in all."""

    @model_validator(mode="after")
    def _fits(self) -> "DeliveryFault":
        if self.seconds is not None and self.kind not in _SECONDS:
            raise ValueError(f"`seconds` is for delay and reorder; {self.kind} has none")
        if self.copies != 2 and self.kind is not DeliveryFaultKind.DUPLICATE:
            raise ValueError(f"`copies` is for duplicate; {self.kind} has none")
        return self

    @property
    def wait(self) -> float:
        """Returns the seconds until the delivery is due."""
        return self.seconds or _SECONDS.get(self.kind, 0.0)
