"""Looks up windows of time by a moment, or by a window that they cover, without a look at each of them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable


class WidestWindows:
    """Windows of which none covers another one, both bounds in them."""

    def __init__(self) -> None:
        self._since: list[float] = []
        self._until: list[float] = []

    def covers(self, since: float, until: float) -> bool:
        """Tells whether one of the windows has all of this one in it."""
        # Ends rise with beginnings: of those that begin early enough the last one goes furthest.
        place = bisect_right(self._since, since) - 1
        return place >= 0 and self._until[place] >= until

    def add(self, since: float, until: float) -> None:
        """Adds a window; those that it covers go."""
        if self.covers(since, until):
            return
        first = bisect_left(self._since, since)
        last = bisect_right(self._until, until)
        self._since[first:last] = [since]
        self._until[first:last] = [until]


class FirstWindows:
    """Tells for each moment the first of some windows that has it in it."""

    def __init__(self, windows: Iterable[tuple[float, float]]) -> None:
        ordered = [(since, until, number) for number, (since, until) in enumerate(windows) if since <= until]
        edges = sorted({edge for since, until, _ in ordered for edge in (since, until)})
        # Every edge is a place of its own, and so is the stretch between two of them.
        self._edges = edges
        self._first: list[int | None] = [None] * (2 * len(edges))
        free = _FreePlaces(len(self._first))
        for since, until, number in ordered:
            start, end = 2 * bisect_left(edges, since), 2 * bisect_left(edges, until)
            place = free.next(start)
            while place <= end:
                self._first[place] = number
                free.take(place)
                place = free.next(place)

    def at(self, moment: float) -> int | None:
        """Returns the number of the first window that has the moment in it; None when none has."""
        after = bisect_right(self._edges, moment)
        if after == 0:
            return None
        on_edge = self._edges[after - 1] == moment
        return self._first[2 * (after - 1) + (0 if on_edge else 1)]


class _FreePlaces:
    """Places in a row, each of which leads to the next one that is free."""

    def __init__(self, count: int) -> None:
        self._next = list(range(count + 1))

    def next(self, place: int) -> int:
        """Returns the first free place from this one on."""
        path = []
        while self._next[place] != place:
            path.append(place)
            place = self._next[place]
        for passed in path:
            self._next[passed] = place
        return place

    def take(self, place: int) -> None:
        """Makes a place one that is not free."""
        self._next[place] = place + 1
