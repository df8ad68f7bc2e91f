"""Answers that are given again as they are: to the same call, until something is written or time makes them wrong."""

from collections.abc import Hashable

from mockserver.foundation.cache_budget import CacheBudget
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.recorded_call import RecordedBody
from mockserver.sandbox.store import MemoryStore

_MAX_ANSWERS = 128
_MAX_WEIGHT = 8 << 20
"""The most bytes of all answers of a sandbox."""
_MAX_BODY = 256 * 1024
"""The most bytes of an answer's body that is kept."""
_MAX_KEY = 1_000
"""The most bytes of what a client wrote that is kept in a key."""
_WEIGHT_OF_ANSWER = 2_000
"""About how many bytes an answer takes beside its body."""
_LOOK_EVERY = 256 * 1024
"""After this many bytes more it is seen whether all caches are within their budget."""


class KnownAnswer(NamedTuple):
    """An answer that a handler gave, checked and encoded, and how long it holds."""

    since: Epoch
    """The moment at which it was given: a clock that is set back before it makes it wrong."""
    until: Epoch
    """The first moment at which it may be another."""
    response: EncodedResponse
    recorded: RecordedBody
    """The body as the journal keeps it."""
    notes: tuple[str, ...]
    """The notes of the handler."""


class KnownAnswers:
    """The answers of one sandbox to recent calls; all of them end when its store changes."""

    def __init__(self, store: MemoryStore) -> None:
        self.weight = 0
        """About how many bytes they take."""
        self._store = store
        self._revision = store.revision
        self._answers: dict[Hashable, KnownAnswer] = {}
        self._budget: CacheBudget | None = None
        self._next_look = _LOOK_EVERY

    @property
    def used_at(self) -> float:
        """The moment of the last use, in real seconds since the epoch."""
        return self._store.used_at

    def use_budget(self, budget: CacheBudget) -> None:
        """Keeps no more than that budget allows from now on."""
        self._budget = budget
        budget.add(self)

    def find(self, key: Hashable, now: Epoch) -> KnownAnswer | None:
        """Returns the answer to the call with that key which still holds, if it is known."""
        if self._revision != self._store.revision:
            return None
        answer = self._answers.get(key)
        return answer if answer is not None and answer.since <= now < answer.until else None

    def add(self, key: Hashable, size: int, answer: KnownAnswer) -> None:
        """Keeps an answer, unless it is too long; `size` is how many bytes of the key a client wrote."""
        length = len(answer.response.body)
        if length > _MAX_BODY or size > _MAX_KEY:
            return
        if self._revision != self._store.revision:
            self.drop_cache()
        if (replaced := self._answers.pop(key, None)) is not None:
            self.weight -= _weight_of(replaced)
        self._answers[key] = answer
        self.weight += _weight_of(answer)
        while len(self._answers) > _MAX_ANSWERS or self.weight > _MAX_WEIGHT:
            self.weight -= _weight_of(self._answers.pop(next(iter(self._answers))))
        if self.weight >= self._next_look:
            self._next_look = self.weight + _LOOK_EVERY
            if self._budget is not None:
                self._budget.enforce(self)

    def drop_cache(self) -> None:
        """Forgets all of them."""
        self._answers.clear()
        self._revision = self._store.revision
        self.weight, self._next_look = 0, _LOOK_EVERY


def _weight_of(answer: KnownAnswer) -> int:
    return len(answer.response.body) + _WEIGHT_OF_ANSWER
