"""What is still to be delivered, and the newest of what was: the reason why nothing that was accepted is lost."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from mockserver.foundation.stateful import Keep
from mockserver.sandbox.webhooks.delivery import Delivery, DeliveryFaultKind, DeliveryState

MAX_PENDING = 10_000
"""Deliveries of a sandbox that wait. One more is given up at once, and shows it."""
MAX_FINISHED = 500
"""Deliveries that are over and can still be looked at."""
PENDING, FINISHED = "pending/", "finished/"
"""How the keys of records begin."""


class Outbox:
    """See the module. A `StatefulComponent`. Each subscription has at most one delivery claimed at a time."""

    def __init__(self) -> None:
        self.keep: Keep | None = None
        self.listeners: set[Callable[[], None]] = set()
        """Called when there may be something to do."""
        self.reset()

    def __len__(self) -> int:
        """How many are pending."""
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
        """One more, due after `wait` seconds. It is given up on the spot when too many wait already."""
        self._made += 1
        made = Delivery(
            number=self._made,
            subscription=subscription,
            enquiry=enquiry,
            made_at=now,
            next_at=now + wait,
            faults=tuple(faults),
            reordered=DeliveryFaultKind.REORDER in faults,
        )
        if self.keep:
            self.keep("made", self._made)
        if len(self._pending) >= MAX_PENDING:
            return self.finish(
                made, now, DeliveryState.GIVEN_UP, f"{MAX_PENDING} deliveries wait, the most of a sandbox"
            )
        self._put(made)
        self._tell()
        return made

    def get(self, number: int) -> Delivery | None:
        """The one of that number, unless it is long over."""
        return self._pending.get(number) or self._finished.get(number)

    def list(self) -> Sequence[Delivery]:
        """Those that are kept, the oldest first."""
        return [kept for _, kept in sorted({**self._finished, **self._pending}.items())]

    def count(self, state: DeliveryState) -> int:
        """How many there have been; of those that wait, how many there are."""
        return len(self._pending) if state is DeliveryState.PENDING else self._counts.get(state, 0)

    def of(self, subscription: str) -> Sequence[Delivery]:
        """The pending ones of a subscription, in no order."""
        return [kept for kept in self._pending.values() if kept.subscription == subscription]

    def subscriptions(self) -> Collection[str]:
        """Those that have anything pending."""
        return {kept for kept in list(self._queues) if self._first(kept)}

    def due(self, subscription: str, now: float, real: float) -> Delivery | None:
        """The delivery of a subscription to attempt now; None while one is under way, or none is due."""
        if any(claimed.claimed_until > real for claimed in self._claimed(subscription)):
            return None
        first = self._first(subscription)
        return first if first and first.next_at <= now else None

    def wait(self, subscription: str, now: float, real: float, *, running: bool) -> float | None:
        """Real seconds until there may be something to do; None when only a change can bring that about.

        `running` is whether the virtual clock runs.
        """
        held = [claimed.claimed_until - real for claimed in self._claimed(subscription)]
        if any(seconds > 0 for seconds in held):
            return max(held)
        first = self._first(subscription)
        if first is None or (first.next_at > now and not running):
            return None
        return max(0.0, first.next_at - now)

    def claim(self, delivery: Delivery, claim: str, until: float) -> Delivery:
        """Begins an attempt. `until` is when, in real seconds, it is over for certain."""
        return self._put(
            delivery.model_copy(update={"claim": claim, "claimed_until": until, "attempts": delivery.attempts + 1})
        )

    def release(self, delivery: Delivery) -> None:
        """The attempt was not made after all."""
        kept = self._mine(delivery)
        if kept:
            self._put(kept.model_copy(update={"claim": None, "claimed_until": 0.0, "attempts": kept.attempts - 1}))
            self._tell()

    def fail(self, delivery: Delivery, now: float, reason: str, retries: Sequence[float]) -> Delivery | None:
        """The attempt failed: there is another, or there is none. None when the claim was lost meanwhile."""
        kept = self._mine(delivery)
        if kept is None:
            return None
        self._let_pass(kept, now)
        if kept.attempts > len(retries):
            return self.finish(kept, now, DeliveryState.GIVEN_UP, reason)
        again = {"next_at": now + retries[kept.attempts - 1], "reordered": False, "reason": reason}
        return self._put(kept.model_copy(update={**again, "claim": None, "claimed_until": 0.0}))

    def succeed(self, delivery: Delivery, now: float) -> Delivery | None:
        """The attempt succeeded. None when the claim was lost meanwhile."""
        kept = self._mine(delivery)
        if kept is None:
            return None
        self._let_pass(kept, now)
        return self.finish(kept, now, DeliveryState.DELIVERED, None)

    def finish(self, delivery: Delivery, now: float, state: DeliveryState, reason: str | None) -> Delivery:
        """It is over, for better or worse."""
        over = {"state": state, "finished_at": now, "reason": reason, "claim": None, "claimed_until": 0.0}
        done = self._finished[delivery.number] = delivery.model_copy(update=over)
        was_pending = self._pending.pop(delivery.number, None) is not None
        self._counts[state] = self._counts.get(state, 0) + 1
        if self.keep:
            if was_pending:
                self.keep(f"{PENDING}{done.number}", None)
            self.keep(f"{FINISHED}{done.number}", done.model_dump(mode="json"))
            self.keep(f"count/{state}", self._counts[state])
        self._trim()
        return done

    def dump(self) -> Mapping[str, Any]:
        """`made`, `pending/number`, `finished/number`, and how many were ever over by `count/state`."""
        records: dict[str, Any] = {"made": self._made} if self._made else {}
        for start, kept in ((PENDING, self._pending), (FINISHED, self._finished)):
            records.update({f"{start}{number}": each.model_dump(mode="json") for number, each in kept.items()})
        records.update({f"count/{state}": count for state, count in self._counts.items()})
        return records

    def load(self, key: str, value: Any | None) -> None:
        """See `StatefulComponent.load`."""
        kind, _, name = key.partition("/")
        if kind == "made":
            self._made = value or 0
        elif kind == "count":
            self._counts[DeliveryState(name)] = value or 0
        elif kind == "finished":
            self._finished.pop(int(name), None)
            if value is not None:
                self._finished[int(name)] = Delivery.model_validate(value)
        else:
            self._pending.pop(int(name), None)
            if value is not None:
                self._take(Delivery.model_validate(value))
                self._tell()

    def reset(self) -> None:
        """Back to none at all."""
        self._made = 0
        self._pending: dict[int, Delivery] = {}
        self._finished: dict[int, Delivery] = {}
        self._counts: dict[DeliveryState, int] = {}
        self._queues: dict[str, list[tuple[float, int]]] = {}
        """By subscription, when which number is due, the soonest first. Entries that no longer hold are passed over."""
        self._claims: set[int] = set()
        self._reordered: set[int] = set()

    def _mine(self, delivery: Delivery) -> Delivery | None:
        kept = self._pending.get(delivery.number)
        return kept if kept and kept.claim == delivery.claim else None

    def _let_pass(self, delivery: Delivery, now: float) -> None:
        """Those that wait for this one to go first have waited long enough."""
        for number in sorted(self._reordered):
            other = self._pending.get(number)
            if other is None or not other.reordered:
                self._reordered.discard(number)
            elif other.subscription == delivery.subscription and number < delivery.number:
                self._put(other.model_copy(update={"reordered": False, "next_at": now}))

    def _put(self, delivery: Delivery) -> Delivery:
        self._take(delivery)
        if self.keep:
            self.keep(f"{PENDING}{delivery.number}", delivery.model_dump(mode="json"))
        return delivery

    def _take(self, delivery: Delivery) -> None:
        self._pending[delivery.number] = delivery
        heappush(self._queues.setdefault(delivery.subscription, []), (delivery.next_at, delivery.number))
        if delivery.claim is not None:
            self._claims.add(delivery.number)
        if delivery.reordered:
            self._reordered.add(delivery.number)

    def _first(self, subscription: str) -> Delivery | None:
        """The pending one that is due first; those that were claimed, and whose claim is over, are pending again."""
        queue = self._queues.get(subscription, [])
        while queue:
            next_at, number = queue[0]
            kept = self._pending.get(number)
            if kept and kept.next_at == next_at:
                return kept
            heappop(queue)
        self._queues.pop(subscription, None)
        return None

    def _claimed(self, subscription: str) -> Iterator[Delivery]:
        for number in list(self._claims):
            kept = self._pending.get(number)
            if kept is None or kept.claim is None:
                self._claims.discard(number)
            elif kept.subscription == subscription:
                yield kept

    def _trim(self) -> None:
        while len(self._finished) > MAX_FINISHED:
            oldest = min(self._finished)
            del self._finished[oldest]
            if self.keep:
                self.keep(f"{FINISHED}{oldest}", None)

    def _tell(self) -> None:
        for listener in list(self.listeners):
            listener()
