"""The transactional half of delivering: deliveries are claimed in an outbox, and their outcome is recorded there."""

from collections.abc import Callable, Mapping
from pathlib import Path
from secrets import token_hex

from mockserver.delivery.message import NothingToDeliver, WebhookRequest, build_request, resolve_target
from mockserver.delivery.sender import Outcome
from mockserver.foundation.clock import real_time
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.retry_policy import RETRIES
from mockserver.provider_api.provider import Provider
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.webhooks import Delivery, DeliveryAttempt, DeliveryFaultKind, DeliveryState

_GRACE = 2.0
"""Real seconds after its time limit in which an attempt is surely written down, unless its process is gone."""
_FULL = 0.1
"""Real seconds until there may be room for more attempts."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of deliveries."""

    retries: tuple[float, ...] = RETRIES
    """Virtual seconds from each failure to the next attempt."""
    timeout: float = 10.0
    """Real seconds until an attempt has failed."""
    key_header: str = "x-api-key"
    """The header that carries a subscription's key."""
    ca: Path | None = None
    """Certificates that receivers may have, beside those of known authorities."""


class OutboxWorker:
    """Claims deliveries and records outcomes. Its methods are called inside a transaction of the sandbox."""

    def __init__(
        self, providers: Mapping[str, Provider], rules: Rules, erase: Callable[[Sandbox, int], object]
    ) -> None:
        self._providers = providers
        self._rules = rules
        self._erase = erase
        self._id = token_hex(8)
        self._claims = 0

    def take_out(self, sandbox: Sandbox, room: int, *, after: str = "") -> tuple[list[WebhookRequest], float | None]:
        """Returns at most `room` requests of attempts that begin now, and the real seconds until the next look.

        The subscriptions have their turn in the order of their ids; it begins behind `after`.
        """
        sandbox.process_due()
        requests: list[WebhookRequest] = []
        outbox, waits = sandbox.outbox, [self._until_submitted(sandbox)]
        for id in sorted(outbox.subscriptions(), key=lambda id: (id <= after, id)):
            subscription = sandbox.webhooks.get(id)
            if subscription is None:
                for delivery in outbox.of(id):
                    outbox.finish(delivery, sandbox.clock.time(), DeliveryState.DROPPED, "the subscription was deleted")
                continue
            if not subscription.active:
                continue
            if len(requests) >= room:
                waits.append(_FULL)
                break
            if request := self._next_request(sandbox, id):
                requests.append(request)
            waits.append(outbox.wait(id, sandbox.clock.time(), real_time(), running=not sandbox.clock.frozen))
        return requests, min((seconds for seconds in waits if seconds is not None), default=None)

    def _until_submitted(self, sandbox: Sandbox) -> float | None:
        """Returns the real seconds until the next pending lead is published, if there is a subscription."""
        soonest = sandbox.pending_leads.soonest() if sandbox.webhooks else None
        return None if soonest is None or sandbox.clock.frozen else max(0.0, soonest - sandbox.clock.time())

    def _next_request(self, sandbox: Sandbox, subscription: str) -> WebhookRequest | None:
        """Returns the request that is due for a subscription; deliveries that nobody can receive are finished."""
        outbox = sandbox.outbox
        while delivery := outbox.due(subscription, sandbox.clock.time(), real_time()):
            self._claims += 1
            until = real_time() + self._rules.timeout + _GRACE
            claimed = outbox.claim(delivery, f"{self._id}/{self._claims}", until)
            try:
                return self._build(sandbox, claimed)
            except NothingToDeliver as nothing:
                outbox.finish(claimed, sandbox.clock.time(), DeliveryState.DROPPED, str(nothing))
            except ValueError as broken:
                outbox.finish(claimed, sandbox.clock.time(), DeliveryState.GIVEN_UP, str(broken))
        return None

    def _build(self, sandbox: Sandbox, delivery: Delivery) -> WebhookRequest:
        subscription, enquiry = resolve_target(sandbox, delivery)
        if DeliveryFaultKind.ERASED in delivery.faults and delivery.attempts == 1:
            self._erase(sandbox, enquiry.seeker)
            subscription, enquiry = resolve_target(sandbox, delivery)
        provider = self._providers[subscription.provider]
        return build_request(sandbox, provider, subscription, enquiry, delivery, self._rules.key_header)

    def record_outcome(self, sandbox: Sandbox, request: WebhookRequest, outcome: Outcome) -> Delivery | None:
        """Records the outcome in outbox and audit; returns the delivery, or None when it is no longer claimed."""
        outbox, now = sandbox.outbox, sandbox.clock.time()
        if outcome.reason is None:
            after = outbox.succeed(request.delivery, now)
        else:
            # Retries count from the beginning of the attempt: the time that the receiver took does not move them.
            after = outbox.fail(request.delivery, request.at, outcome.reason, self._rules.retries)
        if after is None:
            return None
        attempt = DeliveryAttempt(
            at=int(request.at),
            lead=request.lead,
            turn=request.delivery.attempts,
            succeeded=outcome.reason is None,
            status=outcome.status,
            reason=outcome.reason,
        )
        sandbox.webhooks.record(after.subscription, attempt)
        return after
