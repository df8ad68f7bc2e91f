"""Subscriptions: the clients that want webhooks of new leads, and the newest attempts to deliver to each."""

from collections.abc import Callable, Sequence
from dataclasses import field, replace
from hashlib import blake2b
from string import ascii_letters, digits
from typing import Any

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.records import RecordCounter, RecordFormat, RecordTable, as_json, json_reader
from mockserver.foundation.stateful import RecordedComponent
from mockserver.foundation.weak_methods import weakly

MAX_SUBSCRIPTIONS = 50
"""The limit of a sandbox, all its clients together."""
MAX_ATTEMPTS = 1_000
"""The number of attempts that are stored for a subscription; older ones are dropped."""
_ALPHABET = digits + ascii_letters
_LENGTH = 21
"""Characters of an id: as long as the published one, which looks like a nanoid."""


class TooManySubscriptions(ValueError):
    """A sandbox has as many as it may have; the message is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A client of a provider wants new leads sent to a URL, together with a key."""

    id: str
    number: int
    """Numbers follow the order in which subscriptions were made."""
    provider: str
    user: str
    """The account that made it; no other account sees it."""
    url: str
    api_key: str | None = field(default=None, repr=False)
    active: bool = True
    created_at: Epoch
    updated_at: Epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAttempt:
    """An attempt to deliver one lead."""

    at: Epoch
    lead: str
    """The provider's id of the lead."""
    turn: int = 1
    """The number of the attempt for this lead, from 1."""
    succeeded: bool
    status: int | None = None
    """The status that the receiver answered; None without an answer."""
    reason: str | None = None
    """The reason of a failure, in a few words."""


def _attempt_name(key: tuple[str, int]) -> str:
    return f"{key[0]}/{key[1]}"


def _attempt_key(name: str) -> tuple[str, int]:
    id, _, number = name.partition("/")
    return id, int(number)


_MADE: RecordFormat[None, int] = RecordFormat("made")
_SUBSCRIPTION: RecordFormat[str, Subscription] = RecordFormat(
    "subscription/", encode=as_json, decode=json_reader(Subscription)
)
_ATTEMPT: RecordFormat[tuple[str, int], DeliveryAttempt] = RecordFormat(
    "attempt/", key=_attempt_key, name=_attempt_name, encode=as_json, decode=json_reader(DeliveryAttempt)
)
_SUCCESS: RecordFormat[str, Epoch] = RecordFormat("success/")


def _allow_all(url: str) -> str | None:
    return None


class Subscriptions(RecordedComponent):
    """The subscriptions of one sandbox, each with the newest attempts to deliver to it.

    They are a `StatefulComponent` with the records `made`, the number of subscriptions so far, `subscription/id`,
    `attempt/id/number`, and `success/id`, the moment of the newest success.
    """

    def __init__(self, salt: str, refuse: Callable[[str], str | None] = _allow_all) -> None:
        """`salt` tells the ids of one sandbox from those of others."""
        self.refuse = refuse
        """Returns why nothing may be sent to a URL, in one sentence; None when it may."""
        self.listeners: set[Callable[[], None]] = set()
        """Functions that are called after every change of a subscription."""
        self._salt = salt
        self._made = RecordCounter(_MADE, 0)
        self._subscriptions = RecordTable(_SUBSCRIPTION)
        self._attempts = RecordTable(_ATTEMPT, applied=weakly(self._index_attempt))
        self._attempts_of: dict[str, dict[int, DeliveryAttempt]] = {}
        """The same attempts by subscription and number."""
        self._successes = RecordTable(_SUCCESS)
        super().__init__(self._made, self._subscriptions, self._attempts, self._successes)

    def __len__(self) -> int:
        return len(self._subscriptions)

    def add(self, provider: str, user: str, url: str, api_key: str | None, active: bool, now: Epoch) -> Subscription:
        """Adds a new subscription. Raises TooManySubscriptions."""
        if len(self._subscriptions) >= MAX_SUBSCRIPTIONS:
            raise TooManySubscriptions(
                f"There are {MAX_SUBSCRIPTIONS} subscriptions, the most of a sandbox; delete one first."
            )
        number = self._made.count()
        subscription = Subscription(
            id=self._id(number),
            number=number,
            provider=provider,
            user=user,
            url=url,
            api_key=api_key,
            active=active,
            created_at=now,
            updated_at=now,
        )
        return self._put(subscription)

    def get(self, id: str) -> Subscription | None:
        """Returns the subscription of that id, of whatever account."""
        return self._subscriptions.get(id)

    def list(self, provider: str | None = None, user: str | None = None) -> Sequence[Subscription]:
        """Returns all subscriptions, or those of a provider, or of one account; the oldest first."""
        matches = (
            subscription
            for subscription in self._subscriptions.values()
            if provider in (None, subscription.provider) and user in (None, subscription.user)
        )
        return sorted(matches, key=lambda subscription: subscription.number)

    def update(self, id: str, now: Epoch, **changes: Any) -> Subscription:
        """Changes `api_key` or `active`. Raises KeyError when there is none of that id."""
        return self._put(replace(self._subscriptions[id], **changes, updated_at=now))

    def remove(self, id: str) -> Subscription | None:
        """Removes a subscription with its attempts, and returns it; None when there is none of that id."""
        removed: Subscription | None = self._subscriptions.pop(id, None)
        for number in list(self._attempts_of.get(id, ())):
            del self._attempts[id, number]
        self._successes.pop(id, None)
        self._wake()
        return removed

    def attempts(self, id: str) -> Sequence[DeliveryAttempt]:
        """Returns the stored attempts of a subscription, the newest first."""
        return [attempt for _, attempt in sorted(self._attempts_of.get(id, {}).items(), reverse=True)]

    def last_success(self, id: str) -> Epoch | None:
        """Returns the moment when a lead last got through, however long ago."""
        return self._successes.get(id)

    def record(self, id: str, attempt: DeliveryAttempt) -> None:
        """Adds an attempt; does nothing when the subscription is gone."""
        if id not in self._subscriptions:
            return
        numbers = self._attempts_of.get(id, {})
        self._attempts[id, max(numbers, default=0) + 1] = attempt
        if len(numbers) > MAX_ATTEMPTS:
            del self._attempts[id, min(numbers)]
        if attempt.succeeded:
            self._successes[id] = max(attempt.at, self._successes.get(id, 0))

    def reset(self) -> None:
        """Removes all subscriptions."""
        super().reset()
        self._attempts_of.clear()

    def _put(self, subscription: Subscription) -> Subscription:
        self._subscriptions[subscription.id] = subscription
        self._wake()
        return subscription

    def _wake(self) -> None:
        for listener in list(self.listeners):
            listener()

    def _index_attempt(self, key: tuple[str, int], old: DeliveryAttempt | None, new: DeliveryAttempt | None) -> None:
        id, number = key
        if new is None:
            del self._attempts_of[id][number]
        else:
            self._attempts_of.setdefault(id, {})[number] = new

    def _id(self, number: int) -> str:
        rest = int.from_bytes(blake2b(f"{self._salt}/{number}".encode(), digest_size=32).digest())
        text = ""
        for _ in range(_LENGTH):
            rest, place = divmod(rest, len(_ALPHABET))
            text += _ALPHABET[place]
        return text
