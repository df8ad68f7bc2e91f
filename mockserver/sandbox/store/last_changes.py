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
        if not self._ids or (id > self._ids[-1] and moment >= self._moments[-1]):
            self._ids.append(id)
            self._moments.append(moment)
        else:
            insort(self._others, (moment, id))

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
