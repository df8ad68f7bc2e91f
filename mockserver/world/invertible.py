"""Ids that look drawn and can be read back: each is a permutation of plain numbers that the seed chooses."""

from functools import lru_cache
from math import isqrt

from mockserver.world.rng import mixed, number

CODE_LETTERS = "123456789ABCDEFGHIJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 10
_HALF: int = len(CODE_LETTERS) ** (CODE_LENGTH // 2)
_TAG = (1 << 60) - 1
_REST = (1 << 62) - 1
_WORD = (1 << 64) - 1
_ROUNDS = 4
_LENGTH_OF_UUID = 36


def hidden_uuid(seed: int, id: int) -> str:
    """Returns the UUID of version 4 that belongs to an id, 0 to 2^62 - 1.

    Its first 60 free bits are a hash of the id, and mask the id in the other 62.
    """
    tag_key, mask_key = _keys_of_uuids(seed)
    tag = mixed(tag_key, id) & _TAG
    rest = (id ^ mixed(mask_key, tag)) & _REST
    text = f"{(tag >> 12) << 80 | 4 << 76 | (tag & 0xFFF) << 64 | 2 << 62 | rest:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def id_of_uuid(seed: int, text: str) -> int | None:
    """The inverse of `hidden_uuid`; None for a text that it never returns."""
    return _id_of_uuid(seed, text) if len(text) == _LENGTH_OF_UUID else None


@lru_cache(256)
def _keys_of_uuids(seed: int) -> tuple[int, int]:
    """Returns the keys of the first bits and of the mask."""
    return number(seed, "uuid"), number(seed, "mask")


@lru_cache(256)
def _id_of_uuid(seed: int, text: str) -> int | None:
    # Kept for a while: a call asks for the same one in each agency, and clients ask again.
    try:
        value = int(text.replace("-", ""), 16)
    except ValueError:
        return None
    tag = (value >> 80 << 12 | value >> 64 & 0xFFF) & _TAG
    id = (value ^ mixed(_keys_of_uuids(seed)[1], tag)) & _REST
    return id if hidden_uuid(seed, id) == text else None


def hidden_code(seed: int, id: int) -> str:
    """Returns ten digits and capitals that belong to an id, 0 to 34^10 - 1; no two ids share them."""
    high, low = divmod(id, _HALF)
    low = (low + number(seed, "code", 0, high)) % _HALF
    high = (high + number(seed, "code", 1, low)) % _HALF
    low = (low + number(seed, "code", 2, high)) % _HALF
    return _letters(high) + _letters(low)


def id_of_code(seed: int, text: str) -> int | None:
    """The inverse of `hidden_code`; None for a text that is no code."""
    if len(text) != CODE_LENGTH or not set(text) <= set(CODE_LETTERS):
        return None
    high, low = _value(text[: CODE_LENGTH // 2]), _value(text[CODE_LENGTH // 2 :])
    low = (low - number(seed, "code", 2, high)) % _HALF
    high = (high - number(seed, "code", 1, low)) % _HALF
    low = (low - number(seed, "code", 0, high)) % _HALF
    return high * _HALF + low


def permuted(key: int, size: int, value: int) -> int:
    """Returns the place of a value, 0 to `size - 1`, in an order that the key, a 64-bit number, chooses.

    Rounds of a Feistel network over a square at least as large, as often as they lead beyond `size`: seldom twice.
    """
    side = isqrt(size - 1) + 1
    while True:
        high, low = divmod(value, side)
        for turn in range(_ROUNDS):
            # 32 bits that the key and a small number lead to: a multiplication and a shift cost less than a hash, and
            # a function of its own would cost as much again.
            word = (key + turn ^ low * 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9 & _WORD
            high, low = low, (high + ((word ^ word >> 29) * 0x94D049BB133111EB >> 32 & 0xFFFFFFFF)) % side
        value = high * side + low
        if value < size:
            return value


def restored(key: int, size: int, place: int) -> int:
    """The inverse of `permuted`."""
    side = isqrt(size - 1) + 1
    while True:
        high, low = divmod(place, side)
        for turn in reversed(range(_ROUNDS)):
            word = (key + turn ^ high * 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9 & _WORD
            high, low = (low - ((word ^ word >> 29) * 0x94D049BB133111EB >> 32 & 0xFFFFFFFF)) % side, high
        place = high * side + low
        if place < size:
            return place


def _letters(value: int) -> str:
    letters = []
    for _ in range(CODE_LENGTH // 2):
        value, rest = divmod(value, len(CODE_LETTERS))
        letters.append(CODE_LETTERS[rest])
    return "".join(letters)


def _value(letters: str) -> int:
    value = 0
    for letter in reversed(letters):
        value = value * len(CODE_LETTERS) + CODE_LETTERS.index(letter)
    return value
