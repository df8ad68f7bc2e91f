"""The subscriptions of one sandbox, and for each the newest attempts to deliver to it."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from string import ascii_letters, digits
from typing import Any

from pydantic import Field

from mockserver.domain import Frozen
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.stateful import Keep

MAX_SUBSCRIPTIONS = 50
"""Subscriptions of a sandbox, all its clients together."""
MAX_ATTEMPTS = 1_000
"""Attempts of a subscription that are kept; older ones go."""
_ALPHABET = digits + ascii_letters
_LENGTH = 21
"""Characters of an id: as long as the published one, which looks like a nanoid."""


class TooManySubscriptions(ValueError):
    """A sandbox has as many as it may have; the message is one sentence."""


class Subscription(Frozen):
    """Where a client of a provider wants new leads sent, and the key that goes along."""

    id: str
    number: int
    """In the order in which they were made."""
    provider: str
    user: str
    """The account that made it; nobody else sees it."""
    url: str
    api_key: str | None = Field(default=None, repr=False)
    active: bool = True
    created_at: Epoch
    updated_at: Epoch


class DeliveryAttempt(Frozen):
    """One try to deliver one lead."""

    at: Epoch
    lead: str
    """What the provider calls the lead."""
    turn: int = 1
    """Which try of this lead it was, from 1."""
    succeeded: bool
    status: int | None = None
    """What the receiver answered; None when nothing came."""
    reason: str | None = None
    """Why it failed, in a few words."""


class Subscriptions:
    """See the module. A `StatefulComponent`."""

    def __init__(self, salt: str) -> None:
        """`salt` tells the ids of one sandbox from those of others."""
        self.keep: Keep | None = None
        self.refuse: Callable[[str], str | None] = lambda url: None
        """Why nothing may be sent to an address, in one sentence; set by whoever delivers."""
        self.listeners: set[Callable[[], None]] = set()
        """Called after every change of a subscription."""
        self._salt = salt
        self.reset()

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, provider: str, user: str, url: str, api_key: str | None, active: bool, now: Epoch) -> Subscription:
        """A new one. Raises TooManySubscriptions."""
        if len(self._kept) >= MAX_SUBSCRIPTIONS:
            raise TooManySubscriptions(
                f"There are {MAX_SUBSCRIPTIONS} subscriptions, the most of a sandbox; delete one first."
            )
        self._made += 1
        made = Subscription(
            id=self._new_id(),
            number=self._made,
            provider=provider,
            user=user,
            url=url,
            api_key=api_key,
            active=active,
            created_at=now,
            updated_at=now,
        )
        if self.keep:
            self.keep("made", self._made)
        return self._put(made)

    def get(self, id: str) -> Subscription | None:
        """The one of that id, whoever made it."""
        return self._kept.get(id)

    def list(self, provider: str | None = None, user: str | None = None) -> Sequence[Subscription]:
        """All, or those of a provider, or of one account; the oldest first."""
        wanted = (
            kept for kept in self._kept.values() if provider in (None, kept.provider) and user in (None, kept.user)
        )
        return sorted(wanted, key=lambda kept: kept.number)

    def update(self, id: str, now: Epoch, **changes: Any) -> Subscription:
        """With `api_key` or `active` changed. Raises KeyError when there is none of that id."""
        return self._put(self._kept[id].model_copy(update={**changes, "updated_at": now}))

    def remove(self, id: str) -> Subscription | None:
        """Takes it away with its attempts; what it was."""
        gone = self._kept.pop(id, None)
        attempts, succeeded = self._attempts.pop(id, {}), self._successes.pop(id, None)
        if self.keep and gone:
            self.keep(f"subscription/{id}", None)
            for number in attempts:
                self.keep(f"attempt/{id}/{number}", None)
            if succeeded is not None:
                self.keep(f"success/{id}", None)
        self._tell()
        return gone

    def attempts(self, id: str) -> Sequence[DeliveryAttempt]:
        """The attempts of a subscription that are kept, the newest first."""
        return [attempt for _, attempt in sorted(self._attempts.get(id, {}).items(), reverse=True)]

    def last_success(self, id: str) -> Epoch | None:
        """When a lead last got through, however long ago."""
        return self._successes.get(id)

    def record(self, id: str, attempt: DeliveryAttempt) -> None:
        """One more attempt. Nothing happens when the subscription is gone."""
        if id not in self._kept:
            return
        attempts = self._attempts.setdefault(id, {})
        number = max(attempts, default=0) + 1
        attempts[number] = attempt
        if self.keep:
            self.keep(f"attempt/{id}/{number}", attempt.model_dump(mode="json"))
        if len(attempts) > MAX_ATTEMPTS:
            self._drop(id, min(attempts))
        if attempt.succeeded:
            self._successes[id] = max(attempt.at, self._successes.get(id, 0))
            if self.keep:
                self.keep(f"success/{id}", self._successes[id])

    def dump(self) -> Mapping[str, Any]:
        """`made`, `subscription/id`, `attempt/id/number`, and the moment of `success/id`."""
        records: dict[str, Any] = {"made": self._made} if self._made else {}
        records.update({f"subscription/{id}": kept.model_dump(mode="json") for id, kept in self._kept.items()})
        for id, attempts in self._attempts.items():
            records.update(
                {f"attempt/{id}/{number}": each.model_dump(mode="json") for number, each in attempts.items()}
            )
        records.update({f"success/{id}": moment for id, moment in self._successes.items()})
        return records

    def load(self, key: str, value: Any | None) -> None:
        """See `StatefulComponent.load`."""
        kind, _, rest = key.partition("/")
        if kind == "made":
            self._made = value or 0
        elif kind == "attempt":
            id, _, number = rest.partition("/")
            self._attempts.setdefault(id, {}).pop(int(number), None)
            if value is not None:
                self._attempts[id][int(number)] = DeliveryAttempt.model_validate(value)
        elif kind == "success":
            self._successes.pop(rest, None)
            if value is not None:
                self._successes[rest] = value
        elif value is None:
            self._kept.pop(rest, None)
        else:
            self._kept[rest] = Subscription.model_validate(value)

    def reset(self) -> None:
        """Back to none at all."""
        self._made = 0
        self._kept: dict[str, Subscription] = {}
        self._attempts: dict[str, dict[int, DeliveryAttempt]] = {}
        self._successes: dict[str, Epoch] = {}

    def _put(self, subscription: Subscription) -> Subscription:
        self._kept[subscription.id] = subscription
        if self.keep:
            self.keep(f"subscription/{subscription.id}", subscription.model_dump(mode="json"))
        self._tell()
        return subscription

    def _tell(self) -> None:
        for listener in list(self.listeners):
            listener()

    def _drop(self, id: str, number: int) -> None:
        del self._attempts[id][number]
        if self.keep:
            self.keep(f"attempt/{id}/{number}", None)

    def _new_id(self) -> str:
        number = int.from_bytes(blake2b(f"{self._salt}/{self._made}".encode(), digest_size=32).digest())
        text = ""
        for _ in range(_LENGTH):
            number, place = divmod(number, len(_ALPHABET))
            text += _ALPHABET[place]
        return text
