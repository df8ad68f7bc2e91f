"""Random numbers without state follow from a key alone, never from what was drawn before."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from struct import Struct
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")

_WORDS = Struct(">16I")


def number(*key: object) -> int:
    """A stable 64-bit number for an ASCII key such as `(seed, kind, id, salt)`."""
    return int.from_bytes(blake2b("/".join(map(str, key)).encode("ascii"), digest_size=8).digest())


def uniform(*key: object) -> float:
    """A stable number in [0, 1) for a key: cheaper than `KeyedRandom` when one answer is enough."""
    return (number(*key) >> 11) / (1 << 53)


def uuid4(*key: object) -> str:
    """A stable UUID for a key that looks like any other of version 4."""
    return str(UUID(int=number(*key, "high") << 64 | number(*key, "low"), version=4))


def pick_weighted(luck: float, weights: Mapping[T, float]) -> T:
    """Returns the key at a share [0, 1) of all weights."""
    left = luck * sum(weights.values())
    for choice, weight in weights.items():
        left -= weight
        if left < 0:
            return choice
    return choice  # rounding: the sum may end a hair above the last step


class KeyedRandom:
    """A sequence of random numbers that starts from a key.

    Blocks of a hash give them: starting a `random.Random` costs 10 µs, as much as all draws of an entity.
    """

    __slots__ = ("_block", "_key", "_left")

    def __init__(self, *key: object) -> None:
        self._key = "/".join(map(str, key))
        self._block = 0
        self._left: list[int] = []

    def uniform(self) -> float:
        """A number in [0, 1), in steps of 2 to the power of -32."""
        if not self._left:
            self._refill()
        return self._left.pop() / 4_294_967_296

    def _refill(self) -> None:
        self._left.extend(_WORDS.unpack(blake2b(f"{self._key}/{self._block}".encode("ascii")).digest()))
        self._block += 1

    def chance(self, probability: float) -> bool:
        """True with that probability, 0 to 1."""
        return self.uniform() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.uniform() * (high - low + 1))

    def pick(self, choices: Sequence[T]) -> T:
        """Draws a choice, all equally likely."""
        return choices[int(self.uniform() * len(choices))]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """Draws a key, each as likely as its weight says."""
        return pick_weighted(self.uniform(), weights)

    def letters(self, alphabet: str, length: int) -> str:
        """A text of that many letters of the alphabet."""
        return "".join(self.pick(alphabet) for _ in range(length))
