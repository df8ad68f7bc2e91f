"""The ids of a kind at an agency, as one sequence that is never written out."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import overload


class Ids(Sequence[int]):
    """Some ids, without those of them that are gone, and then those that were added; all ascending."""

    def __init__(self, made: Sequence[int], gone: Sequence[int], added: Sequence[int]) -> None:
        self._made = made
        self._added = added
        # How many stay before each one that is gone: it tells, for a position, how many were passed over.
        self._before = [bisect_left(made, id) - count for count, id in enumerate(gone)]
        self._stay = len(made) - len(gone)

    def __len__(self) -> int:
        return self._stay + len(self._added)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        position = index + len(self) if index < 0 else index
        if position >= self._stay:
            return self._added[position - self._stay]
        if position < 0:
            raise IndexError(index)
        return self._made[position + bisect_right(self._before, position)]
