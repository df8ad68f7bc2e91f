"""The moments at which what was written changed last: who changed since a moment is found by bisection."""

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable

from mockserver.foundation.epoch import Epoch


class LastChanges:
    """The ids and the moments of the written entities of a kind and an agency.

    Most are as they were created, with ids and moments that ascend together; all others are in the order of moments.
    """

    __slots__ = ("_ids", "_moments", "_others")

    def __init__(
        self, ids: Iterable[int] = (), moments: Iterable[Epoch] = (), others: Iterable[tuple[Epoch, int]] = ()
    ) -> None:
        self._ids = array("q", ids)
        self._moments = array("q", moments)
        self._others = list(others)

    def add(self, id: int, moment: Epoch) -> None:
        """Adds an entity that is not there."""
        ids, moments = self._ids, self._moments
        if not ids or (id > ids[-1] and moment >= moments[-1]):
            ids.append(id)
            moments.append(moment)
        else:
            insort(self._others, (moment, id))

    def extend(self, ids: list[int], moments: list[Epoch]) -> None:
        """Adds entities that are not there, by ascending ids."""
        is_later = not self._ids or (ids[0] > self._ids[-1] and moments[0] >= self._moments[-1])
        if is_later and moments == sorted(moments):
            self._ids.extend(ids)
            self._moments.extend(moments)
        else:
            for id, moment in zip(ids, moments, strict=True):
                self.add(id, moment)

    def remove(self, id: int, moment: Epoch) -> None:
        """Removes an entity that was added with that moment."""
        place = bisect_left(self._ids, id)
        if place < len(self._ids) and self._ids[place] == id:
            del self._ids[place], self._moments[place]
        else:
            del self._others[bisect_left(self._others, (moment, id))]

    def since(self, moment: Epoch) -> list[int]:
        """Returns the ids of those that changed at a moment or later, ascending."""
        ids = self._ids[bisect_left(self._moments, moment) :].tolist()
        ids += [id for _, id in self._others[bisect_left(self._others, (moment,)) :]]
        ids.sort()
        return ids

    def copy(self) -> "LastChanges":
        """Returns another one with the same entities."""
        return LastChanges(self._ids, self._moments, self._others)
