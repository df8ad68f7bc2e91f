"""The outbox: deliveries that are pending, and the newest that are over, so that no accepted lead is lost."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from typing import Any

from mockserver.foundation.records import RecordCounter, RecordFormat, RecordTable
from mockserver.foundation.stateful import RecordedComponent
from mockserver.foundation.weak_methods import weakly
from mockserver.sandbox.webhooks.delivery import Delivery, DeliveryFaultKind, DeliveryState

MAX_PENDING = 10_000
"""The number of deliveries of a sandbox that may be pending. One more is given up at once, and shows it."""
MAX_FINISHED = 500
"""The number of deliveries that are over and can still be looked at."""
_MADE: RecordFormat[None, int] = RecordFormat("made")
_PENDING: RecordFormat[int, Delivery] = RecordFormat(
    "pending/", key=int, encode=Delivery.as_record, decode=Delivery.from_record
)
_FINISHED: RecordFormat[int, Delivery] = RecordFormat(
    "finished/", key=int, encode=Delivery.as_record, decode=Delivery.from_record
)
_COUNT: RecordFormat[DeliveryState, int] = RecordFormat("count/", key=DeliveryState)


class Outbox(RecordedComponent):
    """The deliveries of one sandbox; each subscription has at most one delivery claimed at a time.

    It is a `StatefulComponent` with the records `made`, the number of deliveries so far, `pending/number`,
    `finished/number`, and `count/state`, the number of deliveries that ever ended in that state.
    """

    def __init__(self) -> None:
        self.listeners: set[Callable[[], None]] = set()
        """Functions that are called when there may be something to do."""
        self._made = RecordCounter(_MADE, 0)
        self._pending = RecordTable(_PENDING, applied=weakly(self._index))
        self._finished = RecordTable(_FINISHED)
        self._counts = RecordTable(_COUNT)
        self._queues: dict[str, list[tuple[float, int]]] = {}
        """By subscription, the due moments of its deliveries as a heap; entries that are out of date are skipped."""
        self._claims: set[int] = set()
        self._reordered: set[int] = set()
        super().__init__(self._made, self._pending, self._finished, self._counts)

    def __len__(self) -> int:
        """Returns the number of pending deliveries."""
        return len(self._pending)

    def add(
        self,
        subscription: str,
        enquiry: int,
        now: float,
        *,
        faults: Sequence[DeliveryFaultKind] = (),
        wait: float = 0.0,
    ) -> Delivery:
        """Adds a delivery that is due after `wait` seconds. It is given up at once when too many are pending."""
        delivery = Delivery(
            number=self._made.count(),
            subscription=subscription,
            enquiry=enquiry,
            made_at=now,
            next_at=now + wait,
            faults=tuple(faults),
            reordered=DeliveryFaultKind.REORDER in faults,
        )
        if len(self._pending) >= MAX_PENDING:
            reason = f"{MAX_PENDING} deliveries wait, the most of a sandbox"
            return self.finish(delivery, now, DeliveryState.GIVEN_UP, reason)
        self._put(delivery)
        self._wake()
        return delivery

    def get(self, number: int) -> Delivery | None:
        """Returns the delivery of that number; None when it has long been over."""
        return self._pending.get(number) or self._finished.get(number)

    def list(self) -> Sequence[Delivery]:
        """Returns all stored deliveries, the oldest first."""
        return [delivery for _, delivery in sorted({**self._finished, **self._pending}.items())]

    def count(self, state: DeliveryState) -> int:
        """Returns the number of deliveries that ever ended in that state; of PENDING, those that are pending."""
        return len(self._pending) if state is DeliveryState.PENDING else self._counts.get(state, 0)

    def of(self, subscription: str) -> Sequence[Delivery]:
        """Returns the pending deliveries of a subscription, in no order."""
        return [delivery for delivery in self._pending.values() if delivery.subscription == subscription]

    def subscriptions(self) -> Collection[str]:
        """Returns the subscriptions with pending deliveries."""
        return {subscription for subscription in list(self._queues) if self._first(subscription)}

    def due(self, subscription: str, now: float, real: float) -> Delivery | None:
        """Returns the delivery of a subscription to attempt now; None while one is under way, or none is due."""
        if any(claimed.claimed_until > real for claimed in self._claimed(subscription)):
            return None
        first = self._first(subscription)
        return first if first and first.next_at <= now else None

    def wait(self, subscription: str, now: float, real: float, *, running: bool) -> float | None:
        """Returns the real seconds until there may be something to do; None when only a change can bring that about.

        `running` is whether the virtual clock runs.
        """
        claims = [claimed.claimed_until - real for claimed in self._claimed(subscription)]
        if any(seconds > 0 for seconds in claims):
            return max(claims)
        first = self._first(subscription)
        if first is None or (first.next_at > now and not running):
            return None
        return max(0.0, first.next_at - now)

    def claim(self, delivery: Delivery, claim: str, until: float) -> Delivery:
        """Begins an attempt. At `until`, in real seconds, it is over for certain."""
        attempts = delivery.attempts + 1
        return self._put(replace(delivery, claim=claim, claimed_until=until, attempts=attempts))

    def release(self, delivery: Delivery) -> None:
        """Takes a claim back: the attempt was not made after all."""
        claimed = self._still_claimed(delivery)
        if claimed:
            attempts = claimed.attempts - 1
            self._put(replace(claimed, claim=None, claimed_until=0.0, attempts=attempts))
            self._wake()

    def fail(self, delivery: Delivery, now: float, reason: str, retries: Sequence[float]) -> Delivery | None:
        """Ends an attempt that failed, and plans the next one or gives up. None when the claim was lost meanwhile."""
        claimed = self._still_claimed(delivery)
        if claimed is None:
            return None
        self._let_pass(claimed, now)
        if claimed.attempts > len(retries):
            return self.finish(claimed, now, DeliveryState.GIVEN_UP, reason)
        again = replace(claimed, next_at=now + retries[claimed.attempts - 1], reordered=False, reason=reason)
        return self._put(replace(again, claim=None, claimed_until=0.0))

    def succeed(self, delivery: Delivery, now: float) -> Delivery | None:
        """Ends an attempt that succeeded. None when the claim was lost meanwhile."""
        claimed = self._still_claimed(delivery)
        if claimed is None:
            return None
        self._let_pass(claimed, now)
        return self.finish(claimed, now, DeliveryState.DELIVERED, None)

    def finish(self, delivery: Delivery, now: float, state: DeliveryState, reason: str | None) -> Delivery:
        """Ends a delivery, for better or worse."""
        finished = replace(delivery, state=state, finished_at=now, reason=reason, claim=None, claimed_until=0.0)
        self._pending.pop(delivery.number, None)
        self._finished[finished.number] = finished
        self._counts[state] = self._counts.get(state, 0) + 1
        while len(self._finished) > MAX_FINISHED:
            del self._finished[min(self._finished)]
        return finished

    def load(self, key: str, value: Any | None) -> None:
        """Implements `StatefulComponent.load`, and tells the listeners of pending deliveries."""
        super().load(key, value)
        if value is not None and key.startswith(_PENDING.prefix):
            self._wake()

    def reset(self) -> None:
        """Removes all deliveries."""
        super().reset()
        self._queues.clear()
        self._claims.clear()
        self._reordered.clear()

    def _still_claimed(self, delivery: Delivery) -> Delivery | None:
        """Returns the delivery as it is now, unless the claim that began the attempt was lost."""
        pending = self._pending.get(delivery.number)
        return pending if pending and pending.claim == delivery.claim else None

    def _let_pass(self, delivery: Delivery, now: float) -> None:
        """Makes the reordered deliveries due that wait for this one to go first."""
        for number in sorted(self._reordered):
            other = self._pending.get(number)
            if other is None or not other.reordered:
                self._reordered.discard(number)
            elif other.subscription == delivery.subscription and number < delivery.number:
                self._put(replace(other, reordered=False, next_at=now))

    def _put(self, delivery: Delivery) -> Delivery:
        self._pending[delivery.number] = delivery
        return delivery

    def _index(self, number: int, old: Delivery | None, new: Delivery | None) -> None:
        if new is None:
            return
        heappush(self._queues.setdefault(new.subscription, []), (new.next_at, number))
        if new.claim is not None:
            self._claims.add(number)
        if new.reordered:
            self._reordered.add(number)

    def _first(self, subscription: str) -> Delivery | None:
        """Returns the pending delivery that is due first; one whose claim is over is pending again."""
        queue = self._queues.get(subscription, [])
        while queue:
            next_at, number = queue[0]
            delivery = self._pending.get(number)
            if delivery and delivery.next_at == next_at:
                return delivery
            heappop(queue)
        self._queues.pop(subscription, None)
        return None

    def _claimed(self, subscription: str) -> Iterator[Delivery]:
        for number in list(self._claims):
            delivery = self._pending.get(number)
            if delivery is None or delivery.claim is None:
                self._claims.discard(number)
            elif delivery.subscription == subscription:
                yield delivery

    def _wake(self) -> None:
        for listener in list(self.listeners):
            listener()
