"""Random numbers without state follow from a key alone, never from what was drawn before."""

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate, chain
from struct import Struct
from typing import TypeVar

T = TypeVar("T")

STEP = 2.0**-32
"""A word of 32 bits times this is a number in [0, 1)."""
STEP_OF_LONG = 2.0**-53
"""The same for the upper 53 bits of a number of 64, as many as a float holds."""
_WORDS = Struct(">16I")
_WORD = (1 << 64) - 1


class Weights(dict[T, float]):
    """Choices, and how common each of them is; laid out once for drawing, and never changed."""

    __slots__ = ("choices", "limits", "total")

    def __init__(self, weights: Mapping[T, float] | Iterable[tuple[T, float]]) -> None:
        super().__init__(weights)
        self.choices = tuple(self)
        *self.limits, self.total = accumulate(self.values())

    def without(self, *choices: T) -> "Weights[T]":
        """Returns the same weights without those choices."""
        return Weights([(choice, weight) for choice, weight in self.items() if choice not in choices])

    def at(self, share: float) -> T:
        """Returns the choice at a share [0, 1) of all weights."""
        return self.choices[bisect(self.limits, share * self.total)]


def number(*key: object) -> int:
    """A stable 64-bit number for an ASCII key such as `(seed, kind, id, salt)`."""
    return int.from_bytes(blake2b("/".join(map(str, key)).encode("ascii"), digest_size=8).digest())


def uniform(*key: object) -> float:
    """A stable number in [0, 1) for a key: cheaper than `KeyedRandom` when one answer is enough."""
    return (number(*key) >> 11) * STEP_OF_LONG


def mixed(key: int, value: int) -> int:
    """A stable 64-bit number for a key, itself one, and a whole number: at a tenth of a hash's price (splitmix64)."""
    word = key + value * 0x9E3779B97F4A7C15 & _WORD
    word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 & _WORD
    word = (word ^ word >> 27) * 0x94D049BB133111EB & _WORD
    return word ^ word >> 31


def uuid4(*key: object) -> str:
    """A stable UUID for a key that looks like any other of version 4."""
    return uuid_of(blake2b("/".join(map(str, key)).encode("ascii"), digest_size=16).digest())


def uuid_of(random: bytes) -> str:
    """Writes 16 random bytes as a UUID of version 4."""
    digits = random.hex()
    variant = "89ab"[random[8] & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


class KeyedRandom:
    """A sequence of random numbers that starts from a key.

    Blocks of a hash give them: starting a `random.Random` costs 5 µs, as much as all draws of an entity.
    """

    __slots__ = ("_word",)

    def __init__(self, *key: object) -> None:
        self._word: Callable[[], int] = chain.from_iterable(_blocks("/".join(map(str, key)))).__next__

    # Each of the following takes its number by itself: a further call would cost as much again as a draw.

    def uniform(self) -> float:
        """A number in [0, 1), in steps of 2 to the power of -32."""
        return self._word() * STEP

    def squared(self) -> float:
        """The square of such a number, small more often than large; a power may differ from machine to machine."""
        luck = self._word() * STEP
        return luck * luck

    def chance(self, probability: float) -> bool:
        """True with that probability, 0 to 1."""
        return self._word() * STEP < probability

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + (self._word() * (high - low + 1) >> 32)

    def pick(self, choices: Sequence[T]) -> T:
        """Draws a choice, all equally likely."""
        return choices[self._word() * len(choices) >> 32]

    def weighted(self, weights: Weights[T]) -> T:
        """Draws a key, each as likely as its weight says."""
        return weights.choices[bisect(weights.limits, self._word() * STEP * weights.total)]


def _blocks(key: str) -> Iterator[tuple[int, ...]]:
    """Yields the words of one block after the other; those of a block from its last one on."""
    block = 0
    while True:
        yield _WORDS.unpack(blake2b(f"{key}/{block}".encode("ascii")).digest())[::-1]
        block += 1
